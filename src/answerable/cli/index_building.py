"""answerable index build, switch, rollback and vacuum: a second index beside the first."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import note, say
from answerable.cli.options import ConfigOption
from answerable.cli.progress import sync_progress
from answerable.cli.syncing import exit_code, tell
from answerable.config.edit import Edit, edit_lines, toml_value
from answerable.config.load import parse_value
from answerable.core.errors import ConfigError

if TYPE_CHECKING:
    from answerable.app.indexing import Estimate

ResultOption = Annotated[
    Path | None, typer.Option("--from", help="A result of the lab (.json): build what it advises.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="SECTION.KEY=VALUE, or SOURCE:chunking={…} for one source. Repeatable."),
]


def register(commands: typer.Typer) -> None:
    """Add the commands."""
    for name, command in (("build", build), ("switch", switch), ("rollback", rollback), ("vacuum", vacuum)):
        commands.command(name)(command)


def build(
    result: ResultOption = None,
    sets: SetOption = None,
    then_switch: Annotated[bool, typer.Option("--switch", help="And switch to it when it is complete.")] = False,
    config: ConfigOption = None,
) -> None:
    """Build an index beside the active one, under a changed configuration; searches do not notice.

    Killed, it goes on where it was with the same command. `index switch` then makes it the one that is searched.
    Example: `answerable index build --set chunking.max_tokens=400`
    """
    edits = _edits(result, sets or [])
    if then_switch:
        build_and_switch(config, edits, note_of="index build")
        return
    raise typer.Exit(project.run(_build(config, edits, "index build"), then="the same command"))


def switch(
    force: Annotated[
        bool, typer.Option("--even-if-different", help="Although documents are missing in it, or too many.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Catch up, make the built index the searched one at one stroke, and write its settings into the file.

    Running servers search the new index from their next question on; one with another embedding model has to be
    started again. Example: `answerable index switch`
    """
    project.run(_switch(config, force=force), then="the same command")


def rollback(
    now: Annotated[
        bool, typer.Option("--now", help="At once, as it was left: do not bring it up to date.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Back to the index before the last switch, and to its settings. Example: `answerable index rollback`"""
    project.run(_rollback(config, now=now))


def vacuum(
    building: Annotated[bool, typer.Option("--building", help="Drop one that was begun, too.")] = False,
    config: ConfigOption = None,
) -> None:
    """Drop the indexes that were left; after that there is no way back. Example: `answerable index vacuum`"""
    project.run(_vacuum(config, building=building))


def build_and_switch(config: Path | None, edits: Sequence[Edit], *, note_of: str) -> None:
    """Both at once, as `--apply` does."""
    code = project.run(_build(config, edits, note_of), then="answerable index build with the same options")
    if code:
        raise typer.Exit(code)
    project.run(_switch(config, force=False), then="answerable index switch")


async def _build(config: Path | None, edits: Sequence[Edit], note_of: str) -> int:
    from answerable.app import indexing  # brings parsers and tokenizer, which no other command of index needs

    async with project.system(config) as system:
        _tell_room(await indexing.estimate(system))
        with ExitStack() as stack:
            generation, reports = await indexing.build(
                system, edits, note=note_of, watch=lambda source: stack.enter_context(sync_progress(source))
            )
    for one in reports:
        tell(one)
    say(f"{generation.name} is built; the active index was not touched")
    for line in edit_lines(edits):
        say(f"  {line}")
    return exit_code(reports)


async def _switch(config: Path | None, *, force: bool) -> None:
    from answerable.app import indexing  # as above

    async with project.system(config) as system:
        with ExitStack() as stack:
            found = await indexing.switch(
                system,
                watch=lambda source: stack.enter_context(sync_progress(source)),
                even_if_different=force,
            )
    say(f"{found.name} is searched now; `answerable index rollback` goes back")


async def _rollback(config: Path | None, *, now: bool) -> None:
    from answerable.app import indexing  # as above

    async with project.system(config) as system:
        with ExitStack() as stack:
            found = await indexing.rollback(
                system, watch=lambda source: stack.enter_context(sync_progress(source)), now=now
            )
    say(f"{found.name} is searched again, with its settings")
    if now:
        note("it is as it was left: run `answerable source sync` to bring it up to date")


async def _vacuum(config: Path | None, *, building: bool) -> None:
    from answerable.app import indexing  # as above

    async with project.system(config) as system:
        gone = await indexing.vacuum(system, building=building)
    for one, documents in gone:
        say(f"{one.name} is gone: {documents} documents")
    if not gone:
        say("nothing to drop: there is only the active index")


def _tell_room(found: Estimate) -> None:
    if found.bytes is not None:
        free = f"; {found.free >> 20:,} MB are free" if found.free is not None else ""
        note(f"about {max(1, found.bytes >> 20):,} MB more on disk until `index vacuum`{free}")


def _edits(result: Path | None, sets: Sequence[str]) -> tuple[Edit, ...]:
    if result is not None:
        from answerable.app.lab import read_edits  # only for a result of the lab

        return (*read_edits(result), *map(_edit, sets))
    return tuple(map(_edit, sets))


def _edit(text: str) -> Edit:
    name, equals, value = text.partition("=")
    place, _, key = name.rpartition(":") if ":" in name else name.rpartition(".")
    if not equals or not place or not key:
        raise ConfigError(f"--set {text!r} sets nothing", hint="SECTION.KEY=VALUE, e.g. chunking.max_tokens=400")
    written = toml_value(parse_value(value))
    return Edit(section="" if ":" in name else place, key=key, value=written, source=place if ":" in name else "")
