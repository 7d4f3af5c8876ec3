"""How a document was cut, drawn for a person: each chunk's span, size and headings over its text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from answerable.core.document import SECTIONS, Chunk

_WIDTH = 100  # columns of a rule


def describe(text: str, chunks: Sequence[Chunk]) -> list[str]:
    """Lines: a rule before each chunk of the searched level, its text, and what it shares with the one before.

    Text that no chunk holds is shown as such; blanks are not.
    """
    searched = sorted((chunk for chunk in chunks if chunk.level == 0), key=lambda one: (one.start, one.end))
    return list(_lines(text, searched))


def _lines(text: str, chunks: Sequence[Chunk]) -> Iterator[str]:
    tokens = [chunk.tokens for chunk in chunks]
    spread = (
        f", {min(tokens)} to {max(tokens)} tokens, {sum(tokens) / len(tokens):.0f} on average" if tokens else ""
    )
    yield f"{len(chunks)} chunks of {len(text)} characters{spread}"
    end = 0
    for n, chunk in enumerate(chunks, start=1):
        yield from _outside(text[end : chunk.start])
        yield _rule(n, chunk)
        if chunk.start < end:
            yield f"   the first {end - chunk.start} characters repeat the end of the chunk before"
        yield from chunk.text.splitlines()
        end = max(end, chunk.end)
    yield from _outside(text[end:])


def _spread(tokens: Sequence[int]) -> str:
    return f", {min(tokens)} to {max(tokens)} tokens, {sum(tokens) / len(tokens):.0f} on average" if tokens else ""


def _rule(n: int, chunk: Chunk) -> str:
    facts = [f"{n}", chunk.id, f"{chunk.start}-{chunk.end}", f"{chunk.tokens} tokens"]
    facts += [
        part
        for part in (chunk.heading, *(f"{key}={value}" for key, value in chunk.meta.items() if key != SECTIONS))
        if part
    ]
    return ("── " + " · ".join(facts) + " ").ljust(_WIDTH, "─")


def _outside(text: str) -> Iterator[str]:
    if kept := text.strip():
        yield f"── in no chunk: {len(kept)} characters ".ljust(_WIDTH, "─")
        yield from kept.splitlines()
