"""answerable cache: what is kept of replies, and emptying it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, say
from answerable.cli.options import ConfigOption, Format, FormatOption, GroupsOption

if TYPE_CHECKING:
    from pathlib import Path

    from answerable.app.cache_care import CacheState

commands = typer.Typer(help="Replies that may be given again.", no_args_is_help=True)
_FEW = 30  # answers; of fewer no share is told


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="cache")


@commands.command("show")
def show(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """How much is kept, and how many answers of the last 24 hours needed no call of a model."""
    found = project.run(_state(config))
    told: dict[str, Any] = {
        "entries": found.census.entries,
        "bytes": found.census.bytes,
        "oldest": found.census.oldest.isoformat(timespec="seconds") if found.census.oldest else None,
        "answers": dict(found.answers),
        "hits": found.hits,
        "of": found.n,
    }
    if format is Format.JSON:
        emit_json(told)
        return
    share = f" ({100 * found.hits / found.n:.1f} %)" if found.n >= _FEW else ""
    kinds = ", ".join(f"{count} {kind}" for kind, count in found.answers.items() if kind != "none")
    say(f"kept    {told['entries']} replies, {told['bytes']} bytes of text")
    say(f"oldest  {told['oldest'] or '-'}")
    say(f"hits    {found.hits} of {found.n} answers in 24 hours{share}" + (f": {kinds}" if kinds else ""))


@commands.command("clear")
def clear(
    document: Annotated[
        str, typer.Option("--document", help="Only what was made from this one: id, prefix or uri.")
    ] = "",
    group: GroupsOption = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Forget what is kept; other processes may give it again for 5 seconds more.

    Example: `answerable cache clear --document policies/returns.md`
    """
    count = project.run(_clear(config, document, group or []))
    emit_json({"forgotten": count}) if format is Format.JSON else say(f"{count} replies forgotten")


async def _state(config: Path | None) -> CacheState:
    from answerable.app.cache_care import cache_state  # keeps --help quick

    async with project.system(config) as system:
        return await cache_state(system)


async def _clear(config: Path | None, document: str, groups: list[str]) -> int:
    from answerable.app.cache_care import clear_cache

    async with project.system(config) as system:
        return await clear_cache(system, document=document, groups=groups)
