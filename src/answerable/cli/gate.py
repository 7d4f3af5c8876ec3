"""answerable eval compare | gate | baseline | waive: better, worse, same, or can't tell."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say, write
from answerable.cli.evals import commands as eval_commands
from answerable.cli.options import ConfigOption
from answerable.cli.writing import write_file
from answerable.core.errors import ConfigError

if TYPE_CHECKING:
    from answerable.app.choosing import Wanted
    from answerable.app.gating import Accepting, Gating
    from answerable.app.targets import Aim
    from answerable.evals.gate.report import Report
    from answerable.evals.gate.search_first import Searches, Stopped
    from answerable.evals.gate.sides import Side


class Written(StrEnum):
    """How a comparison is written."""

    PRETTY = "pretty"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


WrittenOption = Annotated[
    Written, typer.Option("--format", help="pretty for a terminal, markdown for a pull request, html, json.")
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write there; the terminal keeps the short form.")
]
NameOption = Annotated[str, typer.Option("--name", help="Who says so.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why.")]


def register(app: typer.Typer) -> None:
    """Add the commands to those of `eval`, which are added to `app` beside these."""
    del app
    baselines = typer.Typer(help="The run that the gate compares with, kept in git.", no_args_is_help=True)
    baselines.command("set")(set_baseline)
    eval_commands.add_typer(baselines, name="baseline")
    for name, command in (("compare", compare), ("gate", gate), ("waive", waive)):
        eval_commands.command(name)(command)


def compare(
    sides: Annotated[
        str, typer.Argument(help="BASE..HEAD, each a run, label, branch, commit, latest, baseline or .json file.")
    ] = "baseline..latest",
    config: ConfigOption = None,
    format: WrittenOption = Written.PRETTY,  # noqa: A002
    output: OutputOption = None,
) -> None:
    """Two runs, case by case: better, worse, same, or can't tell. Leaves with the gate's exit code.

    Example: `answerable eval compare main..HEAD`
    """
    base, dots, head = sides.partition("..")
    if not dots or not base or not head:
        raise ConfigError(f"{sides!r} is not BASE..HEAD", hint="e.g. main..HEAD, or baseline..latest")
    _finish(project.run(_compare(config, base, head)), format, output)


def gate(
    run: Annotated[str, typer.Argument(help="A run to hold to the baseline; without one the suite is run.")] = "",
    base: Annotated[str, typer.Option("--base", help="What to compare with.")] = "baseline",
    repeat: Annotated[
        int | None, typer.Option("--repeat", min=1, max=100, help="Times each case is asked.")
    ] = None,
    target: Annotated[
        str, typer.Option("--target", help="An http(s) address or module:function; empty: this system.")
    ] = "",
    target_model: Annotated[str, typer.Option("--target-model", help="The model's name there.")] = "",
    target_key: Annotated[str, typer.Option("--target-key", help="The key there, as env:NAME or file:PATH.")] = "",
    judge: Annotated[bool, typer.Option("--judge", help="Ask the judges too.")] = False,
    max_cost: Annotated[float | None, typer.Option("--max-cost", min=0, help="Stop before it costs more.")] = None,
    accept_inconclusive: Annotated[
        bool, typer.Option("--accept-inconclusive", help="Pass what cannot be told, by a person's word.")
    ] = False,
    name: NameOption = "",
    reason: ReasonOption = "",
    config: ConfigOption = None,
    format: WrittenOption = Written.PRETTY,  # noqa: A002
    output: OutputOption = None,
) -> None:
    """Hold a change to the baseline: exit 0 passed, 10 failed, 11 inconclusive.

    Retrieval is compared first; where it has become worse nothing is generated. Example: `answerable eval gate`
    """
    from answerable.app.targets import Aim  # keeps --help quick

    accepting = _accepting(accept_inconclusive, name, reason)
    aim = Aim(target=target, model=target_model, key=target_key)
    asked = _asked(run, base, _wanted(repeat, aim, judge, max_cost), accepting)
    _finish(project.run(_gate(config, asked)), format, output)


def set_baseline(
    run: Annotated[str, typer.Argument(help="A finished run: id, label, branch, commit or latest.")] = "latest",
    config: ConfigOption = None,
) -> None:
    """Write the baseline from a good run; commit the file. Example: `answerable eval baseline set latest`"""
    from answerable.evals.gate.words import plural  # keeps --help quick

    path, side = project.run(_set_baseline(config, run))
    cases = {row.case for row in side.rows}
    say(f"wrote {path}: {plural(len(cases), 'case')} of {side.name}; commit it")
    if broken := {row.case for row in side.rows if row.passed is None}:
        note(f"{len(broken)} of them could not be measured: the gate has nothing to hold a change to there")
    if missing := _suite(config) - cases:
        some = ", ".join(sorted(missing)[:3]) + (" …" if len(missing) > 3 else "")
        note(f"not in it, and not compared: {plural(len(missing), 'case')} of the suite: {some}")


def waive(
    gate_name: Annotated[
        str, typer.Argument(metavar="GATE", help="As the report names it, e.g. overall or must-pass:CASE.")
    ],
    name: NameOption,
    reason: ReasonOption,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day that it counts.")],
    only: Annotated[str, typer.Option(help="Only for this run.")] = "",
    config: ConfigOption = None,
) -> None:
    """Pass a gate by a person's word, with a reason and an end. Every report shows it.

    Example: `answerable eval waive category:typo --name "A. Person" --reason "new source" --until 2026-12-01`
    """
    from answerable.app.comparing import waive as add  # keeps --help quick

    path = add(project.project(config), gate_name, name=name, reason=reason, until=until.date(), only=only)
    say(f"waived {gate_name} until {until.date()} in {path}; commit it")


def _suite(config: Path | None) -> set[str]:
    """The ids of the configured cases; those in bad files are the business of `case check`."""
    from answerable.evals.cases.files import read_suite  # keeps --help quick

    here = project.project(config)
    filed, _ = read_suite([here.path(one) for one in here.settings.eval.suites])
    return {one.case.id for one in filed}


def _accepting(wanted: bool, name: str, reason: str) -> Accepting | None:
    from answerable.app.gating import Accepting  # keeps --help quick

    if not wanted:
        return None
    if not name.strip() or not reason.strip():
        raise ConfigError(
            "--accept-inconclusive needs a person and a reason", hint='add --name "..." --reason "..."'
        )
    return Accepting(name=name, reason=reason)


def _wanted(repeat: int | None, aim: Aim, judge: bool, max_cost: float | None) -> Wanted:
    from answerable.app.choosing import Wanted  # keeps --help quick

    return Wanted(aim=aim, repeats=repeat, judge=judge, max_cost=max_cost)


def _asked(run: str, base: str, wanted: Wanted, accepting: Accepting | None) -> Gating:
    from answerable.app.gating import Gating  # keeps --help quick

    return Gating(run=run, base=base, wanted=wanted, accepting=accepting)


async def _compare(config: Path | None, base: str, head: str) -> Report:
    from answerable.app.comparing import is_file, read_side, report  # keeps --help quick

    command = f"answerable eval compare {base}..{head}"
    opened = project.project(config)
    if is_file(base) and is_file(head):
        sides = [await read_side(opened, None, one) for one in (base, head)]
        return report(opened, *sides, command=command)
    async with project.system(config) as system:
        sides = [await read_side(opened, system, one) for one in (base, head)]
    return report(opened, *sides, command=command)


async def _gate(config: Path | None, asked: Gating) -> Report | Stopped:
    from answerable.app.gating import gate as hold  # keeps --help quick
    from answerable.cli.run_progress import run_progress

    async with project.system(config) as system:
        with run_progress() as observe:
            return await hold(system, asked, observe=observe, tell=note, tell_searches=_tell_searches)


async def _set_baseline(config: Path | None, run: str) -> tuple[Path, Side]:
    from answerable.app.comparing import set_baseline as write  # keeps --help quick

    async with project.system(config) as system:
        return await write(system, run)


def _tell_searches(searches: Searches) -> None:
    from answerable.evals.gate.stopped_text import searches_text  # keeps --help quick

    for line in searches_text(searches):
        note(line)


def _finish(found: Report | Stopped, format: Written, output: Path | None) -> None:  # noqa: A002
    """Write it, and leave with the ruling's exit code."""
    if output is not None:
        _save(found, format, output)
    elif format is Written.JSON:
        emit_json(_record(found))
    else:
        write(_written(found, format).rstrip("\n") + "\n")
    if code := found.decision.ruling.exit_code:
        raise typer.Exit(code)


