"""answerable canary: documents that nobody is shown, and who finds one is told of."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption, GroupsOption
from answerable.core.document import PUBLIC
from answerable.core.errors import ConfigError

if TYPE_CHECKING:
    from answerable.app.canaries import Canary

commands = typer.Typer(help="Documents that tell of who walks through everything.", no_args_is_help=True)
FOUND = 15


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="canary")


@commands.command("plant")
def plant(group: GroupsOption = None, config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Plant one canary for each kind of question that wants everything. No answer ever uses one.

    Example: `answerable canary plant`
    """
    _show(project.run(_planted(config, group)), format)
    note("whoever finds one is in the happenings: abuse.suspected")


@commands.command("list")
def list_canaries(
    group: GroupsOption = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """The canaries that are planted, with their marks."""
    _show(project.run(_listed(config, group)), format)


@commands.command("find")
def find(file: Annotated[Path, typer.Argument(help="Text that turned up somewhere.")]) -> None:
    """Look for the marks of canaries in a file: they were in no answer. Exit 15 where there is one.

    Example: `answerable canary find dump.txt`
    """
    from answerable.app.canaries import marks_in  # half a second of imports that `--help` need not wait for

    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise ConfigError(f"cannot read {file}: {error.strerror}") from error
    marks = marks_in(text)
    for mark in marks:
        say(mark)
    if marks:
        note(f"{len(marks)} of them: the text comes from this database, and from no answer")
        raise typer.Exit(FOUND)
    note("no mark of a canary in it")


async def _planted(config: Path | None, group: list[str] | None) -> list[Canary]:
    from answerable.app.canaries import plant as planting

    async with project.system(config) as system:
        return await planting(system, groups=_groups(group))


async def _listed(config: Path | None, group: list[str] | None) -> list[Canary]:
    from answerable.app.canaries import canaries

    async with project.system(config) as system:
        return await canaries(system, groups=_groups(group))


def _groups(group: list[str] | None) -> tuple[str, ...]:
    return tuple(sorted({PUBLIC, *(group or [])}))


def _show(found: list[Canary], format: Format) -> None:  # noqa: A002
    if format is Format.JSON:
        emit_json([asdict(one) for one in found])
        return
    table(["mark", "title", "planted", "id"], [[one.mark, one.title, one.planted, one.id] for one in found])
