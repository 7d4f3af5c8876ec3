"""A document as a row of parts: its blocks made to cover the whole text once, in order, edges without blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from answerable.core.document import Block, Document
from answerable.ingest.ruler import Ruler

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """text[start:end], of one block; its tokens are the ruler's marks[first:last]."""

    start: int
    end: int
    first: int
    last: int
    block: Block

    @property
    def tokens(self) -> int:
        """Tokens that start in it."""
        return self.last - self.first

    @property
    def kind(self) -> str:
        """The block's."""
        return self.block.kind


def part_of(text: str, start: int, end: int, *, block: Block, ruler: Ruler) -> Part | None:
    """The part at a span, blanks at its edges left out; None when there is nothing else."""
    start, end = trimmed(text, start, end)
    if start == end:
        return None
    return Part(start=start, end=end, first=ruler.index(start), last=ruler.index(end), block=block)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without blanks at its edges; empty when there is nothing else."""
    if start < end and not (text[start].isspace() or text[end - 1].isspace()):
        return start, end  # nearly always, and nothing is copied
    kept = text[start:end].rstrip()
    end = start + len(kept)
    return end - len(kept.lstrip()), end


def cut_blank_lines(text: str) -> list[tuple[int, int]]:
    """The spans between blank lines."""
    edges = [0, *(match.end() for match in _BLANK_LINE.finditer(text)), len(text)]
    return list(pairwise(edges))


def parts_of(document: Document, ruler: Ruler) -> list[Part]:
    """Every non-blank character in exactly one part; text between blocks becomes paragraphs."""
    found = (
        part_of(document.text, start, end, block=block, ruler=ruler) for start, end, block in _cover(document)
    )
    return [part for part in found if part]


def _cover(document: Document) -> Iterator[tuple[int, int, Block]]:
    """Spans with their blocks, in order, without overlaps and without gaps that hold anything."""
    text, cursor, path = document.text, 0, tuple[str, ...]()
    for block in sorted(document.blocks, key=lambda one: one.start):
        start, end = max(block.start, cursor), min(block.end, len(text))
        if start >= end:
            continue  # inside one that came before
        if text[cursor:start].strip():
            yield from _paragraphs(text, cursor, start, path)
        yield start, end, block
        cursor, path = end, block.headings
    yield from _paragraphs(text, cursor, len(text), path)


def _paragraphs(text: str, start: int, end: int, path: tuple[str, ...]) -> Iterator[tuple[int, int, Block]]:
    block = Block(kind="paragraph", start=start, end=end, headings=path)
    for left, right in cut_blank_lines(text[start:end]):
        yield start + left, start + right, block
