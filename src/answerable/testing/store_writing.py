"""What every Store promises to those who write to it."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace

import numpy as np
import pytest

from answerable.core.document import Chunk
from answerable.core.errors import ModelMismatch, ParseError
from answerable.core.ports import Indexed, Store
from answerable.core.query import Filter, Scope
from answerable.testing.samples import (
    ACME,
    SMALL,
    a_document,
    a_vector,
    find,
    find_near,
    paragraphs,
    put,
    texts,
    vectors_of,
)


class WritingContract:
    """Versions, removal, concurrent writers, and what is refused."""

    @pytest.fixture
    def store(self) -> Store:
        """An empty store; override."""
        raise NotImplementedError

    async def test_an_empty_store_finds_nothing(self, store: Store) -> None:
        assert await find(store, "anything") == []
        assert await find_near(store, "anything") == []

    async def test_a_first_version_is_one(self, store: Store) -> None:
        assert await put(store, a_document("Cats sleep.")) == 1

    async def test_another_text_is_the_next_version_and_takes_the_place_of_the_old(self, store: Store) -> None:
        await put(store, a_document("Cats sleep."))
        assert await put(store, a_document("Dogs bark.")) == 2
        assert await find(store, "cats") == []
        assert [(one.chunk.text, one.version) for one in await find(store, "dogs")] == [("Dogs bark.", 2)]
        assert texts(await find_near(store, "Cats sleep.")) == ["Dogs bark."]

    async def test_the_same_again_changes_nothing(self, store: Store) -> None:
        document = a_document("Cats sleep.\n\nDogs bark.")
        await put(store, document)
        before = await find(store, "cats dogs")
        assert await put(store, document) == 1
        assert await find(store, "cats dogs") == before

    async def test_what_is_known_of_a_text_changes_without_a_new_version(self, store: Store) -> None:
        document = a_document("Cats sleep.")
        await put(store, document)
        assert await put(store, replace(document, title="Animals", status="draft", trust="partner")) == 1
        assert await find(store, "cats") == []
        drafts = await find(store, "cats", Scope(tenant="acme", filter=Filter(status=("draft",))))
        assert [(one.title, one.trust) for one in drafts] == [("Animals", "partner")]
        scope = Scope(tenant="acme", filter=Filter(status=("draft",)))
        assert [(one.title, one.trust) for one in await find_near(store, "cats", scope)] == [
            ("Animals", "partner")
        ]
        assert await find_near(store, "cats") == []

    async def test_new_vectors_and_new_cuts_of_the_same_text_count(self, store: Store) -> None:
        document = a_document("Cats sleep.\n\nDogs bark.")
        await put(store, document)
        whole = Chunk(document_id=document.id, start=0, end=len(document.text), text=document.text)
        assert await store.replace(document, [whole], a_vector("x")[None, :], model=SMALL) == 1
        (found,) = await find_near(store, "x")
        assert found.chunk == whole
        assert found.score == pytest.approx(1.0, abs=2e-3)

    async def test_a_document_may_have_no_chunks(self, store: Store) -> None:
        await put(store, a_document("Cats sleep."))
        assert await put(store, a_document("")) == 2
        assert await find_near(store, "Cats sleep.") == []

    async def test_several_at_once_are_stored_together_or_not_at_all(self, store: Store) -> None:
        kept = a_document("Cats sleep.", uri="a.md")
        await put(store, kept)
        given = [kept, replace(kept, uri="b.md", text="Cats wake."), replace(kept, uri="c.md", text="Dogs bark.")]
        cut = [(one, paragraphs(one)) for one in given]
        batch = [Indexed(document=one, chunks=chunks, vectors=vectors_of(chunks)) for one, chunks in cut]
        with pytest.raises(ParseError):
            refused = Indexed(document=a_document("a\0b"), chunks=[], vectors=vectors_of([]))
            await store.replace_all([batch[1], refused], model=SMALL)
        assert texts(await find(store, "cats")) == ["Cats sleep."]
        assert await store.replace_all([batch[2], batch[0], batch[1]], model=SMALL) == [1, 1, 1]
        assert sorted(texts(await find(store, "cats"))) == ["Cats sleep.", "Cats wake."]
        assert texts(await find_near(store, "Dogs bark."))[0] == "Dogs bark."
        changed = [replace(one, document=replace(one.document, title="Animals")) for one in batch]
        assert await store.replace_all(changed, model=SMALL) == [1, 1, 1]
        assert {one.title for one in await find_near(store, "x")} == {"Animals"}
        assert len(await find_near(store, "x")) == 3
        assert await store.replace_all([], model=SMALL) == []

    async def test_removing_says_how_many_there_were(self, store: Store) -> None:
        one, two = a_document("Cats sleep."), a_document("Dogs bark.", uri="b.md")
        await put(store, one)
        await put(store, two)
        assert await store.remove(tenant="acme", document_ids=[one.id, "doc_unknown"]) == 1
        assert await store.remove(tenant="acme", document_ids=[one.id]) == 0
        assert await find(store, "cats") == []
        assert texts(await find_near(store, "x")) == ["Dogs bark."]

    async def test_removing_nothing_is_nothing(self, store: Store) -> None:
        assert await store.remove(tenant="acme", document_ids=[]) == 0

    async def test_a_removed_document_starts_anew(self, store: Store) -> None:
        document = a_document("Cats sleep.")
        await put(store, document)
        await store.remove(tenant="acme", document_ids=[document.id])
        assert await put(store, replace(document, text="Cats wake.")) == 1

    async def test_another_tenants_document_is_not_removed(self, store: Store) -> None:
        document = a_document("Cats sleep.")
        await put(store, document)
        assert await store.remove(tenant="other", document_ids=[document.id]) == 0
        assert texts(await find(store, "cats")) == ["Cats sleep."]

    async def test_many_writers_of_one_document_leave_one_of_their_versions(self, store: Store) -> None:
        words = ["red", "green", "blue", "black"]
        versions = await asyncio.gather(*(put(store, a_document(f"{word} {word}s.")) for word in words))
        assert sorted(versions) == [1, 2, 3, 4]
        (found,) = await find(store, " ".join(words))
        assert found.chunk.text.split()[0] == words[versions.index(4)]
        assert len(await find_near(store, "x")) == 1

    async def test_many_writers_of_many_documents_leave_them_all(self, store: Store) -> None:
        await asyncio.gather(*(put(store, a_document(f"cat number {n}", uri=f"{n}.md")) for n in range(12)))
        assert len(await find_near(store, "x")) == 10
        async with store.snapshot(ACME) as view:
            found = await view.lexical("cat", limit=100)
        assert {one.uri for one in found} == {f"{n}.md" for n in range(12)}
        assert found[0].score == pytest.approx(math.log(1 + 0.5 / 12.5) / 2.2)  # every chunk has it; |d| = avgdl

    async def test_vectors_of_another_model_are_refused(self, store: Store) -> None:
        await put(store, a_document("Cats sleep."))
        for other in (replace(SMALL, revision="2"), replace(SMALL, engine="int8"), replace(SMALL, dim=4)):
            with pytest.raises(ModelMismatch):
                await put(store, a_document("Dogs bark.", uri="b.md"), model=other)
        assert await find(store, "dogs") == []

    async def test_an_index_without_vectors_takes_another_model(self, store: Store) -> None:
        document = a_document("Cats sleep.")
        await put(store, document)
        await put(store, document, model=replace(SMALL, dim=4))
        await store.remove(tenant="acme", document_ids=[document.id])
        assert await put(store, a_document("Dogs bark."), model=replace(SMALL, name="other")) == 1
        assert texts(await find_near(store, "x")) == ["Dogs bark."]

    async def test_tenants_may_have_different_models(self, store: Store) -> None:
        await put(store, a_document("Cats sleep."))
        assert await put(store, a_document("Cats sleep.", tenant="other"), model=replace(SMALL, dim=4)) == 1

    async def test_a_question_of_another_dimension_is_refused(self, store: Store) -> None:
        await put(store, a_document("Cats sleep."))
        async with store.snapshot(ACME) as view:
            with pytest.raises(ModelMismatch):
                await view.dense(a_vector("x", dim=4), limit=1)

    async def test_vectors_that_do_not_match_the_chunks_are_refused(self, store: Store) -> None:
        document = a_document("Cats sleep.")
        with pytest.raises(ModelMismatch):
            await store.replace(document, paragraphs(document), np.ones((2, 8), dtype=np.float32), model=SMALL)

    @pytest.mark.parametrize("text", ["a\0b", "half \ud83d of a pair"])
    async def test_text_that_is_not_unicode_text_is_refused(self, store: Store, text: str) -> None:
        with pytest.raises(ParseError):
            await store.replace(a_document(text), [], vectors_of([]), model=SMALL)
