"""The body of a Word document, block by block, from its XML: python-docx alone would lose insertions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from docx.document import Document as WordDocument
from docx.oxml.ns import qn

from answerable.adapters.parsers.links import Links
from answerable.adapters.parsers.pieces import table_text
from answerable.adapters.parsers.sheet import Sheet

_P, _TBL, _SDT, _SDT_CONTENT = qn("w:p"), qn("w:tbl"), qn("w:sdt"), qn("w:sdtContent")
_VAL = qn("w:val")
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # the same text once more
_LEFT_OUT = frozenset(
    [_FALLBACK, *map(qn, ("w:del", "w:moveFrom", "w:pPr", "w:rPr", "w:instrText", "w:footnoteReference"))]
)
_TEXT = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_ORDERED = frozenset({"decimal", "lowerLetter", "upperLetter", "lowerRoman", "upperRoman", "decimalZero"})
_MAX_DEPTH = 20  # tables in tables

Element = Any  # lxml's, which carries no types


class WordBody:
    """Writes paragraphs, lists and tables to a sheet."""

    def __init__(self, word: WordDocument, sheet: Sheet, links: Links) -> None:
        self._body = word.element.body
        self._sheet = sheet
        self._links = links
        self._targets = {key: rel.target_ref for key, rel in word.part.rels.items() if rel.is_external}
        self._styles = {style.style_id: style for style in word.styles}
        self._formats = _number_formats(word)
        self._numbers: Counter[tuple[str, int]] = Counter()
        self._items: list[str] = []

    def write(self) -> None:
        for element in _blocks(self._body):
            if element.tag == _TBL:
                self._end_list()
                self._sheet.add("table", table_text(list(self._rows(element, 0))))
            else:
                self._paragraph(element)
        self._end_list()

    def _paragraph(self, element: Element) -> None:
        text = self._text(element).strip()
        level = self._heading_level(element)
        item = self._item(element) if text and not level else None
        if item is not None:
            self._items.append(f"{item}{' '.join(text.split())}")
            return
        if text:
            self._end_list()
        if level and text:
            self._sheet.heading(text, level)
        else:
            self._sheet.add(
                "code" if self._style_name(element) in {"html preformatted", "code"} else "paragraph", text
            )

    def _end_list(self) -> None:
        self._sheet.add("list", "\n".join(self._items))
        self._items.clear()

    def _style_name(self, element: Element) -> str:
        style = self._styles.get(_value(element, "w:pPr/w:pStyle"))
        return (style.name or "").lower() if style is not None else ""

    def _heading_level(self, element: Element) -> int:
        """From the outline level of the paragraph or of its style; Word's own heading names serve as well."""
        name = self._style_name(element)
        if name == "title":
            return 1
        if name.startswith("heading ") and name[8:].isdigit():
            return min(int(name[8:]), 6)
        style = self._styles.get(_value(element, "w:pPr/w:pStyle"))
        levels = [
            _value(element, "w:pPr/w:outlineLvl"),
            _value(style.element, "w:pPr/w:outlineLvl") if style else "",
        ]
        return next((int(level) + 1 for level in levels if level.isdigit() and int(level) < 6), 0)

    def _item(self, element: Element) -> str | None:
        """The marker of a list item, indented by its level; None for a plain paragraph."""
        name = self._style_name(element)
        style = self._styles.get(_value(element, "w:pPr/w:pStyle"))
        owner = (
            element if element.find(_path("w:pPr/w:numPr")) is not None else style.element if style else element
        )
        number = _value(owner, "w:pPr/w:numPr/w:numId")
        if number in {"", "0"} and not name.startswith("list "):
            return None
        level = int(_value(owner, "w:pPr/w:numPr/w:ilvl") or 0)
        ordered = self._formats.get((number, level), "") in _ORDERED or name.startswith("list number")
        if not ordered:
            return "  " * level + "- "
        if not self._items:
            self._numbers.clear()
        self._numbers[number, level] += 1
        return f"{'  ' * level}{self._numbers[number, level]}. "

    def _rows(self, table: Element, depth: int) -> Iterator[list[str]]:
        for row in table.iterfind(f"{qn('w:tr')}"):
            cells: list[str] = []
            for cell in row.iterfind(f"{qn('w:tc')}"):
                parts = [self._cell_part(block, depth) for block in _blocks(cell)]
                cells.append(" ".join(part for part in parts if part))
                cells.extend([""] * (min(int(_value(cell, "w:tcPr/w:gridSpan") or 1), 50) - 1))
            yield cells

    def _cell_part(self, block: Element, depth: int) -> str:
        if block.tag == _P:
            return " ".join(self._text(block).split())
        return "; ".join(" ".join(row) for row in self._rows(block, depth + 1)) if depth < _MAX_DEPTH else ""

    def _text(self, element: Element) -> str:
        return "".join(self._pieces(element))

    def _pieces(self, element: Element) -> Iterator[str]:
        for child in element:
            if child.tag in _LEFT_OUT:
                continue
            if child.tag == qn("w:r") and self._hidden(child):
                self._sheet.counts["hidden_text"] += 1
            elif child.tag == qn("w:t"):
                yield child.text or ""
            elif child.tag in _TEXT:
                yield _TEXT[child.tag]
            elif child.tag == qn("w:hyperlink"):
                label = self._text(child)
                yield label + self._links.follow(self._targets.get(child.get(qn("r:id")), ""), label)
            else:
                yield from self._pieces(child)

    def _hidden(self, run: Element) -> bool:
        properties = run.find(qn("w:rPr"))
        if properties is None or not "".join(run.itertext()).strip():
            return False
        vanish = properties.find(qn("w:vanish"))
        color, size = _value(run, "w:rPr/w:color"), _value(run, "w:rPr/w:sz")
        plain = properties.find(qn("w:shd")) is None and properties.find(qn("w:highlight")) is None
        tiny = size.isdigit() and int(size) <= 4  # half points
        return (
            (vanish is not None and vanish.get(_VAL) not in {"0", "false"})
            or tiny
            or (color == "FFFFFF" and plain)
        )


def _blocks(element: Element) -> Iterator[Element]:
    """Paragraphs and tables in order, content controls opened."""
    for child in element:
        if child.tag in {_P, _TBL}:
            yield child
        elif child.tag == _SDT:
            for content in child.iterfind(_SDT_CONTENT):
                yield from _blocks(content)


def _number_formats(word: WordDocument) -> dict[tuple[str, int], str]:
    """(list number, level) → decimal, bullet …"""
    try:
        numbering = word.part.numbering_part.element
    except (KeyError, NotImplementedError):  # a file without lists
        return {}
    abstract = {
        (found.get(qn("w:abstractNumId")), int(level.get(qn("w:ilvl")) or 0)): _value(level, "w:numFmt")
        for found in numbering.iterfind(qn("w:abstractNum"))
        for level in found.iterfind(qn("w:lvl"))
    }
    formats: dict[tuple[str, int], str] = {}
    for number in numbering.iterfind(qn("w:num")):
        base = _value(number, "w:abstractNumId")
        formats |= {
            (number.get(qn("w:numId")), level): kind for (key, level), kind in abstract.items() if key == base
        }
    return formats


def _path(names: str) -> str:
    return "/".join(qn(name) for name in names.split("/"))


def _value(element: Element, names: str) -> str:
    """The w:val of the first element at the path, or an empty string."""
    found = element.find(_path(names))
    return found.get(_VAL) or "" if found is not None else ""
