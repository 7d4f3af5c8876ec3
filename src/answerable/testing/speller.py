"""What every Speller promises. Subclass SpellerContract in your tests and override the fixture `store`."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from answerable.core.document import Chunk, Document
from answerable.core.ports import EmbeddingModel, Speller, Store
from answerable.core.query import Scope

_MODEL = EmbeddingModel(name="spelling", revision="1", dim=2)
_PAGES = {  # by language: a title and a text
    "en": (
        "Returns",
        "Refurbished headphones can be returned. Error E-217. The thermostat is shipped.",
    ),
    "de": ("Rückgabe", "Kopfhörer können zurückgegeben werden. Der Versand ist kostenlos."),
    "es": ("Devoluciones", "Los auriculares se pueden devolver. El envío a Canarias tarda más."),
}


async def fill(
    store: Store, *, tenant: str, pages: dict[str, tuple[str, str]], source: str = "s", group: str = "public"
) -> None:
    """One document of one chunk a language, that the group may read."""
    for language, (title, text) in pages.items():
        document = Document(
            source=source,
            uri=f"{language}.md",
            title=title,
            text=text,
            tenant=tenant,
            language=language,
            acl=(group,),
        )
        chunk = Chunk(document_id=document.id, start=0, end=len(text), text=text)
        await store.replace(document, [chunk], np.ones((1, 2), dtype=np.float32), model=_MODEL)


class SpellerContract:
    """Words are known in any form, found by their spelling, and gone with their page."""

    @pytest.fixture
    def store(self) -> Store:
        """The store under test, with nothing in it."""
        raise NotImplementedError

    async def tend(self, store: Store, *, tenant: str) -> None:
        """What the store asks for after an ingestion, before `alike` knows its words; override."""

    async def test_a_word_is_known_in_any_form_and_a_misspelled_one_is_not(self, store: Store) -> None:
        """Stop words are never told; parts of compounds are."""
        await fill(store, tenant="t", pages=_PAGES)
        await self.tend(store, tenant="t")
        async with store.snapshot(Scope(tenant="t")) as view:
            speller = cast(Speller, view)
            assert await speller.unknown("How is the return shipping?") == ()
            assert await speller.unknown("retrun a termostat, E-217 or e218?") == ("retrun", "termostat", "e218")

    @pytest.mark.parametrize(
        ("language", "word", "meant"),
        [
            ("en", "termostat", "thermostat"),
            ("en", "refubished", "refurbished"),
            ("en", "headfones", "headphones"),
            ("en", "retruned", "returned"),
            ("de", "kopfhorrer", "kopfhorer"),
            ("de", "versnad", "versand"),
            ("es", "auriculars", "auriculares"),
            ("es", "debolver", "devolver"),
        ],
    )
    async def test_a_misspelled_word_finds_the_right_one(
        self, store: Store, language: str, word: str, meant: str
    ) -> None:
        """With how many chunks have it."""
        await fill(store, tenant="t", pages=_PAGES)
        await self.tend(store, tenant="t")
        async with store.snapshot(Scope(tenant="t")) as view:
            found = await cast(Speller, view).alike([word, "zzzzzz"], language=language)
        assert (meant, 1) in found[word]
        assert "zzzzzz" not in found

    async def test_words_are_of_one_tenant_and_language(self, store: Store) -> None:
        """Nobody is told what another's pages say."""
        await fill(store, tenant="t", pages=_PAGES)
        await self.tend(store, tenant="t")
        await fill(store, tenant="other", pages={"en": ("Secret", "Zanzibar marzipan")})
        await self.tend(store, tenant="other")
        async with store.snapshot(Scope(tenant="t")) as view:
            speller = cast(Speller, view)
            assert await speller.alike(["marzipn"], language="en") == {}
            assert await speller.alike(["termostat"], language="de") == {}
            assert await speller.unknown("marzipan") == ("marzipan",)

    async def test_nobody_is_told_a_word_of_a_page_that_they_may_not_read(self, store: Store) -> None:
        """Nor whether there is one: a restricted page's words are as unknown as those of no page."""
        secret = {"en": ("Secret", "Zanzibar marzipan SKU-4711")}
        await fill(store, tenant="t", pages=_PAGES)
        await fill(store, tenant="t", pages=secret, source="board", group="board")
        await self.tend(store, tenant="t")
        async with store.snapshot(Scope(tenant="t")) as view:
            speller = cast(Speller, view)
            assert await speller.alike(["marzipn"], language="en") == {}
            assert await speller.unknown("marzipan SKU-4711 thermostat") == ("marzipan", "sku-4711", "sku", "4711")
        async with store.snapshot(Scope(tenant="t", groups=("public", "board"))) as view:
            speller = cast(Speller, view)
            assert await speller.alike(["marzipn"], language="en") == {"marzipn": (("marzipan", 1),)}
            assert await speller.unknown("marzipan SKU-4711 thermostat") == ()

    async def test_the_words_of_a_page_that_is_gone_are_not_offered(self, store: Store) -> None:
        """What stands in no chunk cannot be meant."""
        await fill(store, tenant="t", pages=_PAGES)
        await self.tend(store, tenant="t")
        document = Document(source="s", uri="en.md", title="", text="", tenant="t")
        await store.remove(tenant="t", document_ids=[document.id])
        async with store.snapshot(Scope(tenant="t")) as view:
            assert await cast(Speller, view).alike(["termostat"], language="en") == {}
