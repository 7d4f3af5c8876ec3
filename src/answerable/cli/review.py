"""answerable review: people read a fair sample of what was answered."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.writing import writing
from answerable.core.errors import ConfigError
from answerable.core.evaluation import Answered
from answerable.core.review import Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from answerable.app.review_statistics import Exported, Statistics
    from answerable.app.reviewing import Desk, Said, Sheet
    from answerable.core.review import Batch, Reading

commands = typer.Typer(help="People read a fair sample of what was answered.", no_args_is_help=True)
INCONCLUSIVE = 11

ReviewerOption = Annotated[
    str, typer.Option("--reviewer", "-r", help="Who reads; not needed where [review] reviewers has one name.")
]
BatchOption = Annotated[str, typer.Option(help="One batch, e.g. 2026-W47; all by default.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="review")


@commands.command("plan")
def plan(
    period: Annotated[str, typer.Option(help="An ISO week, e.g. 2026-W47; the last one that is over.")] = "",
    now: Annotated[bool, typer.Option("--now", help="The running period, from its answers until now.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Draw nothing; exit 11 where something is undrawn or overdue.")
    ] = False,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Draw the batch of a period from the answers that were given in it.

    The same period again gives the same batch. Examples: `answerable review plan` ·
    `answerable review plan --period 2026-W47` · `answerable review plan --check`
    """
    if check:
        _check(config, format)
        return
    batch, count = project.run(_plan(config, period, now))
    if format is Format.JSON:
        from answerable.cli.reviews import batch_row

        emit_json({**batch_row(batch), "items": count})
        return
    _print_plan(batch, count)


def _check(config: Path | None, format: Format) -> None:  # noqa: A002
    late = project.run(_late(config))
    if format is Format.JSON:
        emit_json({"late": late})
    else:
        for line in late or ["nothing is overdue"]:
            say(line)
    raise typer.Exit(INCONCLUSIVE if late else 0)


def _print_plan(batch: Batch, count: int) -> None:
    say(f"{batch.id}: {count} of {batch.population} answers, due {batch.due:%Y-%m-%d}")
    if not batch.population:
        note("there were no answers to review in this period")
        return
    for draw in batch.draws:
        say(f"  {draw.stratum:<10} {draw.drawn} of {draw.size}")
    if count == batch.population:
        note("fewer answers than [review] items: all of them are in it, and nothing is left to estimate")
    else:
        note("an answer that two draws hit is in it once; each keeps its chance of having been drawn")


