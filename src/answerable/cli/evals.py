"""answerable eval: runs over the cases, and what they came to."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, err, note, say, table, write
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.writing import write_file

if TYPE_CHECKING:
    from answerable.app.choosing import Wanted
    from answerable.core.evaluation import Run
    from answerable.evals.runs.runner import Finished

EXIT_PARTIAL, EXIT_BUDGET = 5, 14
_GO_ON = "answerable eval run --resume, with the same options"

commands = typer.Typer(help="Runs over the cases: better, worse, same, or can't tell.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="eval")


class ReportFormat(StrEnum):
    """What a report can be."""

    HTML = "html"
    JSON = "json"
    JUNIT = "junit"
    PRETTY = "pretty"


RunArgument = Annotated[
    str, typer.Argument(help="Its id, label, branch, commit, a beginning of its id, or `latest`.")
]


@commands.command("run")
def run(
    suite: Annotated[
        list[Path] | None, typer.Argument(help="Folders and files with cases; [eval] suites.")
    ] = None,
    filter: Annotated[  # noqa: A002 - the option's name
        list[str] | None,
        typer.Option(
            "--filter",
            help="Only cases that match: an id with *, tag:, category:, language:, outcome:; ! before excludes.",
        ),
    ] = None,
    filter_failing: Annotated[
        str,
        typer.Option("--filter-failing", metavar="RUN", help="Only what did not pass in that run, e.g. latest."),
    ] = "",
    changed: Annotated[
        bool,
        typer.Option(
            "--changed", help="Only cases whose file or gold document changed; all, if a prompt or setting did."
        ),
    ] = False,
    since: Annotated[
        str, typer.Option("--since", help="For --changed: a commit; where the branch left main by default.")
    ] = "",
    repeat: Annotated[
        int | None, typer.Option("--repeat", min=1, max=100, help="Times each case is asked.")
    ] = None,
    concurrency: Annotated[int | None, typer.Option("--concurrency", min=1, max=64, help="Cases at once.")] = None,
    max_cost: Annotated[
        float | None, typer.Option("--max-cost", min=0, help="Stop before it costs more; exit 14, to be resumed.")
    ] = None,
    judge: Annotated[
        bool, typer.Option("--judge", help="Ask the judges about the criteria that cases name.")
    ] = False,
    label: Annotated[str, typer.Option("--label", help="A name to find the run by.")] = "",
    resume: Annotated[
        bool, typer.Option("--resume", help="Take up the newest unfinished run of the same cases and fingerprint.")
    ] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Ask also what an earlier run of the same fingerprint answered.")
    ] = False,
    target: Annotated[
        str,
        typer.Option("--target", help="Ask an OpenAI-compatible address, or module:function, instead of this."),
    ] = "",
    target_model: Annotated[str, typer.Option("--target-model", help="The model's name there.")] = "",
    target_key: Annotated[str, typer.Option("--target-key", help="The key there, as env:NAME or file:PATH.")] = "",
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="Write everything that reproduces the run into this folder.")
    ] = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Ask every case and keep every row. A case that fails is a result: `eval gate` decides.

    Rows are kept one by one: after Ctrl-C, a crash or an exhausted budget `--resume` goes on where it stopped, and
    rows of an equal fingerprint (prompts, models, parameters, index, code) are taken from earlier runs.

    Exit 5 when rows could not be measured, 14 when the budget ended it.

    Examples: `answerable eval run` · `answerable eval run --changed` · `answerable eval run --filter tag:returns
    --repeat 3` · `answerable eval run --target demo:answer`
    """
    from answerable.app.choosing import Wanted  # keeps --help quick
    from answerable.app.targets import Aim

    wanted = Wanted(
        suites=tuple(suite or ()),
        patterns=tuple(filter or ()),
        failing_of=filter_failing,
        changed=changed or bool(since),
        since=since,
        aim=Aim(target=target, model=target_model, key=target_key),
        label=label,
        repeats=repeat,
        concurrency=concurrency,
        max_cost=max_cost,
        judge=judge,
        resume=resume,
        use_cache=not no_cache,
    )
    finished, report = project.run(_evaluate(config, wanted, bundle), then=_GO_ON)
    if format is Format.JSON:
        emit_json(report)
    else:
        _tell(finished, report)
    raise typer.Exit(EXIT_BUDGET if finished.stopped else EXIT_PARTIAL if report["overall"]["unmeasured"] else 0)


