"""PDF files: text in reading order with pages, headings, lists and ruled tables. Pictures of text are not read."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as c

from answerable.adapters.parsers import pdf_layout as layout
from answerable.adapters.parsers.assemble import assemble
from answerable.adapters.parsers.door import door, malformed, no_text, too_large
from answerable.adapters.parsers.pdf_page import Line, page_lines
from answerable.adapters.parsers.pdf_tables import PageTable, page_tables
from answerable.adapters.parsers.properties import KEYS, Properties, plausible, read_properties
from answerable.adapters.parsers.sheet import Sheet
from answerable.core.document import Document
from answerable.core.errors import ParseError
from answerable.core.ports import Raw

MEDIA_TYPE = "application/pdf"
_FORM = "PDF"
_SAID = re.compile(r"\s*(\w+)\s*:\s*([^;]+)")  # Subject as `status: published; owner: …`
_DATE = re.compile(r"D:(\d{4})(\d{2})(\d{2})")
_PROGRAM_TITLE = re.compile(
    r"(?i)microsoft (?:word|powerpoint) - |untitled|.*\.(?:docx?|pdf|tex|indd|pptx?|dvi)\Z"
)
_SMALLEST = 3.0  # points; nobody reads smaller text
_GARBLED_SHARE = 0.3  # of the lines
_TITLE_WITHIN = 3_000  # characters of the text


class PdfParser:
    """No OCR: a file of scanned pages raises ParseError with reason no_text."""

    def __init__(self, max_pages: int = 2_000) -> None:
        self._max_pages = max_pages

    def parse(self, raw: Raw) -> Document:
        with door(raw, _FORM):
            document = _open(raw)
            try:
                return self._read(raw, document)
            finally:
                document.close()

    def _read(self, raw: Raw, document: pdfium.PdfDocument) -> Document:
        if len(document) > self._max_pages:
            raise too_large(
                raw, f"the PDF has {len(document):,} pages, more than {self._max_pages:,}", "Split it."
            )
        sheet = Sheet()
        writer = _PdfWriter(document, sheet)
        if writer.garbled > _GARBLED_SHARE:
            raise no_text(
                raw, _FORM, "Its fonts do not say which characters they show: save it anew, or as another type."
            )
        writer.write()
        if not sheet.blocks:
            raise no_text(
                raw, _FORM, "Its pages may be scans: reading pictures (OCR) is not built in; use a text PDF."
            )
        first = sheet.blocks[0]
        shown = writer.title or (first.headings[-1] if first.kind == "heading" else "")
        said, meta = _said(document, raw, shown, sheet.text[:_TITLE_WITHIN])
        meta["pages"] = str(len(document))
        return assemble(raw, sheet, media_type=MEDIA_TYPE, form=_FORM, said=said, meta=meta)


def _open(raw: Raw) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(raw.data)
        len(document)
    except pdfium.PdfiumError as exc:
        if exc.err_code == c.FPDF_ERR_PASSWORD:
            raise ParseError(
                f"{raw.uri}: this PDF asks for a password",
                hint="Save it without a password, or take it out of the source.",
                reason="encrypted",
            ) from exc
        raise malformed(raw, _FORM, str(exc)) from exc
    return document


class _PdfWriter:
    """Reads all pages, learns what is usual in the document, then writes."""

    def __init__(self, document: pdfium.PdfDocument, sheet: Sheet) -> None:
        self._sheet = sheet
        self._tables: dict[int, list[PageTable]] = {}
        self._lines = 0
        pages, heights = [], []
        for number in range(1, len(document) + 1):
            lines, height = self._page(document, number)
            pages.append(lines)
            heights.append(height)
        self._pages = layout.without_running_lines(pages, heights)
        every = [line for lines in self._pages for line in lines]
        self._style = layout.style_of(every)
        self._words = layout.words_of(every)
        self._outline = _outline(document)
        self._open: list[Line] = []  # the paragraph or item that is being collected
        self._items: list[str] = []
        self._items_page = 1

    def _page(self, document: pdfium.PdfDocument, number: int) -> tuple[list[Line], float]:
        page = document[number - 1]
        textpage = page.get_textpage()
        try:
            found = page_lines(textpage, number)
            self._tables[number] = page_tables(page, textpage) if found else []
            height = page.get_height()
        finally:
            textpage.close()
            page.close()
        self._sheet.counts["hidden_text"] += sum(line.size < _SMALLEST for line in found)
        self._sheet.counts["white_text"] += sum(line.faint for line in found)
        self._sheet.counts["garbled_text"] += sum(line.garbled for line in found)
        self._lines += len(found)
        return [line for line in found if line.size >= _SMALLEST and not line.garbled], height

    @property
    def garbled(self) -> float:
        """The share of lines that cannot be read, in [0, 1]."""
        return self._sheet.counts["garbled_text"] / max(1, self._lines)

    @property
    def title(self) -> str:
        """The largest line of the first page, when it is larger than the body."""
        first = self._pages[0] if self._pages else []
        largest = max((line.size for line in first), default=0.0)
        lines = [line.text for line in first if line.size == largest]
        return " ".join(lines[:2]) if largest > self._style.body and lines else ""

    def write(self) -> None:
        for number, lines in enumerate(self._pages, start=1):
            waiting = list(self._tables[number])
            at = 0
            while at < len(lines):
                table = next((table for table in self._tables[number] if table.holds(lines[at])), None)
                if table is not None:
                    self._table(table, waiting, number)
                    at += 1
                    continue
                at += self._line(lines, at)
        self._end_list()

    def _table(self, table: PageTable, waiting: list[PageTable], page: int) -> None:
        if table in waiting:
            waiting.remove(table)
            self._end_list()
            self._sheet.add("table", table.text, page=page)

    def _line(self, lines: Sequence[Line], at: int) -> int:
        """Takes one line, or a heading of several; gives how many."""
        line = lines[at]
        level = layout.heading_level(lines, at, self._style, self._outline)
        if level:
            return self._heading(lines, at, level)
        if self._open and layout.starts_paragraph(self._open[-1], line, self._style):
            self._end_paragraph(next_is_item=layout.is_item(line))
        self._open.append(line)
        return 1

    def _heading(self, lines: Sequence[Line], at: int, level: int) -> int:
        self._end_list()
        taken = 1
        while (
            taken < 3
            and at + taken < len(lines)
            and layout.continues_heading(lines[at + taken - 1], lines[at + taken])
        ):
            taken += 1
        text = layout.mended(" ".join(line.text for line in lines[at : at + taken]), self._words)
        self._sheet.heading(text, level, page=lines[at].page)
        return taken

    def _end_paragraph(self, *, next_is_item: bool) -> None:
        if not self._open:
            return
        lines, self._open = self._open, []
        text = layout.paragraph_text(lines, self._words)
        if layout.is_item(lines[0]):
            self._items_page = self._items_page if self._items else lines[0].page
            self._items.append(layout.item_text(" ".join(text.split("\n"))))
        else:
            self._flush_items()
            self._sheet.add("paragraph", text, page=lines[0].page)
        if not next_is_item:
            self._flush_items()

    def _end_list(self) -> None:
        self._end_paragraph(next_is_item=False)
        self._flush_items()

    def _flush_items(self) -> None:
        self._sheet.add("list", "\n".join(self._items), page=self._items_page)
        self._items.clear()


def _outline(document: pdfium.PdfDocument) -> dict[tuple[int, str], int]:
    """(page, flattened title) → level, from the file's bookmarks."""
    found: dict[tuple[int, str], int] = {}
    for bookmark in document.get_toc(max_depth=6):
        target = bookmark.get_dest()
        index = target.get_index() if target is not None else None
        title = layout.flat(bookmark.get_title() or "")
        if index is not None and title:
            found[index + 1, title] = min(bookmark.level + 1, 6)
    return found


def _said(document: pdfium.PdfDocument, raw: Raw, shown: str, text: str) -> tuple[Properties, dict[str, str]]:
    """`shown`: the first page's own title. The file's title serves where the text says it, or shows none."""
    info = document.get_metadata_dict(skip_empty=True)
    subject = info.get("Subject", "")
    named = {key.lower(): value.strip() for key, value in _SAID.findall(subject) if key.lower() in KEYS}
    changed = _DATE.match(info.get("ModDate", "") or info.get("CreationDate", ""))
    dated = {"updated": "-".join(changed.groups())} if changed else {}
    title = info.get("Title", "")
    title = "" if _PROGRAM_TITLE.match(title) else title
    title = title if layout.flat(title) in layout.flat(text) else shown or title
    values = {"title": title, "tags": info.get("Keywords", "")}
    said = read_properties({**plausible({**values, **dated}), **named}, uri=raw.uri)
    return said, {"author": info.get("Author", ""), "subject": "" if named else subject}
