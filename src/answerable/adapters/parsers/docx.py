"""Word files (.docx): headings by style, lists, tables and text in document order."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime

import docx
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE

from answerable.adapters.parsers.assemble import NOTHING, assemble
from answerable.adapters.parsers.docx_body import WordBody
from answerable.adapters.parsers.door import door, malformed, too_large
from answerable.adapters.parsers.links import Links
from answerable.adapters.parsers.properties import STATUSES, Properties, plausible, read_properties
from answerable.adapters.parsers.sheet import Sheet
from answerable.core.document import Document
from answerable.core.ports import Raw

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_FORM = "Word file"
_MAX_ENTRIES = 5_000
_MAX_XML = 100_000_000  # bytes unpacked, of the parts that are read; pictures are not
_MAX_RATIO = 200  # unpacked to packed of the whole archive; Word's own XML stays under 30


class DocxParser:
    """Comments, deleted text, headers, footers and footnotes are left out; hidden text is left out and counted."""

    def parse(self, raw: Raw) -> Document:
        with door(raw, _FORM):
            _check_archive(raw)
            word = docx.Document(io.BytesIO(raw.data))
            sheet, links = Sheet(), Links()
            WordBody(word, sheet, links).write()
            said, extra = _said(word, raw)
            return assemble(raw, sheet, media_type=MEDIA_TYPE, form=_FORM, said=said, meta=extra, links=links)


def _check_archive(raw: Raw) -> None:
    """Before anything is unpacked: zipfile unpacks no more than an entry declares, so the sizes bind."""
    with zipfile.ZipFile(io.BytesIO(raw.data)) as archive:
        entries = archive.infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        raise malformed(raw, _FORM, "its archive is encrypted")
    unpacked = sum(entry.file_size for entry in entries)
    xml = sum(entry.file_size for entry in entries if entry.filename.endswith((".xml", ".rels")))
    if len(entries) > _MAX_ENTRIES or xml > _MAX_XML or unpacked > _MAX_RATIO * max(len(raw.data), 10_000):
        raise too_large(
            raw,
            f"the Word file unpacks to {unpacked:,} bytes in {len(entries):,} parts",
            "Save it again in Word, without what blows it up, or split it.",
        )


def _said(word: WordDocument, raw: Raw) -> tuple[Properties, Mapping[str, str]]:
    if not any(
        relation.reltype == RELATIONSHIP_TYPE.CORE_PROPERTIES for relation in word.part.package.rels.values()
    ):
        return NOTHING, {}  # python-docx would make some up, dated now
    core = word.core_properties
    status = next((value for value in (core.content_status, core.category) if value.lower() in STATUSES), "")
    values = plausible({"language": core.language, "updated": _day(core.modified)})
    said = read_properties(
        {**values, "title": core.title, "status": status.lower(), "tags": core.keywords}, uri=raw.uri
    )
    return said, {"author": core.author, "subject": core.subject, "description": core.comments}


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else ""
