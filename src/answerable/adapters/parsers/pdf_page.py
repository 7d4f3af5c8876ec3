"""One page of a PDF as lines of text with their place, size and weight. As in PDF, y grows upward."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pypdfium2 as pdfium
import pypdfium2.raw as c

_FONT_NAME = 128  # bytes
BROKEN = "\ufffe"  # how PDFium marks a hyphen at a line's end; the rest of the word may follow without a line end
_BULLETS = "•●▪◦‣∙·○■□\uf0b7\uf0a7\uf0d8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of text on a page; size in points."""

    text: str
    page: int  # 1-based
    x0: float
    x1: float
    y: float  # of the bottom of its first character, without descender where it has none
    size: float
    bold: bool
    faint: bool = False  # white, or too small to read


def page_lines(textpage: pdfium.PdfTextPage, number: int) -> list[Line]:
    """In the order of the content stream, which is the reading order of nearly every PDF."""
    lines: list[Line] = []
    start = 0
    for piece in textpage.get_text_range().split("\n"):
        text = piece.rstrip("\r")
        if text.strip():
            line = _line(textpage, text, start, number)
            if lines and _same_row(lines[-1], line):
                lines[-1] = replace(lines[-1], text=f"{lines[-1].text} {line.text}", x1=line.x1)
            else:
                lines.append(line)
        start += len(piece) + 1
    return lines


def _line(textpage: pdfium.PdfTextPage, text: str, start: int, number: int) -> Line:
    first = start + len(text) - len(text.lstrip())
    last = start + len(text.rstrip()) - 1
    left, bottom, right, _ = textpage.get_charbox(first)
    _, _, end, _ = textpage.get_charbox(last)
    _, low, _, high = textpage.get_charbox((first + last) // 2, loose=True)
    return Line(
        text=text.strip().replace("\x02", BROKEN),
        page=number,
        x0=left,
        x1=max(end, right),
        y=bottom,
        size=round((high - low) * 2) / 2 or c.FPDFText_GetFontSize(textpage.raw, first),
        bold=_bold(textpage, first) and _bold(textpage, last),
        faint=_white(textpage, first),
    )


def _same_row(above: Line, line: Line) -> bool:
    """A bullet or a number that PDFium took for a line of its own."""
    alone = len(above.text) <= 3 and (above.text in _BULLETS or above.text[-1] in ".)")
    return alone and abs(above.y - line.y) < 0.6 * max(line.size, 1) and line.x0 > above.x0


def _bold(textpage: pdfium.PdfTextPage, index: int) -> bool:
    buffer, flags = ctypes.create_string_buffer(_FONT_NAME), ctypes.c_int()
    c.FPDFText_GetFontInfo(textpage.raw, index, buffer, _FONT_NAME, flags)
    name = buffer.value.lower()
    return (
        b"bold" in name
        or b"black" in name
        or b"heavy" in name
        or c.FPDFText_GetFontWeight(textpage.raw, index) >= 600
    )


def _white(textpage: pdfium.PdfTextPage, index: int) -> bool:
    parts = [ctypes.c_uint() for _ in range(4)]
    found = c.FPDFText_GetFillColor(textpage.raw, index, *parts)
    return bool(found) and all(part.value >= 250 for part in parts[:3])


def ruling_lines(page: pdfium.PdfPage, limit: int) -> list[tuple[float, float, float, float]]:
    """Straight strokes and edges of boxes as (x0, y0, x1, y1); none at all where there are more than `limit`."""
    found: list[tuple[float, float, float, float]] = []
    for item in page.get_objects(filter=[c.FPDF_PAGEOBJ_PATH], max_depth=1):
        for (x0, y0), (x1, y1) in _segments(item):
            if abs(x0 - x1) < 1 or abs(y0 - y1) < 1:
                found.append((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
        if len(found) > limit:
            return []
    return found


def _segments(item: pdfium.PdfObject) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    matrix = item.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    begin = here = (0.0, 0.0)
    for at in range(min(c.FPDFPath_CountSegments(item.raw), 2_000)):
        segment = c.FPDFPath_GetPathSegment(item.raw, at)
        c.FPDFPathSegment_GetPoint(segment, x, y)
        point = matrix.on_point(x.value, y.value)
        kind = c.FPDFPathSegment_GetType(segment)
        if kind == c.FPDF_SEGMENT_MOVETO:
            begin = point
        elif kind == c.FPDF_SEGMENT_LINETO:
            yield here, point
        here = point
        if c.FPDFPathSegment_GetClose(segment):
            yield here, begin
