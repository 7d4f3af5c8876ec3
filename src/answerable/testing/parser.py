"""The contract of every Parser: exact spans over canonical text, one kind of error, no rights from the file."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable.core.document import Document
from answerable.core.errors import ParseError
from answerable.core.ports import Parser, Raw

_REASONS = {"malformed", "encrypted", "unsupported", "too_large", "no_text", "memory", "timeout", "crash"}
_FUZZ = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[  # parsers keep nothing between files; every adapter's class inherits these tests
        HealthCheck.function_scoped_fixture,
        HealthCheck.differing_executors,
        HealthCheck.too_slow,
    ],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sound file of the parser's format, and what must come out of it."""

    uri: str
    data: bytes
    title: str
    media_type: str
    says: tuple[str, ...]  # pieces of text, in this order
    hides: tuple[str, ...] = ()  # what is in the file and must not be in the text
    headings: tuple[tuple[str, ...], ...] = ()  # the paths of its heading blocks, in order
    kinds: tuple[str, ...] = ()  # kinds of block that must be there
    updated: date | None = None  # what the file itself says


def raw_of(sample: Sample) -> Raw:
    """The sample as its source would hand it over."""
    return Raw(
        uri=sample.uri,
        data=sample.data,
        source="docs",
        tenant="acme",
        language="de",
        acl=("staff", "legal"),
        status="draft",
        owner="ann@example.com",
        trust="partner",
        modified_at=datetime(2026, 3, 4, 5, 6, tzinfo=UTC),
    )


