"""Chunks of a fixed number of tokens with an overlap: the customary baseline, blind to structure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from answerable.core.document import Chunk, Document
from answerable.core.errors import ConfigError
from answerable.core.ports import Tokenizer
from answerable.ingest.groups import chunk_of
from answerable.ingest.parts import Part, parts_of, trimmed
from answerable.ingest.ruler import Ruler
from answerable.ingest.splits import Splitter


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedChunker:
    """Windows of `size` tokens that share up to `overlap` tokens with the one before.

    respect="token" cuts between any two tokens; "sentence" only between sentences, unless one is longer than
    `size`. Tables, code and quotes are cut like any text. Raises ConfigError unless 0 ≤ overlap < size.
    """

    tokenizer: Tokenizer
    size: int = 500
    overlap: int = 50
    respect: Literal["token", "sentence"] = "token"

    def __post_init__(self) -> None:
        if not 0 <= self.overlap < self.size:
            raise ConfigError(
                f"a chunk overlap of {self.overlap} tokens does not fit a size of {self.size}",
                hint="set the overlap from 0 to below the size",
            )

    @property
    def key(self) -> str:
        """What shapes the chunks besides the text: equal keys give equal chunks."""
        return f"fixed-1/{self.size}/{self.overlap}/{self.respect}"

    def chunk(self, document: Document) -> list[Chunk]:
        """The document's chunks in order; together they hold everything but blanks."""
        ruler = Ruler(document.text, self.tokenizer)
        parts = parts_of(document, ruler)
        if not parts:
            return []
        starts = [part.start for part in parts]
        chunks, done = list[Chunk](), -1
        for left, right in self._windows(self._cuts(document, parts, ruler), ruler):
            start, end = trimmed(document.text, left, right)
            if end > max(start, done):  # not blank, and not wholly inside the one before
                part = parts[max(0, bisect_right(starts, start) - 1)]
                chunks.append(chunk_of(document, [_window(part, start, end, ruler)]))
                done = end
        return chunks

    def _cuts(self, document: Document, parts: Sequence[Part], ruler: Ruler) -> list[int]:
        """The characters at which a window may begin or end, the text's two ends among them."""
        if self.respect == "token":
            return [0, *ruler.marks[1:], len(document.text)]
        splitter = Splitter(text=document.text, language=document.language, ruler=ruler)
        units = [unit.start for part in parts for unit in splitter.sentences(part, self.size)]
        return [0, *units[1:], len(document.text)]

    def _windows(self, cuts: Sequence[int], ruler: Ruler) -> Iterator[tuple[int, int]]:
        tokens = [ruler.index(cut) for cut in cuts]
        here, last = 0, len(cuts) - 1
        while True:
            there = max(here + 1, bisect_right(tokens, tokens[here] + self.size) - 1)
            yield cuts[here], cuts[there]
            if there == last:
                return
            here = max(here + 1, bisect_left(tokens, tokens[there] - self.overlap))


def _window(part: Part, start: int, end: int, ruler: Ruler) -> Part:
    return replace(part, kind="paragraph", start=start, end=end, first=ruler.index(start), last=ruler.index(end))
