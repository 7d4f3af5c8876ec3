"""The text of a document while it is being written, block by block: the spans come out right by construction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from answerable.adapters.parsers.canonical import canonical
from answerable.core.document import Block

_GAP = "\n\n"  # between two blocks
MAX_CHARACTERS = 20_000_000  # of one document's text; a larger one is a bomb or a database


class TextTooLongError(Exception):
    """The door makes a ParseError of it: a sheet does not know the file's name."""


class Sheet:
    """Collects blocks in reading order. Headings open sections; every block gets the path it stands under."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.counts: Counter[str] = Counter()  # what was found and left out: hidden_text, html_comments …
        self._parts: list[str] = []
        self._length = 0
        self._path: list[tuple[int, str]] = []

    @property
    def text(self) -> str:
        """Everything so far, blocks apart by one empty line."""
        return "".join(self._parts)

    @property
    def first_heading(self) -> str:
        """Empty when there is none."""
        return next((block.headings[-1] for block in self.blocks if block.kind == "heading"), "")

    def heading(self, text: str, level: int, *, page: int | None = None) -> None:
        """Opens a section of level 1..6 and closes those of the same and of deeper levels."""
        line = " ".join(self._clean(text).split())
        if not line:
            return
        level = max(1, min(level, 6))
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        self._path.append((level, line))
        self._append(Block(kind="heading", start=0, end=0, level=level, headings=self._headings, page=page), line)

    def add(
        self,
        kind: str,
        text: str,
        *,
        page: int | None = None,
        meta: Mapping[str, str] | None = None,
        below: tuple[str, ...] = (),
    ) -> None:
        """A block under the current headings and `below`; blank ones are left out. Line ends inside are kept."""
        body = "\n".join(line.rstrip() for line in self._clean(text).split("\n")).strip("\n")
        if kind != "code":
            body = body.strip()
        if body.strip():
            headings = (*self._headings, *below)
            self._append(
                Block(kind=kind, start=0, end=0, headings=headings, page=page, meta=dict(meta or {})), body
            )

    @property
    def _headings(self) -> tuple[str, ...]:
        return tuple(heading for _, heading in self._path)

    def _clean(self, text: str) -> str:
        clean, invisible = canonical(text)
        if invisible:
            self.counts["invisible_characters"] += invisible
        return clean

    def _append(self, block: Block, body: str) -> None:
        if self._parts:
            self._parts.append(_GAP)
            self._length += len(_GAP)
        start, self._length = self._length, self._length + len(body)
        if self._length > MAX_CHARACTERS:
            raise TextTooLongError(f"its text is longer than {MAX_CHARACTERS:,} characters")
        self._parts.append(body)
        self.blocks.append(replace(block, start=start, end=self._length))
