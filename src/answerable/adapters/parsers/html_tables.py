"""The rows of an HTML table, spans filled in, and whether it is a table at all or a page laid out with one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from answerable.adapters.parsers.pieces import Pieces

_MAX_SPAN = 50
_MAX_CELLS = 200_000
_GUTTERS = ("linenos", "gutter", "lineno", "blob-num")  # line numbers beside code


@dataclass(slots=True)
class TableRows:
    """What a table holds."""

    rows: list[list[str]] = field(default_factory=list)
    cells: list[Pieces] = field(default_factory=list)
    caption: str = ""

    @property
    def is_layout(self) -> bool:
        """A cell that holds headings, tables or code, or is the only one, is a part of the page."""
        return len(self.cells) <= 1 or any(cell.has("heading", "table", "code") for cell in self.cells)


def rows_of(
    table: LexborNode, read: Callable[[LexborNode], Pieces | None], shown: Callable[[LexborNode], bool]
) -> TableRows:
    """`read` gives a cell's blocks, or None for hidden ones; `shown` judges rows. Spans are repeated down."""
    found = TableRows()
    carried: dict[int, tuple[int, str]] = {}  # column → (rows to go, text)
    for kind, node in _parts(table, shown):
        pieces = read(node) if kind == "caption" else None
        if pieces is not None:
            found.caption = pieces.line
        if kind == "tr" and len(found.cells) < _MAX_CELLS:
            found.rows.append(_row(node, carried, found, read))
    return found


def _row(
    node: LexborNode,
    carried: dict[int, tuple[int, str]],
    found: TableRows,
    read: Callable[[LexborNode], Pieces | None],
) -> list[str]:
    row: list[str] = []
    for cell in _cells(node):
        _carry(row, carried)
        pieces = read(cell)
        if pieces is None:
            continue
        found.cells.append(pieces)
        across, down = _span(cell, "colspan"), _span(cell, "rowspan")
        if down > 1:
            carried[len(row)] = (down - 1, pieces.line)
        row.extend([pieces.line, *[""] * (across - 1)])
    _carry(row, carried)
    return row


def _carry(row: list[str], carried: dict[int, tuple[int, str]]) -> None:
    while len(row) in carried:
        column = len(row)
        left, text = carried.pop(column)
        if left > 1:
            carried[column] = (left - 1, text)
        row.append(text)


def _parts(table: LexborNode, shown: Callable[[LexborNode], bool]) -> Iterator[tuple[str, LexborNode]]:
    child = table.first_child
    while child is not None:
        tag = child.tag or ""
        if tag in {"thead", "tbody", "tfoot"} and shown(child):
            yield from _parts(child, shown)
        elif tag == "caption" or (tag == "tr" and shown(child)):
            yield tag, child
        child = child.next


def _cells(row: LexborNode) -> Iterator[LexborNode]:
    child = row.first_child
    while child is not None:
        if child.tag in {"td", "th"} and not any(
            name in (child.attributes.get("class") or "") for name in _GUTTERS
        ):
            yield child
        child = child.next


def _span(cell: LexborNode, name: str) -> int:
    value = cell.attributes.get(name) or "1"
    return min(int(value), _MAX_SPAN) if value.isdigit() and len(value) < 5 and int(value) > 0 else 1
