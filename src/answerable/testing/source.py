"""The contract of every Source: each file once, in order, lazily; one bad file never ends the listing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import pytest

from answerable.core.errors import ParseError
from answerable.core.ports import Source


class MakeSource(Protocol):
    """Makes a source that holds these files, by uri."""

    def __call__(self, files: Mapping[str, bytes]) -> Source: ...


FILES = {"b.md": b"# B", "a/z.md": b"# Z", "a/b/c.txt": b"C", "a-b.md": b"# AB", "ä.md": b"# \xc3\xa4"}


class SourceContract:
    """Subclass it in tests/conformance and override the fixture."""

    @pytest.fixture
    def make_source(self) -> MakeSource:
        raise NotImplementedError

    @pytest.fixture
    def source(self, make_source: MakeSource) -> Source:
        return make_source(FILES)

    def test_every_file_is_listed_once_in_the_order_of_the_uris(self, source: Source) -> None:
        assert [candidate.uri for candidate in source.list()] == sorted(FILES)

    def test_two_listings_are_the_same(self, source: Source) -> None:
        assert list(source.list()) == list(source.list())

    def test_the_listing_is_lazy(self, source: Source) -> None:
        listing = source.list()
        assert isinstance(listing, Iterator)
        assert next(listing).uri == min(FILES)

    def test_sizes_are_the_files_own(self, source: Source) -> None:
        assert {candidate.uri: candidate.size for candidate in source.list()} == {
            uri: len(data) for uri, data in FILES.items()
        }
        assert all(candidate.mtime_ns > 0 and candidate.error == "" for candidate in source.list())

    def test_a_file_is_read_with_its_bytes_and_where_it_is_from(self, source: Source) -> None:
        for candidate in source.list():
            raw = source.read(candidate.uri)
            assert (raw.data, raw.uri, raw.source) == (FILES[candidate.uri], candidate.uri, source.id)
            assert raw.tenant
            assert raw.modified_at is not None
            assert raw.modified_at.tzinfo is not None

    @pytest.mark.parametrize(
        "uri", ["none.md", "", "a", "../b.md", "a/../../b.md", "/etc/passwd", "a\0b", "b.md/x"]
    )
    def test_what_is_not_a_file_of_the_source_is_unreadable(self, source: Source, uri: str) -> None:
        with pytest.raises(ParseError) as caught:
            source.read(uri)
        assert caught.value.reason == "unreadable"

    def test_a_source_without_files_lists_nothing(self, make_source: MakeSource) -> None:
        assert list(make_source({}).list()) == []
