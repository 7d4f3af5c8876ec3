"""answerable session: the browsers that are signed in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, table
from answerable.cli.credentials import credential_row, moment
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.core.errors import ConfigError
from answerable.core.ports import Token

commands = typer.Typer(help="Browsers that are signed in.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="session")


@commands.command("list")
def list_sessions(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Those that still open something."""
    found = project.run(_list(config))
    if format is Format.JSON:
        emit_json([credential_row(one) for one in found])
        return
    table(
        ["id", "person", "by", "roles", "created", "seen", "expires"],
        [
            [one.id, one.principal.id, one.made_by, ", ".join(one.principal.roles)]
            + [moment(at) for at in (one.created_at, one.seen_at, one.expires_at)]
            for one in found
        ],
    )


@commands.command("revoke")
def revoke(
    session_id: Annotated[str, typer.Argument(help="One session's id.")] = "",
    person: Annotated[str, typer.Option("--of", help="Every session of this person.")] = "",
    config: ConfigOption = None,
) -> None:
    """Sign a browser out, or all of a person's; running streams end within a second."""
    if bool(session_id) == bool(person):
        raise ConfigError(
            "name either one session or a person", hint="session revoke ID, or session revoke --of NAME"
        )
    ended = project.run(_revoke(config, session_id, person))
    note(f"{ended} {'session is' if ended == 1 else 'sessions and links are'} revoked")


async def _list(config: Path | None) -> list[Token]:
    async with project.system(config) as system:
        tenant = system.settings.project.tenant
        found = [one for one in await system.tokens.tokens(tenant=tenant) if one.kind == "session"]
        live = await system.tokens.live(tenant=tenant, token_ids=[one.id for one in found])
        return [one for one in found if one.id in live]


async def _revoke(config: Path | None, session_id: str, person: str) -> int:
    async with project.system(config) as system:
        tenant = system.settings.project.tenant
        if person:
            return await system.persons.sign_out(tenant=tenant, person=person, by="operator")
        await system.tokens.revoke(tenant=tenant, token_id=session_id)
        return 1