def _save(found: Report | Stopped, format: Written, output: Path) -> None:  # noqa: A002
    import json

    written = _written(found, format) if format is not Written.JSON else json.dumps(_record(found), indent=2)
    write_file(output, written.rstrip("\n") + "\n")
    write(_written(found, Written.PRETTY) + "\n")
    note(f"wrote {output}")


def _written(found: Report | Stopped, format: Written) -> str:  # noqa: A002
    from answerable.evals.gate.markdown import write_markdown
    from answerable.evals.gate.page import write_page
    from answerable.evals.gate.search_first import Stopped
    from answerable.evals.gate.stopped_text import stopped_markdown, stopped_page, stopped_text
    from answerable.evals.gate.text import write_text

    if isinstance(found, Stopped):
        stopped = {Written.MARKDOWN: stopped_markdown, Written.HTML: stopped_page}
        return stopped.get(format, stopped_text)(found)
    return {Written.MARKDOWN: write_markdown, Written.HTML: write_page}.get(format, write_text)(found)


def _record(found: Report | Stopped) -> dict[str, Any]:
    from answerable.evals.gate.record import report_record
    from answerable.evals.gate.search_first import Stopped
    from answerable.evals.gate.stopped_text import stopped_record

    return stopped_record(found) if isinstance(found, Stopped) else report_record(found)
