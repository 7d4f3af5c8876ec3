"""answerable person list, suspend, restore and bound: who has credentials, and what they may at most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, table
from answerable.cli.credentials import moment
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.core.errors import ConfigError
from answerable.core.ports import Person
from answerable.core.roles import ROLES

commands = typer.Typer(help="People and what they may.", no_args_is_help=True)
PersonArgument = Annotated[str, typer.Argument(help="The person's id.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="person")


@commands.command("list")
def list_persons(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Everybody who ever had a credential."""
    found = project.run(_list(config))
    if format is Format.JSON:
        emit_json([_row(one) for one in found])
        return
    table(
        ["id", "credentials", "roles at most", "groups at most", "since", "suspended"],
        [
            (one.id, one.credentials, _bound(one.roles), _bound(one.groups), *map(moment, _moments(one)))
            for one in found
        ],
        right=["credentials"],
    )


@commands.command("suspend")
def suspend(person: PersonArgument, config: ConfigOption = None) -> None:
    """Refuse every credential of a person from now on."""
    project.run(_suspend(config, person, suspended=True))
    note(f"{person} is suspended; `answerable person restore {person}` takes it back")


@commands.command("restore")
def restore(person: PersonArgument, config: ConfigOption = None) -> None:
    """Let a suspended person in again."""
    project.run(_suspend(config, person, suspended=False))
    note(f"{person} may come in again")


@commands.command("bound")
def bound(
    person: PersonArgument,
    role: Annotated[list[str] | None, typer.Option("--role", help="A role they may have. Repeatable.")] = None,
    group: Annotated[list[str] | None, typer.Option("--group", help="A group they may be in. Repeatable.")] = None,
    none: Annotated[bool, typer.Option("--no-groups", help="No group but public.")] = False,
    config: ConfigOption = None,
) -> None:
    """Say what a person may at most, whatever their credentials say. Without options: no bound any more.

    Of roles and groups, the one that is not named keeps its bound.
    """
    if unknown := [one for one in role or [] if one not in ROLES]:
        raise ConfigError(f"there is no role {unknown[0]!r}", hint=f"roles: {', '.join(ROLES)}")
    groups = [] if none else group or None
    at_most = project.run(_set_bound(config, person, role or None, groups))
    note(f"{person}: roles {_bound(at_most[0])}, groups {_bound(at_most[1])}")


def _bound(names: Sequence[str] | None) -> str:
    return "any" if names is None else ", ".join(names) or "none"


def _moments(one: Person) -> tuple[datetime, datetime | None]:
    return one.created_at, one.suspended_at


def _row(one: Person) -> dict[str, object]:
    return {
        "id": one.id,
        "credentials": one.credentials,
        "roles": None if one.roles is None else list(one.roles),
        "groups": None if one.groups is None else list(one.groups),
        "created": one.created_at,
        "suspended": one.suspended_at,
    }


async def _list(config: Path | None) -> list[Person]:
    async with project.system(config) as system:
        return await system.persons.persons(tenant=system.settings.project.tenant)


async def _suspend(config: Path | None, person: str, *, suspended: bool) -> None:
    async with project.system(config) as system:
        tenant = system.settings.project.tenant
        await system.persons.suspend(tenant=tenant, person=person, by="operator", suspended=suspended)


async def _set_bound(
    config: Path | None, person: str, roles: Sequence[str] | None, groups: Sequence[str] | None
) -> tuple[Sequence[str] | None, Sequence[str] | None]:
    """What holds now."""
    async with project.system(config) as system:
        tenant = system.settings.project.tenant
        if (roles is None) != (groups is None):
            known = next((one for one in await system.persons.persons(tenant=tenant) if one.id == person), None)
            roles = known.roles if known and roles is None else roles
            groups = known.groups if known and groups is None else groups
        await system.persons.bound(tenant=tenant, person=person, by="operator", roles=roles, groups=groups)
    return roles, groups
