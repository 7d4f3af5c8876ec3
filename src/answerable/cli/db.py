"""answerable db: the database's state, migrations and backups."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from answerable.app.project import Project
from answerable.cli import project
from answerable.cli.console import emit_json, note, say
from answerable.cli.options import ConfigOption, Format, FormatOption

commands = typer.Typer(help="The database's state, migrations and backups.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="db")


@commands.command("status")
def status(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Versions, pending migrations, sizes and row counts."""
    found = project.run(_status(project.project(config)))
    if format is Format.JSON:
        emit_json(found)
        return
    for key, value in found.items():
        say(f"{key:<22} {_plain(value)}")


@commands.command("migrate")
def migrate(
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would be applied.")] = False,
    config: ConfigOption = None,
) -> None:
    """Bring the schema to this version; safe to run twice and at the same time elsewhere."""
    for label in project.run(_migrate(project.project(config), plan)):
        say(label)


@commands.command("backup")
def backup(
    path: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
    config: ConfigOption = None,
) -> None:
    """Write everything into one file."""
    project.run(_backup(project.project(config), path))
    note(f"wrote {path} ({path.stat().st_size:,} bytes)")


@commands.command("restore")
def restore(
    path: Annotated[Path, typer.Argument(help="A file that `db backup` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Drop what is there first.")] = False,
    config: ConfigOption = None,
) -> None:
    """Read a backup into an empty schema, or into this one with --replace."""
    project.run(_restore(project.project(config), path, replace))
    note(f"restored {path}")


async def _status(one: Project) -> dict[str, Any]:
    from answerable.app.maintenance import open_operations  # keeps --help quick

    async with open_operations(one) as operations:
        return await operations.status()


async def _migrate(one: Project, plan: bool) -> list[str]:
    from answerable.app.database import open_server  # keeps --help quick

    async with open_server(one) as server:
        migrations = server.migrations()
        done = await migrations.plan() if plan else await migrations.migrate()
    word = "pending" if plan else "applied"
    return [f"{word} {migration.label}" for migration in done] or ["nothing is pending"]


async def _backup(one: Project, path: Path) -> None:
    from answerable.app.maintenance import open_operations

    async with open_operations(one) as operations:
        await operations.backup(path)


async def _restore(one: Project, path: Path, replace: bool) -> None:
    from answerable.app.maintenance import open_operations

    async with open_operations(one) as operations:
        await operations.restore(path, replace=replace)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {count}" for key, count in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or "none"
    return str(value)
