"""answerable token: credentials for the API, and links that sign in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.credentials import credential_row, moment
from answerable.cli.options import ConfigOption, Format, FormatOption, GroupsOption
from answerable.config.values import parse_duration
from answerable.core.document import PUBLIC
from answerable.core.errors import ConfigError
from answerable.core.ports import Terms, Token
from answerable.core.query import Principal
from answerable.core.roles import ROLES

commands = typer.Typer(help="Credentials for the API.", no_args_is_help=True)
_LINK_S = 3600.0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="token")


@commands.command("create")
def create(
    label: Annotated[str, typer.Option(help="What it is for.")] = "cli",
    person: Annotated[str, typer.Option("--for", help="The id of who will use it.")] = "local",
    role: Annotated[list[str] | None, typer.Option("--role", help=f"{', '.join(ROLES)}.")] = None,
    kind: Annotated[
        str, typer.Option(help="api: for the Authorization header; once: a link that signs in once.")
    ] = "api",
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help="All it is good for, e.g. traces:read. Repeatable."),
    ] = None,
    ttl: Annotated[
        str,
        typer.Option(help="How long it is good, e.g. 90d; never: until revoked; empty: [access] token."),
    ] = "",
    group: GroupsOption = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Make a bearer token. Its secret is printed once and kept nowhere.

    Example: `answerable token create --label ci --role engineer --scope traces:read --ttl 90d`
    """
    roles = tuple(role or ["user"])
    if unknown := [one for one in roles if one not in ROLES]:
        raise ConfigError(f"there is no role {unknown[0]!r}", hint=f"roles: {', '.join(ROLES)}")
    if kind not in ("api", "once"):
        raise ConfigError(f"a token of the kind {kind!r} cannot be made here", hint="api or once")
    principal = Principal(id=person, groups=tuple(sorted({PUBLIC, *(group or [])})), roles=roles)
    terms = Terms(kind=kind, scopes=_checked(scope or []))
    token, secret = project.run(_create(config, principal, label, ttl, terms))
    if format is Format.JSON:
        emit_json({**credential_row(token), "secret": secret})
        return
    until = f" until {moment(token.expires_at)}" if token.expires_at else ", until it is revoked"
    note(f"{token.id} for {person}{until}; shown only now:")
    say(f"/signin?token={secret}" if kind == "once" else secret)


@commands.command("list")
def list_tokens(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """All tokens and links, without their secrets; `answerable session list` has the browsers."""
    found = [one for one in project.run(_list(config)) if one.kind != "session"]
    if format is Format.JSON:
        emit_json([credential_row(one) for one in found])
        return
    table(
        ["id", "kind", "label", "for", "roles", "scopes", "created", "expires", "revoked"],
        [
            [one.id, one.kind, one.label, one.principal.id, ", ".join(one.principal.roles), ", ".join(one.scopes)]
            + [moment(at) for at in (one.created_at, one.expires_at, one.revoked_at)]
            for one in found
        ],
    )


@commands.command("revoke")
def revoke(token_id: Annotated[str, typer.Argument(help="The token's id.")], config: ConfigOption = None) -> None:
    """Make a token useless at once."""
    project.run(_revoke(config, token_id))
    note(f"{token_id} is revoked")


def _checked(scopes: list[str]) -> tuple[str, ...]:
    from answerable.api.routes import ROUTES  # only who names a scope waits for the routes
    from answerable.api.scopes import known

    names = known((one.method, one.path) for one in ROUTES) if scopes else ()
    if unknown := [one for one in scopes if one not in names]:
        raise ConfigError(f"there is no scope {unknown[0]!r}", hint=f"scopes: {', '.join(names)}")
    return tuple(dict.fromkeys(scopes))


def _seconds(ttl: str, default: float) -> float | None:
    if ttl == "never":
        return None
    try:
        return parse_duration(ttl) if ttl else default
    except ValueError as error:
        raise ConfigError(str(error)) from error


async def _create(
    config: Path | None, principal: Principal, label: str, ttl: str, terms: Terms
) -> tuple[Token, str]:
    async with project.system(config) as system:
        tenant, access = system.settings.project.tenant, system.settings.access
        ttl_s = _seconds(ttl, _LINK_S if terms.kind == "once" else access.token)
        return await system.tokens.create(
            tenant=tenant, principal=principal, label=label, ttl_s=ttl_s, terms=terms
        )


async def _list(config: Path | None) -> list[Token]:
    async with project.system(config) as system:
        return await system.tokens.tokens(tenant=system.settings.project.tenant)


async def _revoke(config: Path | None, token_id: str) -> None:
    async with project.system(config) as system:
        await system.tokens.revoke(tenant=system.settings.project.tenant, token_id=token_id)
