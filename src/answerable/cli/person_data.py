"""answerable person export and forget: what is kept of a person, and forgetting them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.persons import commands
from answerable.core.errors import ConfigError

if TYPE_CHECKING:
    from answerable.core.personal import Forgotten

Person = Annotated[str, typer.Argument(help="The id that they sign in with, as `answerable token list` shows it.")]


def register(app: typer.Typer) -> None:
    """The noun is registered by persons.py; its commands are added when this module is imported."""


@commands.command("export")
def export(
    person: Person,
    out: Annotated[Path | None, typer.Option("--out", help="A new file, readable by its owner alone.")] = None,
    config: ConfigOption = None,
) -> None:
    """Every row that is theirs, from every table, as JSON: for the person.

    Example: `answerable person export ann@example.com --out ann.json`
    """
    found = project.run(_export(config, person))
    if out is None:
        emit_json(found)
        return
    _write(out, found)
    count = sum(len(rows) for rows in found["rows"].values())
    note(f"wrote {count} rows of {len(found['rows'])} tables to {out}")


@commands.command("forget")
def forget(
    person: Person,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only what it would do.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who says so; it stands on the receipt.")] = "operator",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Delete what is theirs in every table and spool; where a row must stay, a pseudonym takes their place.

    Example: `answerable person forget ann@example.com --yes --by privacy@example.com`
    """
    done = project.run(_forget(config, person, by, dry=not yes))
    if format is Format.JSON:
        emit_json({"done": yes, **done.receipt(), "lines": dict(done.files), "case_files": list(done.named)})
        return
    for name, count in done.rows.items():
        if count:
            say(f"{name:<16} {count}")
    for name, count in done.files.items():
        say(f"{count} lines of {name}")
    for name in done.named:
        say(f"yours to edit, and its history in git: {name}")
    if not yes:
        note(f"{done.total} rows and lines; nothing was changed; with --yes it is")
        return
    say(f"receipt {done.receipt()['hash']} in the audit log, as {done.pseudonym}")
    note("backups and exports from before still have them: let them expire, or restore and forget again")


async def _export(config: Path | None, person: str) -> dict[str, Any]:
    from answerable.app.people import export_person  # keeps --help quick

    async with project.system(config) as system:
        return await export_person(system, person)


async def _forget(config: Path | None, person: str, by: str, *, dry: bool) -> Forgotten:
    from answerable.app.people import forget_person

    async with project.system(config) as system:
        return await forget_person(system, person, by=by, dry=dry)


def _write(path: Path, found: dict[str, Any]) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as exc:
        raise ConfigError(
            f"{path} cannot be written: {exc.strerror}", hint="name a file that is not there"
        ) from exc
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(found, file, ensure_ascii=False, indent=2, default=str)