@commands.command("next")
def next_item(
    reviewer: ReviewerOption = "",
    item: Annotated[str, typer.Option(help="Say something of this item, without being asked.")] = "",
    verdict: Annotated[
        list[str] | None, typer.Option(help="criterion=yes, =no or =unsure; one for each criterion.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; wanted for a NO, a harm and a decision.")] = "",
    harm: Annotated[str, typer.Option(help="S1 (law, safety, money, personal data) … S4 (tone).")] = "",
    correction: Annotated[str, typer.Option(help="The answer as it should have been.")] = "",
    comment: Annotated[str, typer.Option(help="Anything else.")] = "",
    adjudicate: Annotated[bool, typer.Option("--adjudicate", help="Decide what two readers differ on.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take back your last reading, or that of --item.")] = False,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Read the next answer, blind, and say what you think of it.

    At a terminal it asks with single keys. For scripts: without a terminal it shows the item and its id, and
    `--item ID --verdict grounded=yes --verdict relevant=no --reason "…"` records; said again, it amends.
    """
    role = Role.ADJUDICATOR if adjudicate else Role.READER
    if undo:
        _print_kept(project.run(_undo(config, reviewer, item, role)), format)
    elif item and verdict:
        said = _said(verdict, reason, harm, correction, comment)
        _print_kept(project.run(_record(config, reviewer, item, said, role)), format)
    elif item or verdict:
        raise ConfigError("--item and --verdict go together", hint="--item ID --verdict grounded=yes …")
    else:
        raise typer.Exit(project.run(_read(config, reviewer, role, format)))


@commands.command("stats")
def stats(
    batch: BatchOption = "",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Progress, agreement, and the rate of each criterion with what it rests on."""
    from answerable.cli.reviews import print_statistics, statistics_record  # keeps --help quick

    found = project.run(_stats(config, batch or None))
    if format is Format.JSON:
        emit_json(statistics_record(found))
    elif not found.progress:
        note("nothing was drawn yet; `answerable review plan` draws a batch")
    else:
        print_statistics(found)


@commands.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write into.")] = Path("reviews"),
    batch: BatchOption = "",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Write labels.jsonl and items.jsonl, which `judge check` reads, and reviews.csv.

    Example: `answerable review export -o evals`, where `judge check` looks for them
    """
    with writing(out):
        done = project.run(_export(config, out, batch or None))
    if format is Format.JSON:
        emit_json({"files": [str(one) for one in done.files], "labels": done.labels, "items": done.items})
        return
    for path in done.files:
        say(str(path))
    note(f"{done.labels} labels of {done.items} answers" + (f"; {done.gone} are gone" if done.gone else ""))


@asynccontextmanager
async def _desk(config: Path | None) -> AsyncIterator[Desk]:
    from answerable.app.reviewing import make_desk  # keeps --help quick

    async with project.system(config) as system:
        yield make_desk(system)


def _reader(desk: Desk, named: str) -> str:
    """The named one, the only configured one, or the person at this machine where nobody is configured."""
    known = desk.section.reviewers
    if named or len(known) == 1:
        return named or known[0]
    if known:
        raise ConfigError("who reads?", hint=f"--reviewer, one of: {', '.join(known)}")
    return "local"


def _said(verdicts: list[str], reason: str, harm: str, correction: str, comment: str) -> Said:
    from answerable.app.reviewing import Said  # keeps --help quick

    found = {}
    for one in verdicts:
        name, _, value = one.partition("=")
        if value.upper() not in Answered.__members__:
            raise ConfigError(f"--verdict {one!r} is not to be read", hint="criterion=yes, =no or =unsure")
        found[name.strip()] = Answered(value.upper())
    return Said(verdicts=found, reason=reason, severity=harm.upper(), correction=correction, comment=comment)


async def _plan(config: Path | None, name: str, now: bool) -> tuple[Batch, int]:
    from answerable.app.drawing import pick_period, plan_batch  # keeps --help quick

    async with _desk(config) as desk:
        batch = await plan_batch(desk, pick_period(desk, name, running=now), early=now)
        return batch, len(await desk.reviews.items(tenant=desk.tenant, batch=batch.id))


async def _late(config: Path | None) -> list[str]:
    from answerable.app.review_statistics import what_is_late  # keeps --help quick

    async with _desk(config) as desk:
        return await what_is_late(desk)


async def _undo(config: Path | None, reviewer: str, item: str, role: Role) -> Reading:
    async with _desk(config) as desk:
        return await desk.undo(_reader(desk, reviewer), item=item, role=role)


async def _record(config: Path | None, reviewer: str, item: str, said: Said, role: Role) -> Reading:
    async with _desk(config) as desk:
        return await desk.record(item, _reader(desk, reviewer), said, role=role)


async def _read(config: Path | None, reviewer: str, role: Role, format: Format) -> int:  # noqa: A002
    """One item after the other at a terminal; otherwise the next one is shown."""
    from answerable.cli.reading import ask_about, at_a_terminal  # keeps --help quick
    from answerable.cli.reviews import print_sheet, sheet_record

    async with _desk(config) as desk:
        reader = _reader(desk, reviewer)
        while sheet := await desk.open_next(reader, role=role):
            if format is Format.JSON:
                emit_json(sheet_record(sheet))
                return 0
            print_sheet(sheet)
            if not at_a_terminal():
                note(_how(sheet, reader, role))
                return 0
            said = ask_about(sheet)
            if said is None:
                await desk.reviews.release(tenant=desk.tenant, item=sheet.item.id, reader=reader)
                return 0
            await desk.record(sheet.item.id, reader, said, role=role)
        if format is Format.JSON:
            emit_json(None)
        note(f"nothing is left for {reader}")
        return 0


def _how(sheet: Sheet, reader: str, role: Role) -> str:
    verdicts = " ".join(f"--verdict {one.id}=…" for one in sheet.criteria)
    deciding = " --adjudicate" if role is Role.ADJUDICATOR else ""
    return f"answerable review next -r {reader}{deciding} --item {sheet.item.id} {verdicts} [--reason …]"


async def _stats(config: Path | None, batch: str | None) -> Statistics:
    from answerable.app.review_statistics import review_statistics  # keeps --help quick

    async with _desk(config) as desk:
        return await review_statistics(desk, batch)


async def _export(config: Path | None, out: Path, batch: str | None) -> Exported:
    from answerable.app.review_statistics import export_reviews  # keeps --help quick

    async with _desk(config) as desk:
        return await export_reviews(desk, out, batch)


def _print_kept(kept: Reading, format: Format) -> None:  # noqa: A002
    if format is Format.JSON:
        emit_json({"item": kept.item, "reader": kept.reader, "number": kept.number, "withdrawn": kept.withdrawn})
    else:
        note(f"{kept.item}: {'taken back' if kept.withdrawn else 'kept'}")
