"""answerable chunk why: which chunk a question should have found, and the step that lost it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from answerable.cli import project
from answerable.cli.console import emit_json, out, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption, GroupsOption

if TYPE_CHECKING:
    from answerable.app.why import Why


def why(
    query: Annotated[str, typer.Argument(help="The question.")],
    gold: Annotated[
        str, typer.Option(metavar="URI#WORDS", help="The page, and words of the chunk that answers.")
    ] = "",
    quote: Annotated[str, typer.Option(help="Words of the chunk that answers, in whatever page.")] = "",
    group: GroupsOption = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Tell at which step a question loses the chunk that it should find.

    Not in the corpus, cut by chunking, not visible, in neither arm, lost in fusion or re-ranking, cut by
    retrieval.keep or by the context's budget, or in the context.

    Example: `answerable chunk why "can i retrun headphones" --gold "policies/returns.md#within 30 days"`
    """
    made = project.run(_why(config, query, gold, quote, group or []))
    if format is Format.JSON:
        emit_json(_record(made))
    else:
        _print(made)


async def _why(config: Path | None, query: str, gold: str, quote: str, groups: list[str]) -> Why:
    from answerable.app.why import why as follow  # keeps --help quick

    uri, _, words = gold.partition("#")
    async with project.system(config) as system:
        await system.warm()
        return await follow(system, query, uri=uri, quote=words or quote, groups=groups)


def _print(made: Why) -> None:
    verdict = f"lost at: {made.lost}" if made.lost else "in the context"
    out.print(Text(verdict, style="bold"))
    if made.read_as != made.query:
        say(f"read as  {made.read_as}")
    for part in made.parts:
        say(f"part     {part}")
    out.print()
    table(["step", "", "what was seen"], [[one.step, _mark(one.held), one.fact] for one in made.seen])
    out.print()
    heads = ["context", "page", "passage"]
    rows = [[at, one.uri, " ".join(one.chunk.text.split())[:100]] for at, one in enumerate(made.instead, start=1)]
    table(heads, rows, right=["context"])


def _mark(held: bool | None) -> str:
    return "-" if held is None else "ok" if held else "lost"


def _record(made: Why) -> dict[str, object]:
    return {
        "query": made.query,
        "read_as": made.read_as,
        "parts": list(made.parts),
        "uri": made.uri,
        "quote": made.quote,
        "chunks": list(made.chunks),
        "lost": made.lost,
        "steps": [asdict(one) for one in made.seen],
        "context": [{"uri": one.uri, "chunk": one.chunk.id, "section": one.section} for one in made.instead],
    }
