"""answerable ci init | run: a branch held to where it began, on any machine, with one report."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Self

import typer

from answerable.cli import project
from answerable.cli.ci_files import write_ci
from answerable.cli.console import note, say, write
from answerable.cli.options import ConfigOption
from answerable.cli.writing import write_file
from answerable.core.errors import AnswerableError, ConfigError

if TYPE_CHECKING:
    from answerable.app.branches.pull_request import Asked, Drafted, Heard
    from answerable.evals.change.report import BranchReport
    from answerable.evals.gate.search_first import Searches
    from answerable.evals.runs.progress import Observer

commands = typer.Typer(
    help="A branch held to where it began: for pull requests, and before one.", no_args_is_help=True
)


class Written(StrEnum):
    """How the report is written."""

    MARKDOWN = "markdown"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="ci")


@commands.command("init")
def init(
    config: ConfigOption = None,
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,
) -> None:
    """Write ci.sh, and a workflow for GitHub that runs it on each pull request and keeps one comment.

    What is there stays as it is. Example: `answerable ci init`
    """
    found = write_ci(project.project(config).base, force=force)
    for path in found.written:
        say(f"wrote {path}")
    for path in found.kept:
        note(f"kept {path}, which is there; --force writes over it")
    for word in found.notes:
        note(word)


@commands.command("run")
def run(
    base: Annotated[
        str, typer.Option("--base", metavar="REF", help="Held to where this branch left REF; main when not given.")
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Though nothing changed that decides an answer.")
    ] = False,
    measure_base: Annotated[
        bool, typer.Option("--measure-base", help="Measure the base now, though it has a baseline.")
    ] = False,
    sync: Annotated[
        bool | None,
        typer.Option(
            "--sync/--no-sync",
            help="Sync the sources first; when not given, where the database is this project's own.",
        ),
    ] = None,
    repeat: Annotated[
        int | None, typer.Option("--repeat", min=1, max=100, help="Times each case is asked.")
    ] = None,
    judge: Annotated[bool, typer.Option("--judge", help="Ask the judges too.")] = False,
    max_cost: Annotated[float | None, typer.Option("--max-cost", min=0, help="Stop before it costs more.")] = None,
    accept_inconclusive: Annotated[
        bool, typer.Option("--accept-inconclusive", help="Pass what cannot be told, by a person's word.")
    ] = False,
    name: Annotated[str, typer.Option("--name", help="Who says so.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "",
    config: ConfigOption = None,
    format: Annotated[  # noqa: A002
        Written, typer.Option("--format", help="markdown for a pull request, json for programs.")
    ] = Written.MARKDOWN,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the report there.")] = None,
) -> None:
    """What a branch changes, linted, tested and measured against where it began.

    Exit 0 passed, 10 failed, 12 lint errors, 11 can't tell, in this order; a check that broke leaves with its own
    code, before 11. The report is written whatever happens. Example: `answerable ci run --output report.md`
    """
    from answerable.app.branches.pull_request import Asked, check_branch  # keeps --help quick
    from answerable.cli.run_progress import run_progress

    asked = Asked(
        base=base,
        everything=everything,
        measure_base=measure_base,
        sync=sync,
        repeats=repeat,
        judge=judge,
        max_cost=max_cost,
        accepted_by=_accepted_by(accept_inconclusive, name, reason),
        accepted_for=reason,
        command="answerable ci run" + (f" --base {base}" if base else ""),
    )
    with _Report(asked, format, output) as written, run_progress() as observe:
        project.run(check_branch(config, asked, drafted=written.drafted, heard=_heard(observe)))
    if code := written.drafted.report.exit_code:
        raise typer.Exit(code)


def _heard(observe: Observer) -> Heard:
    from answerable.app.branches.pull_request import Heard  # keeps --help quick

    return Heard(tell=note, tell_searches=_tell_searches, observe=observe)


def _tell_searches(searches: Searches) -> None:
    from answerable.evals.gate.stopped_text import searches_text

    for line in searches_text(searches):
        note(line)


def _accepted_by(wanted: bool, name: str, reason: str) -> str:
    if wanted and not (name.strip() and reason.strip()):
        raise ConfigError("--accept-inconclusive needs a person and a reason", hint='add --name "…" --reason "…"')
    return name.strip() if wanted else ""


class _Report:
    """Writes the report when the work ends, however it ends."""

    def __init__(self, asked: Asked, format: Written, output: Path | None) -> None:  # noqa: A002
        from answerable.app.branches.pull_request import Drafted
        from answerable.evals.change.report import BranchReport

        begun = BranchReport(
            project="", base=asked.base or "main", base_commit="", head_commit="", command=asked.command
        )
        self.drafted: Drafted = Drafted(report=begun)
        self._format, self._output = format, output

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        from answerable.evals.change.stage import broke

        if error is not None:
            stage, code = _ended(error)
            self.drafted.add(broke("the run", stage, code))
        text = _text(self.drafted.report, self._format)
        if self._output is None:
            write(text)
            return
        write_file(self._output, text)
        say(_summary(self.drafted.report))
        note(f"wrote {self._output}")


def _ended(error: BaseException) -> tuple[str, int]:
    """In words, with the exit code; what is no error of ours is named with its class."""
    if isinstance(error, AnswerableError):
        return f"{error} ({error.hint})" if error.hint else str(error), error.exit_code
    if isinstance(error, typer.Exit):
        return "it was interrupted", error.exit_code
    return f"answerable itself broke: {type(error).__name__}: {error}", 1


def _text(report: BranchReport, format: Written) -> str:  # noqa: A002
    from answerable.evals.change.markdown import write_markdown
    from answerable.evals.change.record import branch_record

    if format is Written.JSON:
        return json.dumps(branch_record(report), ensure_ascii=False, indent=2, default=str) + "\n"
    return write_markdown(report)


def _summary(report: BranchReport) -> str:
    from answerable.evals.change.verdict import verdict

    stages = [f"  {one.name:<9}{one.state:<14}{one.words}" for one in report.stages]
    return "\n".join([verdict(report), *stages, f"exit {report.exit_code}"])
