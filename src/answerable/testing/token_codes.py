"""What a Store that takes token codes, and the TokenCodes that reads them back, promise together."""

from __future__ import annotations

import pytest

from answerable.core.errors import ModelMismatch
from answerable.core.ports import Store, TokenCodes
from answerable.testing.samples import SMALL, a_document, paragraphs, put, vectors_of

DOCUMENT = a_document("Cats sleep.\n\nDogs bark.")
CATS, DOGS = paragraphs(DOCUMENT)
BOTH = [CATS.id, DOGS.id]


class TokenCodesContract:
    """Subclass it and override the fixture `pair`: both over one index."""

    @pytest.fixture
    def pair(self) -> tuple[Store, TokenCodes]:
        """An empty store and its codes; override."""
        raise NotImplementedError

    async def test_codes_come_back_as_they_were_given(self, pair: tuple[Store, TokenCodes]) -> None:
        store, codes = pair
        await _write(store, b"\x00\xffcats", b"")
        assert await codes.codes(tenant="acme", chunk_ids=BOTH) == {CATS.id: b"\x00\xffcats", DOGS.id: b""}
        assert await codes.codes(tenant="acme", chunk_ids=[DOGS.id, "ch_unknown"]) == {DOGS.id: b""}
        assert await codes.codes(tenant="acme", chunk_ids=[]) == {}

    async def test_they_are_the_tenants_own(self, pair: tuple[Store, TokenCodes]) -> None:
        store, codes = pair
        await _write(store, b"cats", b"dogs")
        assert await codes.codes(tenant="other", chunk_ids=BOTH) == {}

    async def test_a_document_written_without_codes_gets_them_later(self, pair: tuple[Store, TokenCodes]) -> None:
        store, codes = pair
        await put(store, DOCUMENT)
        assert await codes.codes(tenant="acme", chunk_ids=BOTH) == {}
        assert (await codes.missing(tenant="acme"), await codes.missing(tenant="other")) == (2, 0)
        assert await _write(store, b"cats", b"dogs") == 1  # the same version: its text is the same
        assert await codes.codes(tenant="acme", chunk_ids=BOTH) == {CATS.id: b"cats", DOGS.id: b"dogs"}
        assert await codes.missing(tenant="acme") == 0

    async def test_new_codes_take_the_place_of_old_ones(self, pair: tuple[Store, TokenCodes]) -> None:
        store, codes = pair
        await _write(store, b"cats", b"dogs")
        await _write(store, b"cats", b"hounds")
        assert await codes.codes(tenant="acme", chunk_ids=BOTH) == {CATS.id: b"cats", DOGS.id: b"hounds"}

    async def test_they_go_with_their_document(self, pair: tuple[Store, TokenCodes]) -> None:
        store, codes = pair
        await _write(store, b"cats", b"dogs")
        await store.remove(tenant="acme", document_ids=[DOCUMENT.id])
        assert await codes.codes(tenant="acme", chunk_ids=BOTH) == {}

    async def test_a_code_for_each_chunk_or_for_none(self, pair: tuple[Store, TokenCodes]) -> None:
        store, codes = pair
        with pytest.raises(ModelMismatch):
            await _write(store, b"cats")
        assert await codes.codes(tenant="acme", chunk_ids=BOTH) == {}


async def _write(store: Store, *tokens: bytes) -> int:
    return await store.replace(DOCUMENT, [CATS, DOGS], vectors_of([CATS, DOGS]), model=SMALL, tokens=tokens)
