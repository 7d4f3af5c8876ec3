"""answerable quarantine: documents that wait for somebody's decision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.core.quarantine import HeldDocument, HeldState

if TYPE_CHECKING:
    from answerable.app import System

commands = typer.Typer(help="Documents that wait for somebody's decision.", no_args_is_help=True)
OPERATOR = "operator"
_ID_SHOWN = 15

Reference = Annotated[str, typer.Argument(help="The id (qu_…), a unique beginning of it, or the uri.")]
By = Annotated[str, typer.Option("--by", help="Who says so; it stands in the audit log.")]
Note = Annotated[str, typer.Option("--note", help="Why.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="quarantine")


@commands.command("list")
def list_held(
    every: Annotated[bool, typer.Option("--all", help="Also what was released and rejected.")] = False,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """What is held, newest first: nobody finds it, and no answer cites it.

    Example: `answerable quarantine list`
    """
    found = project.run(_list(config, None if every else HeldState.HELD))
    if format is Format.JSON:
        emit_json([_row(one) for one in found])
        return
    if not found:
        note("nothing is held")
        return
    table(
        ["id", "state", "source", "uri", "trust", "held since", "reasons"],
        [[one.id[:_ID_SHOWN], one.state, one.source, one.uri, one.trust, _day(one), _kinds(one)] for one in found],
    )


@commands.command("show")
def show(
    reference: Reference,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """One held document: each reason with its place, and the text as it was read.

    Example: `answerable quarantine show products/vendor-brightcable.html`
    """
    one = project.run(_get(config, reference))
    text = one.document.text if one.document else ""
    if format is Format.JSON:
        emit_json({**_row(one), "text": text})
        return
    for key, value in _row(one).items():
        if key != "reasons" and value not in (None, ""):
            say(f"{key:<11} {value}")
    for reason in one.reasons:
        say(f"\n{reason.kind} ({reason.rule}), characters {reason.start}-{reason.end}:\n  {reason.words}")
    say("")
    say(text or "its text is not kept")


@commands.command("release")
def release(
    reference: Reference,
    by: By = OPERATOR,
    why: Note = "",
    config: ConfigOption = None,
) -> None:
    """Put it into the index. The same text is not held again; another text of the file is looked at anew.

    Example: `answerable quarantine release qu_1a2b --note "the vendor confirmed it"`
    """
    one = project.run(_release(config, reference, by, why))
    note(f"{one.uri} is in the index" if one.document else f"{one.uri} comes in with the next sync")


@commands.command("reject")
def reject(
    reference: Reference,
    by: By = OPERATOR,
    why: Note = "",
    config: ConfigOption = None,
) -> None:
    """Keep this text out for good. Another text of the file is looked at anew.

    Example: `answerable quarantine reject qu_1a2b --note "planted"`
    """
    one = project.run(_reject(config, reference, by, why))
    note(f"{one.uri} stays out as long as it says this")


async def _list(config: Path | None, state: HeldState | None) -> list[HeldDocument]:
    from answerable.adapters.postgres.quarantine import PostgresQuarantine

    async with project.system(config) as system:
        return await PostgresQuarantine(system.database).listed(tenant=_tenant(system), state=state)


async def _get(config: Path | None, reference: str) -> HeldDocument:
    from answerable.adapters.postgres.quarantine import PostgresQuarantine

    async with project.system(config) as system:
        return await PostgresQuarantine(system.database).get(tenant=_tenant(system), reference=reference)


async def _release(config: Path | None, reference: str, by: str, why: str) -> HeldDocument:
    from answerable.app.holding import release as released

    async with project.system(config) as system:
        return await released(system, reference, by=by, note=why)


async def _reject(config: Path | None, reference: str, by: str, why: str) -> HeldDocument:
    from answerable.app.holding import reject as rejected

    async with project.system(config) as system:
        return await rejected(system, reference, by=by, note=why)


def _tenant(system: System) -> str:
    return system.settings.project.tenant


def _row(one: HeldDocument) -> dict[str, object]:
    return {
        "id": one.id,
        "state": one.state.value,
        "source": one.source,
        "uri": one.uri,
        "title": one.title,
        "document": one.document_id,
        "trust": one.trust,
        "owner": one.owner,
        "run": one.run,
        "held_at": one.held_at.isoformat() if one.held_at else None,
        "decided_at": one.decided_at.isoformat() if one.decided_at else None,
        "decided_by": one.decided_by,
        "note": one.note,
        "reasons": [
            {"kind": why.kind, "rule": why.rule, "words": why.words, "start": why.start, "end": why.end}
            for why in one.reasons
        ],
    }


def _kinds(one: HeldDocument) -> str:
    return ", ".join(dict.fromkeys(why.kind for why in one.reasons))


def _day(one: HeldDocument) -> str:
    return one.held_at.strftime("%Y-%m-%d %H:%M") if one.held_at else ""
