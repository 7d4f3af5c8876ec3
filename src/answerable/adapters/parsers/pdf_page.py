"""One page of a PDF as lines of text with their place, size and weight. As in PDF, y grows upward."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pypdfium2 as pdfium
import pypdfium2.raw as c

_FONT_NAME = 128  # bytes
BROKEN = "\ufffe"  # how PDFium marks a hyphen at a line's end; the rest of the word may follow without a line end
_LINE_END = "\r\n"
_SHIFT = {code: chr(code + 29) for code in range(3, 98)}
_BULLETS = "•●▪◦‣∙·○■□\uf0b7\uf0a7\uf0d8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of text on a page; size in points."""

    text: str
    page: int  # 1-based
    x0: float
    x1: float
    y: float  # of the baseline
    size: float
    bold: bool
    faint: bool = False  # white
    garbled: bool = False  # its font does not say which characters it shows


def page_lines(textpage: pdfium.PdfTextPage, number: int) -> list[Line]:
    """In the order of the content stream, which is the reading order of nearly every PDF."""
    lines: list[Line] = []
    start = 0
    for piece in textpage.get_text_range().split(_LINE_END):
        if piece.strip():
            line = _line(textpage, piece, start, number)
            if lines and _same_row(lines[-1], line):
                lines[-1] = replace(lines[-1], text=f"{lines[-1].text} {line.text}", x1=line.x1)
            else:
                lines.append(line)
        start += len(piece) + len(_LINE_END)
    return lines


def _line(textpage: pdfium.PdfTextPage, text: str, start: int, number: int) -> Line:
    first = start + len(text) - len(text.lstrip())
    last = start + len(text.rstrip()) - 1
    left, _, right, _ = textpage.get_charbox(first)
    _, _, end, _ = textpage.get_charbox(last)
    size, baseline = _measure(textpage, first)
    probes = (first, (first + last) // 2, last)
    unmapped = any(c.FPDFText_HasUnicodeMapError(textpage.raw, at) for at in probes)
    return Line(
        text=text.strip().replace("\x02", BROKEN),
        page=number,
        x0=left,
        x1=max(end, right),
        y=baseline,
        size=size,
        bold=_bold(textpage, first) and _bold(textpage, last),
        faint=_white(textpage, first),
        garbled=unmapped and _is_shifted(text),
    )


def _measure(textpage: pdfium.PdfTextPage, index: int) -> tuple[float, float]:
    """A character's size in points (its font's, scaled by the page), and the y of its baseline."""
    x, y, matrix = ctypes.c_double(), ctypes.c_double(), c.FS_MATRIX()
    c.FPDFText_GetCharOrigin(textpage.raw, index, x, y)
    scale = math.hypot(matrix.c, matrix.d) if c.FPDFText_GetMatrix(textpage.raw, index, matrix) else 1.0
    return round(c.FPDFText_GetFontSize(textpage.raw, index) * scale * 2) / 2 or 1.0, y.value


def _is_shifted(text: str) -> bool:
    """Whether these are glyph numbers: in fonts of the usual order they are 29 below the letters' codes."""
    return _likeness(text.translate(_SHIFT)) > _likeness(text)


def _likeness(text: str) -> float:
    """To a language in Latin letters: the share of its commonest ones."""
    letters = [char for char in text.lower() if char.isalnum()]
    return sum(char in "etaoinsrh" for char in letters) / max(1, len(letters))


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
    for at in range(
        c.FPDFPage_CountObjects(page.raw)
    ):  # the library's own iterator builds an object for every letter
        item = c.FPDFPage_GetObject(page.raw, at)
        if c.FPDFPageObj_GetType(item) != c.FPDF_PAGEOBJ_PATH:
            continue
        for (x0, y0), (x1, y1) in _segments(item):
            if abs(x0 - x1) < 1 or abs(y0 - y1) < 1:
                found.append((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
        if len(found) > limit:
            return []
    return found


def _segments(item: c.FPDF_PAGEOBJECT) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """The straight pieces of a path, in the page's coordinates."""
    matrix, x, y = c.FS_MATRIX(), ctypes.c_float(), ctypes.c_float()
    c.FPDFPageObj_GetMatrix(item, matrix)
    begin = here = (0.0, 0.0)
    for at in range(min(c.FPDFPath_CountSegments(item), 2_000)):
        segment = c.FPDFPath_GetPathSegment(item, at)
        c.FPDFPathSegment_GetPoint(segment, x, y)
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        kind = c.FPDFPathSegment_GetType(segment)
        if kind == c.FPDF_SEGMENT_MOVETO:
            begin = point
        elif kind == c.FPDF_SEGMENT_LINETO:
            yield here, point
        here = point
        if c.FPDFPathSegment_GetClose(segment):
            yield here, begin