class ParserContract:
    """Subclass it in tests/conformance and override both fixtures."""

    @pytest.fixture
    def parser(self) -> Parser:
        raise NotImplementedError

    @pytest.fixture
    def sample(self) -> Sample:
        raise NotImplementedError

    @pytest.fixture
    def document(self, parser: Parser, sample: Sample) -> Document:
        return parser.parse(raw_of(sample))

    def test_the_text_is_canonical(self, document: Document) -> None:
        assert document.text.strip()
        assert unicodedata.is_normalized("NFC", document.text)
        assert not set(document.text) & set("\0\r\ufeff\xad\u200b\u202e")

    def test_what_people_read_is_in_the_text_in_their_order(self, document: Document, sample: Sample) -> None:
        places = [document.text.index(piece) for piece in sample.says]
        assert places == sorted(places)

    def test_what_people_do_not_read_is_not_in_the_text(self, document: Document, sample: Sample) -> None:
        assert [piece for piece in sample.hides if piece in document.text] == []

    def test_blocks_are_ordered_spans_with_words_in_them(self, document: Document) -> None:
        at = 0
        for block in document.blocks:
            assert at <= block.start < block.end <= len(document.text)
            assert document.text[block.start : block.end].strip()
            at = block.end

    def test_nothing_but_blanks_stands_between_the_blocks(self, document: Document) -> None:
        ends = [0, *(block.end for block in document.blocks)]
        starts = [*(block.start for block in document.blocks), len(document.text)]
        assert [
            document.text[end:start]
            for end, start in zip(ends, starts, strict=True)
            if document.text[end:start].strip()
        ] == []

    def test_headings_open_sections(self, document: Document, sample: Sample) -> None:
        found = [block for block in document.blocks if block.kind == "heading"]
        assert tuple(block.headings for block in found) == sample.headings
        for block in found:
            assert document.text[block.start : block.end] == block.headings[-1]
            assert 1 <= block.level <= 6

    def test_other_blocks_stand_under_the_last_heading(self, document: Document) -> None:
        path: tuple[str, ...] = ()
        for block in document.blocks:
            path = block.headings if block.kind == "heading" else path
            assert block.headings[: len(path)] == path

    def test_the_kinds_of_block_are_told_apart(self, document: Document, sample: Sample) -> None:
        assert set(sample.kinds) <= {block.kind for block in document.blocks}

    def test_the_same_bytes_give_the_same_document(
        self, parser: Parser, sample: Sample, document: Document
    ) -> None:
        assert parser.parse(raw_of(sample)) == document

    def test_the_document_belongs_where_the_file_came_from(self, document: Document, sample: Sample) -> None:
        assert (document.source, document.uri, document.tenant) == ("docs", sample.uri, "acme")
        assert document.media_type == sample.media_type

    def test_the_title_is_the_files_own(self, document: Document, sample: Sample) -> None:
        assert document.title == sample.title

    def test_what_the_file_does_not_say_its_source_says(self, document: Document, sample: Sample) -> None:
        assert (document.status, document.language, document.owner) == ("draft", "de", "ann@example.com")
        assert (document.acl, document.trust) == (("legal", "staff"), "partner")
        assert document.updated_at == (sample.updated or date(2026, 3, 4))

    def test_a_sidecar_goes_over_the_file(self, parser: Parser, sample: Sample) -> None:
        meta = {
            "title": "Renamed",
            "status": "archived",
            "owner": "bo@example.com",
            "language": "es-MX",
            "updated": "2025-01-02",
            "review_by": "2027-01-02",
            "tags": "a, b",
            "product": "Hub",
        }
        document = parser.parse(replace(raw_of(sample), meta=meta))
        assert (document.title, document.status, document.owner) == ("Renamed", "archived", "bo@example.com")
        assert (document.language, document.updated_at) == ("es", date(2025, 1, 2))
        assert document.review_by == date(2027, 1, 2)
        assert (document.meta["tags"], document.meta["product"]) == ("a, b", "Hub")

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("status", "final"),
            ("trust", "total"),
            ("updated", "May"),
            ("review_by", "2026-13-01"),
            ("language", "!"),
        ],
    )
    def test_a_wrong_value_is_named(self, parser: Parser, sample: Sample, key: str, value: str) -> None:
        with pytest.raises(ParseError) as caught:
            parser.parse(replace(raw_of(sample), meta={key: value}))
        assert key in str(caught.value)
        assert value in str(caught.value)
        assert sample.uri in str(caught.value)

    def test_trust_and_readers_can_be_narrowed(self, parser: Parser, sample: Sample) -> None:
        document = parser.parse(replace(raw_of(sample), meta={"trust": "public", "acl": "legal, board"}))
        assert (document.trust, document.acl) == ("public", ("legal",))

    def test_trust_and_readers_cannot_be_widened(self, parser: Parser, sample: Sample) -> None:
        document = parser.parse(replace(raw_of(sample), meta={"trust": "internal", "acl": "public"}))
        assert (document.trust, document.acl) == ("partner", ("legal", "staff"))
        assert document.meta["widening_refused"] == "acl, trust"

    def test_readers_outside_the_source_are_refused(self, parser: Parser, sample: Sample) -> None:
        with pytest.raises(ParseError, match="board"):
            parser.parse(replace(raw_of(sample), meta={"acl": "board"}))

    def test_an_empty_file_is_refused(self, parser: Parser, sample: Sample) -> None:
        with pytest.raises(ParseError):
            parser.parse(replace(raw_of(sample), data=b""))

    def test_a_truncated_file_is_read_or_refused(self, parser: Parser, sample: Sample) -> None:
        for part in range(1, 24):
            _read_or_refuse(parser, sample, sample.data[: len(sample.data) * part // 24])

    @_FUZZ
    @given(garbage=st.binary(max_size=400))
    def test_garbage_is_read_or_refused(self, parser: Parser, sample: Sample, garbage: bytes) -> None:
        _read_or_refuse(parser, sample, garbage)

    @_FUZZ
    @given(at=st.floats(0, 1), patch=st.binary(min_size=1, max_size=40), over=st.booleans())
    def test_a_damaged_file_is_read_or_refused(
        self, parser: Parser, sample: Sample, at: float, patch: bytes, over: bool
    ) -> None:
        place = int(at * len(sample.data))
        rest = sample.data[place + (len(patch) if over else 0) :]
        _read_or_refuse(parser, sample, sample.data[:place] + patch + rest)

    @_FUZZ
    @given(text=st.text(max_size=300))
    def test_any_text_is_read_or_refused(self, parser: Parser, sample: Sample, text: str) -> None:
        _read_or_refuse(parser, sample, text.encode("utf-8", errors="surrogatepass"))


def _read_or_refuse(parser: Parser, sample: Sample, data: bytes) -> None:
    try:
        document = parser.parse(replace(raw_of(sample), data=data))
    except ParseError as exc:
        assert exc.reason in _REASONS
        assert sample.uri in str(exc)
        return
    assert "\0" not in document.text + document.title + "".join(document.meta.values())
    assert unicodedata.is_normalized("NFC", document.text)
    assert all(document.text[block.start : block.end].strip() for block in document.blocks)
