"""answerable search: retrieval alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, table
from answerable.cli.options import ConfigOption, Format, FormatOption, GroupsOption
from answerable.core.passage import Passage


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("search")(search)


def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    limit: Annotated[int, typer.Option("--limit", "-k", min=1, max=100, help="How many passages.")] = 10,
    group: GroupsOption = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Show the passages that a question finds, with what each arm said.

    Example: `answerable search "refund headphones" -k 5`
    """
    found = project.run(_search(config, query, limit, group or []))
    if format is Format.JSON:
        emit_json([_row(rank, passage) for rank, passage in enumerate(found, start=1)])
        return
    if not found:
        note("nothing found")
        return
    table(
        ["rank", "score", "dense", "bm25", "page", "passage"],
        [_cells(rank, passage) for rank, passage in enumerate(found, start=1)],
        right=["rank", "score", "dense", "bm25"],
    )


async def _search(config: Path | None, text: str, limit: int, groups: list[str]) -> list[Passage]:
    async with project.system(config) as system:
        await system.warm()
        return await system.search(system.query(text, groups=groups), limit=limit)


def _cells(rank: int, passage: Passage) -> list[object]:
    dense, lexical = passage.scores.get("dense"), passage.scores.get("lexical")
    text = " ".join(passage.chunk.text.split())
    return [
        rank,
        f"{passage.score:.3f}",
        "-" if dense is None else f"{dense:.3f}",
        "-" if lexical is None else f"{lexical:.2f}",
        f"{passage.uri} > {passage.section}" if passage.section else passage.uri,
        text if len(text) <= 160 else text[:159] + "…",
    ]


def _row(rank: int, passage: Passage) -> dict[str, object]:
    return {
        "rank": rank,
        "score": round(passage.score, 6),
        "scores": {name: round(value, 6) for name, value in passage.scores.items()},
        "found_by": list(passage.found_by),
        "document": passage.chunk.document_id,
        "uri": passage.uri,
        "title": passage.title,
        "section": passage.section,
        "chunk": passage.chunk.id,
        "offsets": [passage.chunk.start, passage.chunk.end],
        "updated": passage.updated_at,
        "text": passage.chunk.text,
    }