@commands.command("report")
def report(
    run: RunArgument = "latest",
    format: Annotated[  # noqa: A002
        ReportFormat, typer.Option("--format", help="html is one file; junit is for CI; pretty for the terminal.")
    ] = ReportFormat.HTML,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to; HTML goes to .answerable/reports by default.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Why cases failed, first; then categories, every case with what was expected and what came, costs.

    Examples: `answerable eval report` · `answerable eval report main --format junit -o eval.xml`
    """
    found, place = project.run(_report(config, run))
    if format is ReportFormat.PRETTY:
        from answerable.cli.run_summary import print_summary  # keeps --help quick

        print_summary(found)
        return
    written = output or (place if format is ReportFormat.HTML else None)
    text = _rendered(found, format)
    if written is None:
        write(text)
        return
    write_file(written, text)
    say(str(written))


@commands.command("export")
def export(
    run: RunArgument,
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    config: ConfigOption = None,
) -> None:
    """Write a run with everything that reproduces it: cases, prompts, criteria, settings, rows, versions, hashes.

    Settings name secrets, and never hold one. Questions and answers may hold personal data: see its README.

    Example: `answerable eval export latest bundle/`
    """
    written = project.run(_export(config, run, folder))
    say(f"{len(written)} files in {folder}")


@commands.command("list")
def list_runs(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many, newest first.")] = 20,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """The latest runs. Each can be named by its id, label, branch, commit, or `latest`."""
    found = project.run(_list(config, limit))
    if format is Format.JSON:
        from answerable.core.rows import run_record  # keeps --help quick

        emit_json([run_record(one) for one in found])
        return
    if not found:
        note("no runs yet; `answerable eval run` makes one")
        return
    table(
        ["run", "started", "state", "cases", "repeats", "target", "commit", "branch", "label"],
        [
            [
                one.id,
                str(one.started_at)[:19],
                "finished" if one.finished_at else "unfinished",
                len(one.cases),
                one.repeats,
                one.target,
                one.commit[:7] + ("+" if one.commit.endswith("+") else ""),
                one.branch,
                one.label,
            ]
            for one in found
        ],
        right=["cases", "repeats"],
    )


async def _list(config: Path | None, limit: int) -> list[Run]:
    async with project.system(config) as system:
        return await system.runs.runs(tenant=system.settings.project.tenant, limit=limit)


async def _evaluate(config: Path | None, wanted: Wanted, bundle: Path | None) -> tuple[Finished, dict[str, Any]]:
    from answerable.app.attributing import attribute
    from answerable.app.bundling import check_empty, export_run
    from answerable.app.evaluating import evaluate
    from answerable.cli.run_progress import run_progress
    from answerable.evals.runs.report import report_of

    if bundle is not None:
        check_empty(bundle)  # before anything is paid for
    async with project.system(config) as system:
        with run_progress() as observe:
            finished = await evaluate(system, wanted, observe=observe, tell=note)
        if bundle is not None:
            await export_run(system, finished.run.id, bundle)
        lost = await attribute(system, finished.run, finished.rows)
        return finished, report_of(finished.run, finished.rows, lost=lost)


def _tell(finished: Finished, report: dict[str, Any]) -> None:
    from answerable.cli.run_summary import print_summary

    pace = f", {finished.asked / finished.seconds:.1f} rows/s" if finished.asked else ""
    kept = f", {finished.kept} kept" if finished.kept else ""
    cached = f", {finished.cached} from the cache" if finished.cached else ""
    print_summary(report, told=f"{finished.asked} rows asked in {finished.seconds:.1f} s{pace}{kept}{cached}")
    if finished.unpriced and finished.asked:
        note(f"{finished.unpriced} rows have no price: no budget can hold them back ([price.MODEL] sets it)")
    if finished.stopped:
        err.print(f"stopped: {finished.stopped}", style="yellow", markup=False)
        note(f"go on with: {_GO_ON}, and a higher --max-cost")


async def _report(config: Path | None, reference: str) -> tuple[dict[str, Any], Path]:
    from answerable.app.reporting import load_report, report_place

    async with project.system(config) as system:
        found = await load_report(system, reference)
        return found, report_place(system, found["run"]["id"])


def _rendered(report: dict[str, Any], format: ReportFormat) -> str:  # noqa: A002
    if format is ReportFormat.JSON:
        return json.dumps(report, ensure_ascii=False, indent=2) + "\n"
    if format is ReportFormat.JUNIT:
        from answerable.evals.runs.junit import to_junit

        return to_junit(report)
    from answerable.evals.runs.html import to_html

    return to_html(report)


async def _export(config: Path | None, reference: str, folder: Path) -> list[Path]:
    from answerable.app.bundling import export_run

    async with project.system(config) as system:
        return await export_run(system, reference, folder)
