"""Chunks of a fixed number of tokens with an overlap: the customary baseline, blind to structure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from answerable.core.document import Block, Chunk, Document
from answerable.core.errors import ConfigError
from answerable.core.ports import Tokenizer
from answerable.ingest.groups import chunks_of
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
        return f"fixed-2/{self.size}/{self.overlap}/{self.respect}"

    def chunk(self, document: Document) -> list[Chunk]:
        """The document's chunks in order; together they hold everything but blanks."""
        ruler = Ruler(document.text, self.tokenizer)
        parts = parts_of(document, ruler)
        starts = [part.start for part in parts]
        windows, done = list[list[Part]](), 0
        for left, right in self._windows(document, parts, ruler):
            start, end = trimmed(document.text, left, right)
            if end > max(start, done):  # neither blank nor wholly inside the one before
                block = parts[bisect_right(starts, start) - 1].block
                windows.append([_window(start, end, block, ruler)])
                done = end
        return chunks_of(document, windows)

    def _windows(self, document: Document, parts: Sequence[Part], ruler: Ruler) -> Iterator[tuple[int, int]]:
        """Spans of up to `size` tokens between two of the places where a cut may be."""
        cuts, tokens = self._cuts(document, parts, ruler)
        here, last = 0, len(cuts) - 1
        while True:
            there = max(here + 1, bisect_right(tokens, tokens[here] + self.size) - 1)
            yield cuts[here], cuts[there]
            if there == last:
                return
            here = max(here + 1, bisect_left(tokens, tokens[there] - self.overlap))

    def _cuts(
        self, document: Document, parts: Sequence[Part], ruler: Ruler
    ) -> tuple[Sequence[int], Sequence[int]]:
        """The characters where a cut may be, the text's ends among them, and the tokens before each."""
        end = len(document.text)
        if self.respect == "token":
            return [0, *ruler.marks[1:], end], range(max(2, len(ruler.marks) + 1))
        splitter = Splitter(text=document.text, language=document.language, ruler=ruler)
        units = [unit for part in parts for unit in splitter.sentences(part, self.size)][1:]
        return [0, *(unit.start for unit in units), end], [0, *(unit.first for unit in units), len(ruler.marks)]


def _window(start: int, end: int, block: Block, ruler: Ruler) -> Part:
    plain = replace(block, kind="paragraph")
    return Part(start=start, end=end, first=ruler.index(start), last=ruler.index(end), block=plain)
