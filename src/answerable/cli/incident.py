"""answerable incident: take a topic, a document or an answer out of use, and see who saw it."""

from __future__ import annotations

import csv
import io
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say, table, write
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.core.errors import ConfigError
from answerable.core.incident import Blocked, Exposure, Incident
from answerable.text.cells import cell

if TYPE_CHECKING:
    from answerable.app import System

commands = typer.Typer(
    help="Take a topic, a document or an answer out of use, and see who saw it.", no_args_is_help=True
)
OPERATOR = "operator"
By = Annotated[str, typer.Option("--by", help="Who says so; it stands in the audit log.")]
Reference = Annotated[str, typer.Argument(help="The id (in_…), or a unique beginning of it.")]


class Table(StrEnum):
    """How the list of who saw it is written."""

    PRETTY = "pretty"
    JSON = "json"
    CSV = "csv"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="incident")


@commands.command("open")
def open_one(
    value: Annotated[
        str, typer.Argument(help="Phrases with | between them (a word may end in *), a document, or an answer.")
    ],
    block: Annotated[Blocked, typer.Option("--block", help="What it is.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; for colleagues, not for people who ask.")] = "",
    message: Annotated[
        list[str] | None,
        typer.Option("--message", help="What people read. Repeatable as LANGUAGE=TEXT, e.g. 'de=Wir prüfen das.'"),
    ] = None,
    by: By = OPERATOR,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Block it everywhere: questions, running answers, caches, stored answers, search, source pages.

    Example: `answerable incident open "battery recall|akku rückruf*" --block topic --reason "legal asked"`
    """
    one, count, conversations = project.run(_open(config, block, value, reason, _messages(message or []), by))
    if format is Format.JSON:
        emit_json({**_row(one), "answers": count, "conversations": conversations})
        return
    say(f"{one.id} is open: {one.kind.value} {one.value}")
    say(f"answers given before: {count}, in {conversations} conversations; `answerable incident show {one.id}`")
    note("every process that serves this project knows it within two seconds")


@commands.command("list")
def list_them(
    every: Annotated[bool, typer.Option("--all", help="Also those that are closed.")] = False,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """What is out of use, newest first.

    Example: `answerable incident list`
    """
    found = project.run(_list(config, every))
    if format is Format.JSON:
        emit_json([_row(one) for one in found])
    elif not found:
        note("no incident is open")
    else:
        columns = ["id", "block", "value", "open since", "by", "closed", "reason"]
        table(columns, [_line(one) for one in found])


@commands.command("show")
def show(
    reference: Reference,
    config: ConfigOption = None,
    format: Annotated[Table, typer.Option("--format", help="pretty, json or csv.")] = Table.PRETTY,  # noqa: A002
) -> None:
    """One incident, and every answer that somebody got with it: for those who must be told.

    Example: `answerable incident show in_4f2 --format csv`
    """
    one, seen = project.run(_show(config, reference))
    rows = [_seen_row(each) for each in seen]
    if format is Table.JSON:
        emit_json({**_row(one), "seen": rows})
    elif format is Table.CSV:
        write(_as_csv(rows))
    else:
        _tell(one, rows)


@commands.command("close")
def close(reference: Reference, by: By = OPERATOR, config: ConfigOption = None) -> None:
    """Put it back into use.

    Example: `answerable incident close in_4f2`
    """
    one = project.run(_close(config, reference, by))
    note(f"{one.id} is closed: {one.kind.value} {one.value} is in use again")


def _messages(given: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given:
        language, mark, text = one.partition("=")
        named = bool(mark) and language.isalpha() and language.islower() and len(language) in (2, 3)
        key = language if named else ""
        if key in found:
            raise ConfigError(f"--message is given twice for {key or 'everybody'}", hint="once for each language")
        found[key] = (text if named else one).strip()
    return found


async def _open(
    config: Path | None, kind: Blocked, value: str, reason: str, message: dict[str, str], by: str
) -> tuple[Incident, int, int]:
    async with project.system(config) as system:
        tenant = _tenant(system)
        one = await system.incidents.open(
            tenant=tenant, kind=kind, value=value, reason=reason, message=message, by=by
        )
        seen = await system.incidents.seen(tenant=tenant, incident=one)
    return one, len(seen), len({each.conversation for each in seen if each.conversation})


async def _list(config: Path | None, every: bool) -> list[Incident]:
    async with project.system(config) as system:
        return await system.incidents.listed(tenant=_tenant(system), every=every)


async def _show(config: Path | None, reference: str) -> tuple[Incident, list[Exposure]]:
    async with project.system(config) as system:
        one = await system.incidents.get(tenant=_tenant(system), reference=reference)
        return one, await system.incidents.seen(tenant=_tenant(system), incident=one)


async def _close(config: Path | None, reference: str, by: str) -> Incident:
    async with project.system(config) as system:
        return await system.incidents.close(tenant=_tenant(system), reference=reference, by=by)


def _tenant(system: System) -> str:
    return system.settings.project.tenant


def _row(one: Incident) -> dict[str, Any]:
    return {
        "id": one.id,
        "block": one.kind.value,
        "value": one.value,
        "reason": one.reason,
        "message": dict(one.message),
        "opened": one.opened_at.isoformat() if one.opened_at else None,
        "opened_by": one.opened_by,
        "closed": one.closed_at.isoformat() if one.closed_at else None,
        "closed_by": one.closed_by,
    }


def _line(one: Incident) -> list[str]:
    closed = one.closed_at.strftime("%Y-%m-%d %H:%M") if one.closed_at else "-"
    since = one.opened_at.strftime("%Y-%m-%d %H:%M") if one.opened_at else ""
    return [one.id, one.kind.value, one.value[:60], since, one.opened_by, closed, one.reason[:60]]


def _seen_row(one: Exposure) -> dict[str, Any]:
    return {
        "conversation": one.conversation,
        "person": one.principal,
        "answer": one.answer_id,
        "at": one.at.isoformat(timespec="seconds"),
        "outcome": one.outcome,
        "language": one.language,
        "how": one.how,
    }


def _as_csv(rows: list[dict[str, Any]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    columns = ["conversation", "person", "answer", "at", "outcome", "language", "how"]
    writer.writerow(columns)
    writer.writerows([[cell(str(row[name])) for name in columns] for row in rows])
    return file.getvalue()


def _tell(one: Incident, rows: list[dict[str, Any]]) -> None:
    for key, value in _row(one).items():
        if value not in (None, "", {}):
            say(f"{key:<10} {value}")
    people = len({row["person"] for row in rows})
    conversations = len({row["conversation"] for row in rows if row["conversation"]})
    say(f"{'seen':<10} {len(rows)} answers, {conversations} conversations, {people} people")
    if rows:
        table(list(rows[0]), [list(row.values()) for row in rows])
