"""What a file is, is seen from its bytes first and its name second."""

from __future__ import annotations

import io
import zipfile

import pytest

from answerable.adapters.parsers import detect as kinds
from answerable.adapters.parsers.detect import detect
from answerable.adapters.parsers.registry import Parsers, all_parsers
from answerable.core.document import Document
from answerable.core.errors import ParseError
from answerable.core.ports import Raw
from answerable.testing import files


def raw(uri: str, data: bytes, media_type: str = "") -> Raw:
    return Raw(uri=uri, data=data, source="s", tenant="t", media_type=media_type)


def a_zip(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("uri", "data", "kind"),
    [
        ("a.md", b"# A", kinds.MARKDOWN),
        ("a.MARKDOWN", b"# A", kinds.MARKDOWN),
        ("a.htm", b"<p>A", kinds.HTML),
        ("a.txt", b"A", kinds.TEXT),
        ("a.rst", b"A", kinds.RST),
        ("a.csv", b"a,b", kinds.CSV),
        ("a.tsv", b"a\tb", kinds.CSV),
        ("a.eml", b"Subject: A", kinds.MAIL),
        ("a.json", b"[]", kinds.CHAT),
        ("a.txt", files.pdf([[]]), kinds.PDF),
        ("a.pdf", b"\n\n" + files.pdf([[]]), kinds.PDF),
        ("a.bin", files.docx("<w:p/>"), kinds.DOCX),
        ("README", b"Read me", kinds.TEXT),
        ("v1.2", b"Read me", kinds.TEXT),
        ("a.aspx", b"\n<!DOCTYPE html><p>A", kinds.HTML),
        ("message", b"From: a\r\nTo: b\r\n c\r\nSubject: x\r\n\r\nHello", kinds.MAIL),
        ("a.txt", "A".encode("utf-16"), kinds.TEXT),
        ("a.txt", "Some text".encode("utf-16-le"), kinds.TEXT),
    ],
)
def test_the_type_is_found(uri: str, data: bytes, kind: str) -> None:
    assert detect(raw(uri, data)) == kind


@pytest.mark.parametrize(
    ("uri", "data", "said"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office"),
        ("a.md", b"\x89PNG\r\n", "image"),
        ("a.txt", b"\x1f\x8b\x08", "gzip"),
        ("a.txt", b"abc\0def", "binary"),
        ("a.xlsx", a_zip("xl/workbook.xml"), "spreadsheet"),
        ("a.zip", a_zip("a.txt"), "archive"),
        ("a.zip", b"PK\x03\x04", "damaged archive"),
        ("a.py", b"print()", ".py"),
        ("a.rtf", b"{\\rtf1", "RTF"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_can(uri: str, data: bytes, said: str) -> None:
    with pytest.raises(ParseError, match=said) as caught:
        detect(raw(uri, data))
    assert caught.value.reason == "unsupported"
    assert "PDF" in caught.value.hint


@pytest.mark.parametrize(("uri", "data"), [("a.pdf", b"hello"), ("a.docx", b"PK\x03\x04"), ("a.docx", b"hello")])
def test_a_broken_file_of_a_known_kind_is_malformed(uri: str, data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        detect(raw(uri, data))
    assert caught.value.reason == "malformed"


def test_the_source_may_say_the_type() -> None:
    assert detect(raw("page", b"A", "text/html; charset=utf-8")) == kinds.HTML
    assert detect(raw("a.txt", b"A", "application/x-unknown")) == kinds.TEXT


def test_parsers_are_chosen_by_type_and_built_once() -> None:
    built = []

    class Echo:
        def parse(self, raw: Raw) -> Document:
            return Document(source="s", uri=raw.uri, title="t", text="x", tenant="t")

    def make() -> Echo:
        built.append(1)
        return Echo()

    parsers = Parsers({kinds.TEXT: make})
    assert [parsers.parse(raw(uri, b"A")).uri for uri in ("a.txt", "b.txt")] == ["a.txt", "b.txt"]
    assert built == [1]
    with pytest.raises(ParseError, match="text/csv"):
        parsers.parse(raw("a.csv", b"a,b"))


def test_a_missing_library_is_said_with_what_to_install() -> None:
    def make() -> Echoless:
        raise ImportError("no", name="docx")

    class Echoless:
        def parse(self, raw: Raw) -> Document:
            raise NotImplementedError

    with pytest.raises(ParseError, match="docx") as caught:
        Parsers({kinds.TEXT: make}).parse(raw("a.txt", b"A"))
    assert "answerable[documents]" in caught.value.hint


def test_every_supported_type_has_its_parser() -> None:
    texts = {
        "a.md": b"# A",
        "a.html": b"<p>A",
        "a.txt": b"A",
        "a.rst": b"A",
        "a.csv": b"a,b\n1,2",
        "a.eml": b"Subject: A\n\nB",
        "a.json": b'[{"text": "A"}]',
        "a.pdf": files.pdf([[("A", 10, 50, 400)]]),
        "a.docx": files.docx("<w:p><w:r><w:t>A</w:t></w:r></w:p>"),
    }
    parsers = all_parsers()
    assert all(parsers.parse(raw(uri, data)).text for uri, data in texts.items())
