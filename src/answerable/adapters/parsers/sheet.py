"""The text of a document while it is being written, block by block: the spans come out right by construction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

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
        self._append("heading", line, level, self._headings, page, {})

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
            self._append(kind, body, 0, (*self._headings, *below), page, meta or {})

    @property
    def _headings(self) -> tuple[str, ...]:
        return tuple(heading for _, heading in self._path)

    def _clean(self, text: str) -> str:
        clean, invisible = canonical(text)
        if invisible:
            self.counts["invisible_characters"] += invisible
        return clean

    def _append(
        self,
        kind: str,
        body: str,
        level: int,
        headings: tuple[str, ...],
        page: int | None,
        meta: Mapping[str, str],
    ) -> None:
        if self._parts:
            self._parts.append(_GAP)
            self._length += len(_GAP)
        start, end = self._length, self._length + len(body)
        if end > MAX_CHARACTERS:
            raise TextTooLongError(f"its text is longer than {MAX_CHARACTERS:,} characters")
        self._length = end
        self._parts.append(body)
        self.blocks.append(
            Block(kind=kind, start=start, end=end, level=level, headings=headings, page=page, meta=dict(meta))
        )
