"""answerable token: credentials for the API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption, GroupsOption
from answerable.config.values import parse_duration
from answerable.core.document import PUBLIC
from answerable.core.errors import ConfigError
from answerable.core.ports import Token
from answerable.core.query import Principal

commands = typer.Typer(help="Credentials for the API.", no_args_is_help=True)
_ROLES = ("user", "reviewer", "editor", "ops", "engineer", "admin")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="token")


@commands.command("create")
def create(
    label: Annotated[str, typer.Option(help="What it is for.")] = "cli",
    person: Annotated[str, typer.Option("--for", help="The id of who will use it.")] = "local",
    role: Annotated[
        list[str] | None, typer.Option("--role", help="user, reviewer, editor, ops, engineer, admin.")
    ] = None,
    ttl: Annotated[str, typer.Option(help="How long it is good, e.g. 90d; empty: until revoked.")] = "",
    group: GroupsOption = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Make a bearer token. Its secret is printed once and kept nowhere.

    Example: `answerable token create --label ci --role engineer --ttl 90d`
    """
    roles = tuple(role or ["user"])
    if unknown := [one for one in roles if one not in _ROLES]:
        raise ConfigError(f"there is no role {unknown[0]!r}", hint=f"roles: {', '.join(_ROLES)}")
    principal = Principal(id=person, groups=tuple(sorted({PUBLIC, *(group or [])})), roles=roles)
    token, secret = project.run(_create(config, principal, label, _seconds(ttl)))
    if format is Format.JSON:
        emit_json({**_row(token), "secret": secret})
        return
    note(f"{token.id} for {person}; shown only now:")
    say(secret)


@commands.command("list")
def list_tokens(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """All tokens, without their secrets."""
    found = project.run(_list(config))
    if format is Format.JSON:
        emit_json([_row(one) for one in found])
        return
    table(
        ["id", "label", "for", "roles", "created", "expires", "revoked"],
        [
            [one.id, one.label, one.principal.id, ", ".join(one.principal.roles)]
            + [str(at)[:19] if at else "" for at in (one.created_at, one.expires_at, one.revoked_at)]
            for one in found
        ],
    )


@commands.command("revoke")
def revoke(token_id: Annotated[str, typer.Argument(help="The token's id.")], config: ConfigOption = None) -> None:
    """Make a token useless at once."""
    project.run(_revoke(config, token_id))
    note(f"{token_id} is revoked")


def _seconds(ttl: str) -> float | None:
    try:
        return parse_duration(ttl) if ttl else None
    except ValueError as error:
        raise ConfigError(str(error)) from error


async def _create(config: Path | None, principal: Principal, label: str, ttl_s: float | None) -> tuple[Token, str]:
    async with project.system(config) as system:
        tenant = system.settings.project.tenant
        return await system.tokens.create(tenant=tenant, principal=principal, label=label, ttl_s=ttl_s)


async def _list(config: Path | None) -> list[Token]:
    async with project.system(config) as system:
        return await system.tokens.tokens(tenant=system.settings.project.tenant)


async def _revoke(config: Path | None, token_id: str) -> None:
    async with project.system(config) as system:
        await system.tokens.revoke(tenant=system.settings.project.tenant, token_id=token_id)


def _row(token: Token) -> dict[str, object]:
    return {
        "id": token.id,
        "label": token.label,
        "for": token.principal.id,
        "roles": list(token.principal.roles),
        "groups": list(token.principal.groups),
        "created": token.created_at,
        "expires": token.expires_at,
        "revoked": token.revoked_at,
    }
