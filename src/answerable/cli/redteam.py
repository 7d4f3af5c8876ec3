"""answerable redteam: attack the project as it is, and see what got through."""

from __future__ import annotations

import logging
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, out, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.redteam_progress import attack_progress
from answerable.cli.writing import write_file
from answerable.evals.redteam.pack import Family, Pack, read_pack
from answerable.evals.redteam.summary import Line, Summary, summarize, summary_record

if TYPE_CHECKING:
    from answerable.app.redteam.running import Finished, Wanted

commands = typer.Typer(help="Attack this project, and see what gets through.", no_args_is_help=True)
packs = typer.Typer(help="Packs of attacks: dated data, kept without a new version.", no_args_is_help=True)
commands.add_typer(packs, name="pack")

FOUND, STOPPED = 15, 14
_ROWS = 20  # of what got through, on a terminal
_GO_ON = "answerable redteam run --resume latest"

RunArgument = Annotated[str, typer.Argument(help="A run's id, the beginning of one, or latest.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="redteam")


@commands.command("run")
def run(
    pack: Annotated[list[str] | None, typer.Option(help="Only this pack. Repeatable.")] = None,
    family: Annotated[list[Family] | None, typer.Option(help="Only this family. Repeatable.")] = None,
    target: Annotated[
        str,
        typer.Option(
            help="scripted:captured (obeys every attack), scripted:obedient, extractive, configured (the "
            "project's own models), or the http(s) address of an OpenAI-compatible endpoint."
        ),
    ] = "scripted:captured",
    detectors: Annotated[
        bool,
        typer.Option("--detectors/--no-detectors", help="Without them, what only guesses at attacks is left out."),
    ] = True,
    limit: Annotated[int | None, typer.Option(min=1, help="So many trials, spread over all of them.")] = None,
    max_cost: Annotated[
        float | None, typer.Option("--max-cost", min=0, help="Stop before it costs more; exit 14, to be resumed.")
    ] = None,
    resume: Annotated[str, typer.Option(help="Go on with this run: an id, or latest.")] = "",
    html: Annotated[Path | None, typer.Option(help="Write the report as a page, too.")] = None,
    cases: Annotated[
        Path | None, typer.Option(help="Write what got through as cases of a regression suite, into this folder.")
    ] = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Try every attack of the packs end to end, and judge by what leaves.

    What is asked is asked of the project's own index, without a trace. What travels in a document is ingested into
    a schema of its own, which is dropped at the end. Exit 0 when nothing got through, 15 when something did, 14
    when the limit of costs ended it.
    """
    from answerable.app.redteam.running import Wanted

    wanted = Wanted(
        packs=tuple(pack or ()),
        families=tuple(family or ()),
        target=target,
        detectors=detectors,
        limit=limit,
        max_cost=None if max_cost is None else Decimal(str(max_cost)),
        resume=resume,
    )
    done = project.run(_attack(config, wanted), then=_GO_ON)
    _show(done.summary, format)
    _write(done.summary, html, cases, config)
    if done.stopped:
        note(f"{done.stopped}; go on with: {_GO_ON}")
        raise typer.Exit(STOPPED)
    raise typer.Exit(FOUND if done.summary.run.through else 0)


@commands.command("show")
def show(
    reference: RunArgument = "latest",
    html: Annotated[Path | None, typer.Option(help="Write the report as a page.")] = None,
    cases: Annotated[Path | None, typer.Option(help="Write what got through as cases, into this folder.")] = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """What a run found, compared with the one before of the same target."""
    from answerable.app.redteam.running import runs_of

    runs = runs_of(project.project(config))
    kept = runs.read(reference)
    summary = summarize(kept, runs.before(kept.head))
    _show(summary, format)
    _write(summary, html, cases, config)


@packs.command("list")
def list_packs(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Every pack with its date, its age and its attacks."""
    from answerable.app.redteam.packs import packs_of

    found = packs_of(project.project(config)).all()
    if format is Format.JSON:
        emit_json([_pack_record(one) for one in found])
        return
    today = date.today()
    rows = [
        (one.name, one.version, one.date, f"{one.age_days(today)} d", len(one.attacks), _count(one), _from(one))
        for one in found
    ]
    right = ("age", "attacks", "trials")
    table(("pack", "version", "date", "age", "attacks", "trials", "from"), rows, right=right)


@packs.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="A pack: a TOML file.")],
    config: ConfigOption = None,
) -> None:
    """Check a pack, copy it to redteam/packs, and record its hash. One of a shipped pack's name replaces that."""
    from answerable.app.redteam.packs import packs_of

    added = packs_of(project.project(config)).add(file)
    say(f"{added.name} {added.version} of {added.date}: {_count(added)} trials, sha256 {added.sha256[:16]}")


