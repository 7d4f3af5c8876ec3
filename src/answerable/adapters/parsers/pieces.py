"""Blocks inside a block: what a list item, a table cell or a quotation holds, before it becomes lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Out(Protocol):
    """Where a walk over a tree writes: a Sheet, or the Pieces of a block."""

    def heading(self, text: str, level: int) -> None: ...

    def add(self, kind: str, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Piece:
    kind: str
    text: str
    level: int = 0


@dataclass(slots=True)
class Pieces:
    """An Out that keeps what it is given."""

    items: list[Piece] = field(default_factory=list)

    def heading(self, text: str, level: int) -> None:
        self.items.append(Piece("heading", text, level))

    def add(self, kind: str, text: str) -> None:
        if text.strip():
            self.items.append(Piece(kind, text))

    def has(self, *kinds: str) -> bool:
        """Whether a piece of one of these kinds is there."""
        return any(piece.kind in kinds for piece in self.items)

    def replay(self, out: Out) -> None:
        """Write them as blocks of their own."""
        for piece in self.items:
            if piece.kind == "heading":
                out.heading(piece.text, piece.level)
            else:
                out.add(piece.kind, piece.text)

    @property
    def lines(self) -> str:
        """One below the other."""
        return "\n".join(piece.text.strip("\n") for piece in self.items)

    @property
    def line(self) -> str:
        """All on one line."""
        return " ".join(" ".join(piece.text.split()) for piece in self.items)


def list_item(marker: str, pieces: Pieces) -> str:
    """`- first line`, everything below it indented to the same column."""
    indent = " " * len(marker)
    body = pieces.lines.strip("\n") or ""
    first, _, rest = body.partition("\n")
    below = "".join(f"\n{indent}{line}" if line.strip() else "\n" for line in rest.split("\n")) if rest else ""
    return f"{marker}{first.strip()}{below}".rstrip()


def table_text(rows: Sequence[Sequence[str]], caption: str = "") -> str:
    """Rows as lines with ` | ` between the cells; blank rows are left out. Empty when there is nothing."""
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    lines = [" | ".join(row) for row in cells if any(row)]
    return "\n".join([caption, *lines] if caption and lines else lines)
