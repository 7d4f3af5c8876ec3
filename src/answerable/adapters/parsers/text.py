"""Plain text files."""

from __future__ import annotations

from answerable.adapters.parsers.assemble import assemble
from answerable.adapters.parsers.canonical import decode
from answerable.adapters.parsers.door import door
from answerable.adapters.parsers.front_matter import split_front_matter
from answerable.adapters.parsers.properties import read_properties
from answerable.adapters.parsers.prose import write_prose
from answerable.adapters.parsers.sheet import Sheet
from answerable.core.document import Document
from answerable.core.ports import Raw

MEDIA_TYPE = "text/plain"
_FORM = "text file"


class TextParser:
    """Headings, lists and paragraphs by how the lines look; front matter is read as in Markdown."""

    def parse(self, raw: Raw) -> Document:
        with door(raw, _FORM):
            decoded = decode(raw.data, uri=raw.uri)
            values, body = split_front_matter(decoded.text, uri=raw.uri)
            sheet = Sheet()
            sheet.counts["invisible_characters"] += decoded.invisible
            write_prose(body, sheet)
            said = read_properties(values, uri=raw.uri)
            return assemble(raw, sheet, media_type=MEDIA_TYPE, form=_FORM, said=said, meta=decoded.meta)
