"""Why each chunk begins where it does: what the chunker said of it, or else what stands there in the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from answerable.core.document import Chunk
from answerable.ingest.marks import BOUNDARY

_ENDED = re.compile(r"[.!?:;…。！？][\"'”’»)\]*_]*\s*\Z")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
INSIDE = "inside a sentence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """A chunk of the searched level with the reason of its beginning, and what it repeats of the one before."""

    chunk: Chunk
    why: str
    repeated: int  # characters
    skipped: str = ""  # text between the one before and this that no chunk holds


def boundaries(text: str, chunks: Sequence[Chunk]) -> list[Boundary]:
    """The searched chunks in order."""
    searched = sorted((chunk for chunk in chunks if chunk.level == 0), key=lambda one: (one.start, one.end))
    found, end = list[Boundary](), 0
    before: Chunk | None = None
    for chunk in searched:
        why = chunk.meta.get(BOUNDARY) or _seen(text, before, chunk)
        skipped = text[end : chunk.start].strip()
        found.append(Boundary(chunk=chunk, why=why, repeated=max(0, end - chunk.start), skipped=skipped))
        before, end = chunk, max(end, chunk.end)
    return found


def cut_sentences(found: Sequence[Boundary]) -> int:
    """How many boundaries lie inside a sentence."""
    return sum(one.why == INSIDE for one in found)


def _seen(text: str, before: Chunk | None, chunk: Chunk) -> str:
    if before is None:
        return "start"
    if chunk.headings != before.headings and chunk.headings and chunk.text.startswith(chunk.headings[-1]):
        return "heading"
    if (kind := chunk.meta.get("kind", "")) != (was := before.meta.get("kind", "")):
        return kind or f"end of {was}"
    gap = text[before.end : chunk.start]
    if _BLANK_LINE.search(gap):
        return "size, between paragraphs"
    if "\n" in gap:
        return "size, between lines"
    return "size, between sentences" if _ended(text, chunk) else INSIDE


def _ended(text: str, chunk: Chunk) -> bool:
    """Whether what stands before the chunk ends a sentence; for a window that overlaps, too."""
    return bool(_ENDED.search(text[max(0, chunk.start - 8) : chunk.start]))
