"""Tables of a PDF page, from its ruling lines. pdfplumber finds the cells, PDFium reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pypdfium2 as pdfium

from answerable.adapters.parsers.pdf_page import Line, ruling_lines
from answerable.adapters.parsers.pieces import table_text

_MAX_LINES = 4_000  # strokes a page: beyond it, it is a drawing
_MAX_POINTS = 2_500
_SNAP = 3.0  # points within which two strokes are one
_SIGN = re.compile(r"[$€£]?\Z")
_CLOSES = re.compile(r"[)%]*\Z")

Box = tuple[float, float, float, float]  # x0, bottom, x1, top


@dataclass(frozen=True, slots=True)
class PageTable:
    box: Box
    text: str

    def holds(self, line: Line) -> bool:
        """Whether the line is a part of the table."""
        x0, bottom, x1, top = self.box
        return bottom - 1 <= line.y + line.size / 4 <= top and x0 - 2 <= (line.x0 + min(line.x1, x1)) / 2 <= x1 + 2


def page_tables(page: pdfium.PdfPage, textpage: pdfium.PdfTextPage) -> list[PageTable]:
    """From top to bottom. Empty for pages without ruling lines."""
    strokes = ruling_lines(page, _MAX_LINES)
    if len(strokes) < 4:
        return []
    tables = []
    for cells in _cells(strokes):
        text = table_text(_rows(cells, textpage))
        if text.count("\n") >= 1 and " | " in text:
            tables.append(PageTable(_around(cells), text))
    return sorted(tables, key=lambda table: -table.box[3])


def _cells(strokes: list[Box]) -> list[list[Box]]:
    # Imported at the first page with rules: 0.2 s and pdfminer, which no other page needs.
    from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

    edges = merge_edges([_edge(stroke) for stroke in strokes], _SNAP, _SNAP, _SNAP, _SNAP)
    edges = [edge for edge in edges if max(edge["x1"] - edge["x0"], edge["bottom"] - edge["top"]) >= _SNAP]
    points = edges_to_intersections(edges, _SNAP, _SNAP)
    if len(points) > _MAX_POINTS:
        return []
    return [[_upright(cell) for cell in cells] for cells in cells_to_tables(intersections_to_cells(points))]


def _edge(stroke: Box) -> dict[str, float | str]:
    """As pdfplumber keeps it, whose y grows downward: `top` is minus the upper y."""
    x0, y0, x1, y1 = stroke
    orientation = "h" if x1 - x0 >= y1 - y0 else "v"
    return {
        "x0": x0,
        "x1": x1,
        "top": -y1,
        "bottom": -y0,
        "width": x1 - x0,
        "height": y1 - y0,
        "orientation": orientation,
    }


def _upright(cell: Box) -> Box:
    x0, top, x1, bottom = cell
    return (x0, -bottom, x1, -top)


def _rows(cells: list[Box], textpage: pdfium.PdfTextPage) -> list[list[str]]:
    """Columns end where cells end: figures are set to the right, and a wide cell ends with its last column."""
    rights = sorted({cell[2] for cell in cells})
    rows = []
    for top in sorted({cell[3] for cell in cells}, reverse=True):
        texts = {cell[2]: _text(cell, textpage) for cell in cells if cell[3] == top}
        row = [texts.get(right, "") for right in rights]
        alone = [text for text in row if text]
        rows.append(row if len(alone) > 1 else alone + [""] * (len(row) - len(alone)))
    columns = _joined([list(column) for column in zip(*rows, strict=True)])
    return [list(row) for row in zip(*columns, strict=True)]


def _joined(columns: list[list[str]]) -> list[list[str]]:
    """Accounting tables give currency signs and closing brackets columns of their own; empty ones are spacers."""
    joined: list[list[str]] = []
    signs: list[str] = []
    for column in columns:
        if not any(column):
            continue
        if all(_SIGN.match(cell) for cell in column):
            signs = column
        elif joined and all(_CLOSES.match(cell) for cell in column):
            joined[-1] = list(map(str.__add__, joined[-1], column))
        else:
            joined.append(list(map(str.__add__, signs, column)) if signs else column)
            signs = []
    return joined


def _text(cell: Box, textpage: pdfium.PdfTextPage) -> str:
    x0, bottom, x1, top = cell
    return " ".join(textpage.get_text_bounded(x0, bottom, x1, top).split())


def _around(cells: list[Box]) -> Box:
    lefts, bottoms, rights, tops = zip(*cells, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)
