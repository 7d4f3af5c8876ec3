"""answerable search: retrieval alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption, GroupsOption
from answerable.core.errors import ConfigError
from answerable.core.passage import Passage

if TYPE_CHECKING:
    from answerable.answer.retrieval import Found

_SEVERAL = frozenset({"status", "source", "language"})  # a document has one, a filter may allow more


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("search")(search)


def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    limit: Annotated[int, typer.Option("--limit", "-k", min=1, max=100, help="How many passages.")] = 10,
    filter: Annotated[  # noqa: A002 - the option's name
        list[str] | None,
        typer.Option("--filter", metavar="KEY=VALUE", help="Only documents with it: any metadata. Repeatable."),
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show how the question was read.")] = False,
    group: GroupsOption = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Show the passages that a question finds, with what each arm said.

    Example: `answerable search "refund headphones" -k 5`
    """
    if not query.strip():
        raise ConfigError("the question is empty", hint="a few words to look for")
    made = project.run(_search(config, query, limit, group or [], read_filters(filter or [])))
    found = made.passages
    if format is Format.JSON:
        rows = [_row(rank, passage) for rank, passage in enumerate(found, start=1)]
        emit_json({**_reading(query, made), "passages": rows} if explain else rows)
        return
    if explain:
        _explain(query, made)
    if not found:
        note("nothing found" + (f" among documents with {', '.join(filter)}" if filter else ""))
        return
    table(
        ["rank", "score", "dense", "bm25", "page", "passage"],
        [_cells(rank, passage) for rank, passage in enumerate(found, start=1)],
        right=["rank", "score", "dense", "bm25"],
    )


async def _search(
    config: Path | None, text: str, limit: int, groups: list[str], further: dict[str, list[str]]
) -> Found:
    async with project.system(config) as system:
        await system.warm()
        query = replace(system.query(text, groups=groups), filter=system.filter(further))
        return await system.explain(query, limit=limit)


def read_filters(given: Sequence[str]) -> dict[str, list[str]]:
    """`key=value` each; several values of status, source and language mean any of them. Raises ConfigError."""
    found: dict[str, list[str]] = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not (key and equals and value):
            raise ConfigError(f"--filter {one!r} is no KEY=VALUE", hint="for example --filter product=hub")
        if key in found and key not in _SEVERAL:
            raise ConfigError(f"--filter {key}= comes twice", hint="a metadata key has one value")
        found.setdefault(key, []).append(value)
    return found


def _explain(query: str, made: Found) -> None:
    if made.text and made.text != query:
        say(f"searched for  {made.text}")
    for written, meant in made.corrections:
        say(f"read          '{written}' as '{meant}'")
    for group in made.groups:
        best = next(iter(group.passages), None)
        say(f"{group.part.kind:<13} {group.part.text} → {best.uri if best else 'nothing'}")


def _reading(query: str, made: Found) -> dict[str, object]:
    return {
        "query": query,
        "searched_for": made.text or query,
        "corrections": [{"written": written, "read_as": meant} for written, meant in made.corrections],
        "parts": [
            {"text": one.part.text, "kind": one.part.kind, "best": [found.chunk.id for found in one.passages]}
            for one in made.groups
        ],
    }


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
