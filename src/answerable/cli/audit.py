"""answerable audit: who did what, and whether the record of it is whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from answerable.cli import project
from answerable.cli.console import emit_json, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.core.audit import AuditRow, Chain, checked_chain
from answerable.core.errors import ConfigError, SecurityFinding

commands = typer.Typer(help="The audit log: a chain of hashes.", no_args_is_help=True)
_PAGE = 1_000
FileOption = Annotated[Path | None, typer.Option("--file", help="An exported log, instead of the database's.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="audit")


@commands.command("show")
def show(
    action: Annotated[str, typer.Option(help="Only actions that begin so, e.g. token.")] = "",
    subject: Annotated[str, typer.Option(help="Only what was done to this.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 50,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """What was done lately, newest first."""
    found = project.run(_latest(config, action, subject, limit))
    if format is Format.JSON:
        emit_json([_exported(one) | {"detail": json.loads(one.detail)} for one in found])
        return
    table(
        ["n", "at", "actor", "action", "subject", "detail"],
        [[one.n, str(one.at)[:19], one.actor, one.action, one.subject, one.detail] for one in found],
        right=["n"],
    )


@commands.command("verify")
def verify(
    head: Annotated[
        str, typer.Option(help="N:HASH from an earlier verify: the rows up to there must be those of then.")
    ] = "",
    file: FileOption = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Compute the chain again. Exit 15 names the first row that does not fit.

    Keep the head that it prints somewhere else: rows that are cut off at the end leave a whole chain behind.
    """
    n, noted = _head(head)
    chain = _of_file(file, n, noted) if file else project.run(_verify(config, n, noted))
    if format is Format.JSON:
        emit_json({"rows": chain.rows, "head": chain.head, "broken": chain.broken, "why": chain.why})
    if not chain.holds:
        raise SecurityFinding(
            f"the audit log is broken at row {chain.broken}: {chain.why}",
            hint="compare it with an exported one or a backup; find out who may write to the database",
        )
    if format is Format.PRETTY:
        say(f"the chain holds: {chain.rows} rows")
        say(f"head {chain.rows}:{chain.head}")


@commands.command("export")
def export(config: ConfigOption = None) -> None:
    """Every row as JSON lines, oldest first; `audit verify --file` checks it without a database."""
    for row in project.run(_all(config)):
        say(json.dumps(_exported(row), ensure_ascii=False))


def _exported(row: AuditRow) -> dict[str, object]:
    return {
        "tenant": row.tenant,
        "n": row.n,
        "at": row.at.isoformat(),
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "detail": row.detail,
        "previous": row.previous,
        "hash": row.hash,
    }


def _head(text: str) -> tuple[int, str]:
    number, _, noted = text.partition(":")
    if not text:
        return 0, ""
    if not number.isdigit() or len(noted) != 64:
        raise ConfigError(f"{text!r} is no head", hint="as `answerable audit verify` prints it: N:HASH")
    return int(number), noted


def _of_file(file: Path, n: int, noted: str) -> Chain:
    rows = [_row(file, number, line) for number, line in enumerate(_lines(file), start=1)]
    chain = checked_chain(rows)
    if chain.holds and noted and {row.n: row.hash for row in rows}.get(n) != noted:
        return Chain(rows=chain.rows, head=chain.head, broken=n, why="it is not the row that was noted")
    return chain


def _lines(file: Path) -> list[str]:
    try:
        return [line for line in file.read_text("utf-8").split("\n") if line]  # a name may hold U+2028
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {file}: {error}", hint="answerable audit export > FILE") from error


def _row(file: Path, number: int, line: str) -> AuditRow:
    from pydantic import TypeAdapter  # a strangers' file is checked as strangers' data are

    try:
        return TypeAdapter(AuditRow).validate_json(line)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise ConfigError(
            f"{file}:{number}: {where} {fault['msg']}", hint="answerable audit export > FILE"
        ) from error


async def _latest(config: Path | None, action: str, subject: str, limit: int) -> list[AuditRow]:
    async with project.system(config) as system:
        tenant = system.settings.project.tenant
        return await system.audit.latest(tenant=tenant, limit=limit, action=action, subject=subject)


async def _verify(config: Path | None, n: int, noted: str) -> Chain:
    async with project.system(config) as system:
        return await system.audit.verify(tenant=system.settings.project.tenant, n=n, head=noted)


async def _all(config: Path | None) -> list[AuditRow]:
    async with project.system(config) as system:
        tenant = system.settings.project.tenant
        rows: list[AuditRow] = []
        while page := await system.audit.rows(tenant=tenant, after=len(rows), limit=_PAGE):
            rows += page
        return rows
