"""A document as a row of parts: its blocks made to cover the whole text once, in order, edges without blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from answerable.core.document import NO_META, Block, Document
from answerable.ingest.ruler import Ruler

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """text[start:end] of one kind; its tokens are the ruler's marks[first:last]."""

    start: int
    end: int
    first: int
    last: int
    kind: str = "paragraph"
    level: int = 0
    headings: tuple[str, ...] = ()
    page: int | None = None
    meta: Mapping[str, str] = NO_META

    @property
    def tokens(self) -> int:
        """Tokens that start in it."""
        return self.last - self.first


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without blanks at its edges; empty at `end` when there is nothing else."""
    piece = text[start:end]
    kept = piece.lstrip()
    left = end - len(kept)
    return left, left + len(kept.rstrip())


def cut_blank_lines(text: str) -> list[tuple[int, int]]:
    """The spans between blank lines."""
    edges = [0, *(match.end() for match in _BLANK_LINE.finditer(text)), len(text)]
    return list(pairwise(edges))


def parts_of(document: Document, ruler: Ruler) -> list[Part]:
    """Every non-blank character in exactly one part; text between blocks becomes paragraphs."""
    text = document.text
    found: list[Part] = []
    for block in _cover(document):
        start, end = trimmed(text, block.start, block.end)
        if start < end:
            found.append(_part(block, start, end, ruler))
    return found


def _part(block: Block, start: int, end: int, ruler: Ruler) -> Part:
    return Part(
        start=start, end=end, first=ruler.index(start), last=ruler.index(end), kind=block.kind, level=block.level,
        headings=block.headings, page=block.page, meta=block.meta,
    )  # fmt: skip


def _cover(document: Document) -> Iterator[Block]:
    """The blocks in order without overlaps, the gaps between them filled with paragraphs."""
    text, cursor = document.text, 0
    path: tuple[str, ...] = ()
    for block in sorted(document.blocks, key=lambda one: one.start):
        start, end = max(block.start, cursor), min(block.end, len(text))
        if start >= end:
            continue  # inside one that came before
        if start > cursor:
            yield from _paragraphs(text, cursor, start, path)
        yield replace(block, start=start, end=end)
        cursor, path = end, block.headings
    if cursor < len(text):
        yield from _paragraphs(text, cursor, len(text), path)


def _paragraphs(text: str, start: int, end: int, path: tuple[str, ...]) -> Iterator[Block]:
    for left, right in cut_blank_lines(text[start:end]):
        yield Block(kind="paragraph", start=start + left, end=start + right, headings=path)
