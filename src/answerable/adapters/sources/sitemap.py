"""A sitemap, or an index of sitemaps, as sitemaps.org defines them: XML or plain text, packed with gzip or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from answerable.adapters.sources.fetch import Inflated
from answerable.core.errors import ParseError

MEDIA_TYPES = (
    "application/xml",
    "text/xml",
    "text/plain",
    "application/gzip",
    "application/x-gzip",
    "application/octet-stream",
)
MAX_BYTES = 52_428_800  # unpacked; sitemaps.org
MAX_URLS = 50_000
_MAX_DEPTH = 10
_LONGEST_URL = 4_000


@dataclass(slots=True, kw_only=True)
class Sitemap:
    """Where it leads: to pages, or, from an index, to sitemaps."""

    pages: list[str] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)


def read_sitemap(data: bytes, *, uri: str) -> Sitemap:
    """Raises ParseError, naming the cause; a document type or an entity is one: neither has a place here."""
    if data.startswith(b"\x1f\x8b"):
        data = _unpacked(data, uri)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        return _read_xml(data, uri)
    lines = data.decode("utf-8-sig", "replace").split()
    if not all(line.startswith(("http://", "https://")) for line in lines):
        raise _wrong(uri, "neither XML nor a list of addresses")
    return _bounded(Sitemap(pages=lines), uri)


def _unpacked(data: bytes, uri: str) -> bytes:
    take = Inflated(MAX_BYTES)
    if not take.add(data):
        raise _wrong(uri, f"it unpacks to more than {MAX_BYTES:,} bytes")
    return bytes(take.data)


def _read_xml(data: bytes, uri: str) -> Sitemap:
    reader = _Reader(uri)
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as exc:
        raise _wrong(uri, f"not readable as XML: {exc}") from exc
    return _bounded(reader.found, uri)


class _Reader:
    def __init__(self, uri: str) -> None:
        self.found = Sitemap()
        self._uri = uri
        self._open: list[str] = []
        self._text: list[str] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _doctype(self, name: str, system: str | None, public: str | None, internal: bool) -> None:
        raise _wrong(self._uri, "it declares a document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._open.append(name.rpartition(" ")[2])
        self._text = []
        if len(self._open) > _MAX_DEPTH:
            raise _wrong(self._uri, "it is nested too deeply")

    def _end(self, name: str) -> None:
        if self._open[-2:] in (["url", "loc"], ["sitemap", "loc"]):
            where = self.found.pages if self._open[-2] == "url" else self.found.sitemaps
            where.append("".join(self._text).strip())
            _bounded(self.found, self._uri)
        self._open.pop()

    def _characters(self, text: str) -> None:
        if self._open[-1:] == ["loc"] and len(self._text) < _LONGEST_URL:
            self._text.append(text[:_LONGEST_URL])


def _bounded(found: Sitemap, uri: str) -> Sitemap:
    if len(found.pages) > MAX_URLS or len(found.sitemaps) > MAX_URLS:
        raise _wrong(uri, f"it lists more than {MAX_URLS:,} addresses")
    return found


def _wrong(uri: str, cause: str) -> ParseError:
    return ParseError(f"{uri}: not a readable sitemap ({cause})", hint="Open it in a browser and look.")