@packs.command("check")
def check(
    file: Annotated[Path | None, typer.Argument(help="A pack; without one, every pack of the project.")] = None,
    config: ConfigOption = None,
) -> None:
    """Read packs and say what is wrong with them; hashes are compared with those recorded."""
    from answerable.app.redteam.packs import packs_of

    found = (read_pack(file),) if file else packs_of(project.project(config)).all()
    for one in found:
        say(f"ok   {one.name} {one.version} of {one.date}: {len(one.attacks)} attacks, {_count(one)} trials")


async def _attack(config: Path | None, wanted: Wanted) -> Finished:
    from answerable.app.redteam.running import attack

    async with project.system(config) as system:
        logging.disable(logging.CRITICAL)  # the attacks are ours: what the log says of them is no news
        try:
            with attack_progress() as observe:
                return await attack(system, wanted, observe=observe, tell=note)
        finally:
            logging.disable(logging.NOTSET)


def _show(summary: Summary, format: Format) -> None:  # noqa: A002
    if format is Format.JSON:
        emit_json(summary_record(summary))
        return
    rows = [(one.name, f"{one.through} of {one.n}", one.unmeasured or "", _bound(one)) for one in summary.lines]
    table(("attacks", "got through", "unmeasured", "upper 95 %"), rows, right=("got through", "upper 95 %"))
    through = summary.run.through
    for one in through[:_ROWS]:
        out.print("THROUGH", style="red", end=" ")
        say(f"{one.id}  {', '.join(one.breaches or ())}  {one.trace_id}")
    if len(through) > _ROWS:
        say(f"… and {len(through) - _ROWS} more; --format json has all of them")
    if summary.before:
        say(f"since {summary.before}: {len(summary.new)} new, {len(summary.gone)} gone")
    if summary.run.head.target.startswith("scripted:"):
        note("the model was a scripted one that does what attacks want: what the system holds is no model's merit")


def _bound(line: Line) -> str:
    return "–" if line.upper is None else f"{100 * line.upper:.1f} %"


def _write(summary: Summary, html: Path | None, cases: Path | None, config: Path | None) -> None:
    if html is not None:
        from answerable.evals.redteam.page import to_html

        name = project.project(config).settings.project.name
        write_file(html, to_html(summary, project=name, today=date.today()))
        note(f"wrote {html}")
    if cases is not None:
        from answerable.evals.redteam.regression import write_cases

        written = write_cases(summary.run, cases)
        note(f"wrote {written} cases to {cases}" if written else "nothing got through that was asked: no case")


def _count(pack: Pack) -> int:
    return sum(1 for _ in pack.trials())


def _from(pack: Pack) -> str:
    return "shipped" if not pack.path else pack.path


def _pack_record(pack: Pack) -> dict[str, object]:
    return {
        "name": pack.name,
        "version": pack.version,
        "date": pack.date.isoformat(),
        "age_days": pack.age_days(date.today()),
        "license": pack.license,
        "sha256": pack.sha256,
        "attacks": len(pack.attacks),
        "trials": _count(pack),
        "sources": [one.model_dump() for one in pack.sources],
        "from": _from(pack),
    }
