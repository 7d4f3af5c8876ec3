"""What every Store promises. Subclass StoreContract in your tests and override the fixture `store`."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.errors import ModelMismatch, ParseError
from answerable.core.passage import Passage
from answerable.core.ports import EmbeddingModel, Store
from answerable.core.query import Filter, Scope
from answerable.testing.samples import SMALL, a_document, a_vector, paragraphs, vectors_of
from answerable.text.stems import term_frequencies

ACME = Scope(tenant="acme")
HALF = 2e-3  # what half precision may cost a cosine


async def put(store: Store, document: Document, *, model: EmbeddingModel = SMALL) -> int:
    """Replace a document, cut at its blank lines."""
    chunks = paragraphs(document)
    return await store.replace(document, chunks, vectors_of(chunks, dim=model.dim), model=model)


async def find(store: Store, text: str, scope: Scope = ACME, *, language: str = "en") -> list[Passage]:
    """The lexical search's passages."""
    async with store.snapshot(scope) as view:
        return await view.lexical(text, limit=10, language=language)


async def find_near(store: Store, text: str, scope: Scope = ACME) -> list[Passage]:
    """The dense search's passages for a text's own vector."""
    async with store.snapshot(scope) as view:
        return await view.dense(a_vector(text), limit=10)


def texts(passages: Sequence[Passage]) -> list[str]:
    """What was found, in order."""
    return [one.chunk.text for one in passages]


class StoreContract:
    """Replace, remove, the two searches, and what a scope hides."""

    @pytest.fixture
    def store(self) -> Store:
        """An empty store; override."""
        raise NotImplementedError

    # --- replacing and removing -----------------------------------------------------------------------------

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

    async def test_new_vectors_and_new_cuts_of_the_same_text_count(self, store: Store) -> None:
        document = a_document("Cats sleep.\n\nDogs bark.")
        await put(store, document)
        whole = Chunk(document_id=document.id, start=0, end=len(document.text), text=document.text)
        assert await store.replace(document, [whole], a_vector("x")[None, :], model=SMALL) == 1
        (found,) = await find_near(store, "x")
        assert (found.chunk, found.score) == (whole, pytest.approx(1.0, abs=HALF))

    async def test_a_document_may_have_no_chunks(self, store: Store) -> None:
        await put(store, a_document("Cats sleep."))
        assert await put(store, a_document("")) == 2
        assert await find_near(store, "Cats sleep.") == []

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

    # --- models and text that cannot be ---------------------------------------------------------------------

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

    # --- scores and order -----------------------------------------------------------------------------------

    async def test_dense_scores_are_cosines_nearest_first(self, store: Store) -> None:
        parts = [f"part {n}" for n in range(20)]
        await put(store, a_document("\n\n".join(parts)))
        found = await find_near(store, "part 7")
        cosine = {part: float(a_vector(part) @ a_vector("part 7")) for part in parts}
        assert len(found) == 10
        assert found[0].chunk.text == "part 7"
        assert [one.score for one in found] == pytest.approx([cosine[text] for text in texts(found)], abs=HALF)
        assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
        assert min(one.score for one in found) >= sorted(cosine.values())[10] - HALF
        assert {(one.found_by, tuple(one.scores)) for one in found} == {(("dense",), ("dense",))}

    async def test_lexical_scores_are_bm25_best_first(self, store: Store) -> None:
        parts = [
            "refund refund policy",
            "refund of the deposit",
            " ".join(["deposit boxes"] * 9),
            "nothing of the kind",
        ]
        document = a_document("\n\n".join(parts), title="Terms")
        await put(store, document)
        wanted = bm25(document, "refund deposit")
        found = await find(store, "refund deposit")
        assert {one.chunk.text: one.score for one in found} == pytest.approx(
            {text: score for text, score in wanted.items() if score}
        )
        assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
        assert {(one.found_by, tuple(one.scores)) for one in found} == {(("lexical",), ("lexical",))}

    async def test_statistics_follow_every_change(self, store: Store) -> None:
        await put(store, a_document("cat mouse", uri="b.md"))
        (alone,) = await find(store, "mouse")
        for text in ("cat dog", "cat dog bird\n\nfish", "owl"):
            await put(store, a_document(text))
        await store.remove(tenant="acme", document_ids=[a_document("").id])
        assert [one.score for one in await find(store, "mouse")] == pytest.approx([alone.score])

    async def test_a_question_is_stemmed_in_its_language_and_documents_in_theirs(self, store: Store) -> None:
        await put(store, a_document("Returning parcels"))
        await put(store, replace(a_document("Rückgaben und Häuser", uri="b.md"), language="de"))
        await put(store, replace(a_document("Parcels ohne Stamm", uri="c.md"), language="xx"))
        assert texts(await find(store, "returned parcel")) == ["Returning parcels"]
        assert texts(await find(store, "Haus", language="de")) == ["Rückgaben und Häuser"]
        assert set(texts(await find(store, "parcels"))) == {"Returning parcels", "Parcels ohne Stamm"}

    async def test_titles_and_headings_are_searched(self, store: Store) -> None:
        document = a_document("It takes two days.", title="Shipping")
        chunk = replace(paragraphs(document)[0], headings=("Shipping", "Express"))
        await store.replace(document, [chunk], vectors_of([chunk]), model=SMALL)
        for word in ("shipping", "express", "days"):
            assert texts(await find(store, word)) == ["It takes two days."]

    async def test_words_that_occur_nowhere_and_stop_words_find_nothing(self, store: Store) -> None:
        await put(store, a_document("The cats are of the house."))
        for question in ("zebra", "of the", "", "?!", "%; DROP TABLE chunk; --"):
            assert await find(store, question) == []

    async def test_repeats_in_a_question_do_not_count(self, store: Store) -> None:
        await put(store, a_document("cat\n\ndog"))
        assert [one.score for one in await find(store, "cat cat cat")] == [
            one.score for one in await find(store, "cat")
        ]

    @pytest.mark.parametrize("limit", [0, 1, 3, 1000])
    async def test_no_more_than_the_limit_is_found(self, store: Store, limit: int) -> None:
        await put(store, a_document("\n\n".join(f"cat {n}" for n in range(5))))
        async with store.snapshot(ACME) as view:
            assert len(await view.dense(a_vector("x"), limit=limit)) == min(limit, 5)
            assert len(await view.lexical("cat", limit=limit)) == min(limit, 5)

    # --- what a passage carries -----------------------------------------------------------------------------

    async def test_a_passage_says_all_about_its_chunk_and_document(self, store: Store) -> None:
        from datetime import date

        document = replace(
            a_document("Intro.\n\nCats 🐈 sleep in Île-de-France, 日本語 и дома."),
            title="Ünï", language="fr", trust="partner", meta={"team": "é", "x": "1"},
            updated_at=date(2026, 1, 2), review_by=date(2027, 3, 4),
        )  # fmt: skip
        _, plain = paragraphs(document)
        chunk = replace(
            plain, headings=("Ünï", 'a "b" \\ {c}, NULL'), parent="ch_parent", tokens=17, meta={"page": "3"}
        )
        await store.replace(document, [chunk], vectors_of([chunk]), model=SMALL)
        for found in (await find(store, "日本語 sleep", language="fr"), await find_near(store, "x")):
            (one,) = found
            assert one.chunk == chunk
            assert document.text[one.chunk.start : one.chunk.end] == one.chunk.text
            assert (one.title, one.uri, one.source, one.language) == ("Ünï", "a.md", "docs", "fr")
            assert (one.updated_at, one.review_by) == (date(2026, 1, 2), date(2027, 3, 4))
            assert (one.trust, one.version, dict(one.meta)) == ("partner", 1, {"team": "é", "x": "1"})

    async def test_very_long_texts_and_words_are_kept_whole(self, store: Store) -> None:
        text = "x" * 5000 + " needle " + "hay stack " * 40_000
        document = a_document(text.strip())
        await put(store, document)
        (found,) = await find(store, "needle")
        assert found.chunk.text == document.text
        (found,) = await find(store, "x" * 5000)
        assert found.score > 0

    async def test_only_level_zero_is_searched_and_get_gives_every_level(self, store: Store) -> None:
        document = a_document("Cats sleep.\n\nCats purr.")
        leaves = paragraphs(document)
        parent = Chunk(document_id=document.id, start=0, end=len(document.text), text=document.text, level=1)
        chunks = [parent, *(replace(leaf, parent=parent.id) for leaf in leaves)]
        await store.replace(document, chunks, vectors_of(chunks), model=SMALL)
        alone = a_document("Cats sleep.\n\nCats purr.", tenant="other")
        await put(store, alone)
        found = await find(store, "cats")
        assert {one.chunk.text for one in found} == {"Cats sleep.", "Cats purr."}
        other = await find(store, "cats", Scope(tenant="other"))
        assert [one.score for one in found] == pytest.approx([one.score for one in other])
        assert len(await find_near(store, "x")) == 2
        async with store.snapshot(ACME) as view:
            (got,) = await view.get([parent.id])
        assert (got.chunk, got.score, got.found_by) == (parent, 0.0, ())

    async def test_get_keeps_the_order_and_leaves_unknown_ones_out(self, store: Store) -> None:
        document = a_document("one\n\ntwo\n\nthree")
        await put(store, document)
        one, two, three = paragraphs(document)
        async with store.snapshot(ACME) as view:
            found = await view.get([three.id, "ch_unknown", one.id, three.id])
            assert await view.get([]) == []
        assert [passage.chunk for passage in found] == [three, one]

    # --- what a scope hides ---------------------------------------------------------------------------------

    async def assert_sees(self, store: Store, scope: Scope, uris: set[str]) -> None:
        """Both searches and get see these documents, and nothing else."""
        everything = [paragraphs(a_document("cat", uri=uri, tenant=t))[0].id for uri in "abcdef" for t in TENANTS]
        async with store.snapshot(scope) as view:
            assert {one.uri for one in await view.dense(a_vector("x"), limit=50)} == uris
            assert {one.uri for one in await view.lexical("cat", limit=50)} == uris
            assert {one.uri for one in await view.get(everything)} == uris

    async def test_tenants_never_meet(self, store: Store) -> None:
        await put(store, a_document("cat", uri="a"))
        await put(store, a_document("cat", uri="b", tenant="other"))
        await self.assert_sees(store, ACME, {"a"})
        await self.assert_sees(store, Scope(tenant="other"), {"b"})
        await self.assert_sees(store, Scope(tenant="nobody"), set())

    async def test_another_tenants_documents_do_not_weigh_in(self, store: Store) -> None:
        await put(store, a_document("cat\n\ndog"))
        before = await find(store, "cat")
        await put(store, a_document("cat and cat again\n\n" * 20, uri="b", tenant="other"))
        assert await find(store, "cat") == before

    async def test_a_document_is_seen_by_its_groups(self, store: Store) -> None:
        await put(store, a_document("cat", uri="a"))
        await put(store, replace(a_document("cat", uri="b"), acl=("hr", "legal")))
        await put(store, replace(a_document("cat", uri="c"), acl=()))
        await self.assert_sees(store, ACME, {"a"})
        await self.assert_sees(store, Scope(tenant="acme", groups=("public", "legal")), {"a", "b"})
        await self.assert_sees(store, Scope(tenant="acme", groups=("hr",)), {"b"})
        await self.assert_sees(store, Scope(tenant="acme", groups=("HR", "publi", "")), set())
        await self.assert_sees(store, Scope(tenant="acme", groups=()), set())

    async def test_a_taken_right_is_gone_at_once(self, store: Store) -> None:
        await put(store, a_document("cat", uri="a"))
        await put(store, replace(a_document("cat", uri="a"), acl=("hr",)))
        await self.assert_sees(store, ACME, set())

    async def test_only_published_documents_are_seen_unless_asked_for(self, store: Store) -> None:
        for uri, status in (("a", "published"), ("b", "draft"), ("c", "archived")):
            await put(store, replace(a_document("cat", uri=uri), status=status))
        await self.assert_sees(store, ACME, {"a"})
        await self.assert_sees(store, _filtered(status=("draft", "archived")), {"b", "c"})
        await self.assert_sees(store, _filtered(status=()), {"a", "b", "c"})

    async def test_filters_narrow_by_source_language_document_and_meta(self, store: Store) -> None:
        await put(store, replace(a_document("cat", uri="a"), meta={"team": "blue", "year": "2026"}))
        await put(store, replace(a_document("cat", uri="b"), source="wiki", meta={"team": "blue"}))
        await put(store, replace(a_document("cat", uri="c"), language="de", meta={"team": "blueish"}))
        ids = tuple(a_document("cat", uri=uri).id for uri in "ac")
        for scope, seen in (
            (_filtered(sources=("docs",)), {"a", "c"}),
            (_filtered(sources=("docs", "wiki")), {"a", "b", "c"}),
            (_filtered(languages=("de", "fr")), {"c"}),
            (_filtered(documents=ids), {"a", "c"}),
            (_filtered(meta={"team": "blue"}), {"a", "b"}),
            (_filtered(meta={"team": "blue", "year": "2026"}), {"a"}),
            (_filtered(meta={"year": "2027"}), set()),
            (_filtered(sources=("wiki",), languages=("de",)), set()),
            (_filtered(documents=("doc_' OR true --",)), set()),
        ):
            async with store.snapshot(scope) as view:
                assert {one.uri for one in await view.dense(a_vector("x"), limit=50)} == seen
                assert {one.uri for one in await view.lexical("cat", limit=50)} == seen

    async def test_a_filter_does_not_change_the_scores_of_what_it_leaves(self, store: Store) -> None:
        await put(store, a_document("cat dog\n\nbird", uri="a"))
        await put(store, replace(a_document("cat cat", uri="b"), status="draft"))
        (narrow,) = await find(store, "cat")
        everything = await find(store, "cat", _filtered(status=()))
        assert narrow in everything

    async def test_the_best_that_a_narrow_scope_sees_is_found_behind_many_better_ones(self, store: Store) -> None:
        await put(store, replace(a_document("\n\n".join(["cat"] * 60)), acl=("hr",)))
        await put(store, a_document("one cat among very many other words of no interest", uri="b"))
        async with store.snapshot(ACME) as view:
            assert [one.uri for one in await view.lexical("cat", limit=2)] == ["b"]
            assert [one.uri for one in await view.dense(a_vector("cat"), limit=2)] == ["b"]

    # --- one moment -----------------------------------------------------------------------------------------

    async def test_a_snapshot_sees_one_version_while_a_writer_replaces_it(self, store: Store) -> None:
        await put(store, a_document("cat one"))
        async with store.snapshot(ACME) as view:
            assert texts(await view.lexical("cat", limit=9)) == ["cat one"]
            await put(store, a_document("cat two\n\ncat three"))
            old = paragraphs(a_document("cat one"))[0]
            assert texts(await view.lexical("cat", limit=9)) == ["cat one"]
            assert texts(await view.dense(a_vector("x"), limit=9)) == ["cat one"]
            assert texts(await view.get([old.id])) == ["cat one"]
        assert set(texts(await find(store, "cat"))) == {"cat two", "cat three"}

    async def test_both_searches_at_once_see_the_same_moment(self, store: Store) -> None:
        stop = asyncio.Event()

        async def write() -> None:
            n = 0
            while not stop.is_set():
                n += 1
                await put(store, a_document("\n\n".join(f"cat {n} {part}" for part in range(1 + n % 3))))
                await asyncio.sleep(0)

        await put(store, a_document("cat 0 0"))
        writer = asyncio.create_task(write())
        try:
            for _ in range(25):
                async with store.snapshot(ACME) as view:
                    near, said = await asyncio.gather(
                        view.dense(a_vector("x"), limit=9), view.lexical("cat", limit=9)
                    )
                    again = await view.get([one.chunk.id for one in near])
                assert set(texts(near)) == set(texts(said)) == set(texts(again))
                assert len({one.version for one in near}) == 1
        finally:
            stop.set()
            await writer

    async def test_many_snapshots_at_once_all_answer(self, store: Store) -> None:
        await put(store, a_document("cat"))

        async def ask() -> int:
            async with store.snapshot(ACME) as view:
                found = await asyncio.gather(
                    view.dense(a_vector("x"), limit=9), view.lexical("cat", limit=9), view.get([])
                )
            return sum(map(len, found))

        assert await asyncio.gather(*(ask() for _ in range(60))) == [2] * 60

    async def test_an_unused_snapshot_is_no_harm(self, store: Store) -> None:
        await put(store, a_document("cat"))
        async with store.snapshot(ACME):
            pass
        assert len(await find(store, "cat")) == 1

    async def test_a_failed_search_leaves_the_store_usable(self, store: Store) -> None:
        await put(store, a_document("cat"))
        with pytest.raises(ModelMismatch):
            async with store.snapshot(ACME) as view:
                await view.dense(a_vector("x", dim=3), limit=9)
        assert len(await find(store, "cat")) == 1


TENANTS = ("acme", "other")


def _filtered(
    *,
    status: tuple[str, ...] = ("published",),
    sources: tuple[str, ...] = (),
    languages: tuple[str, ...] = (),
    documents: tuple[str, ...] = (),
    meta: dict[str, str] | None = None,
) -> Scope:
    wanted = Filter(status=status, sources=sources, languages=languages, documents=documents, meta=meta or {})
    return Scope(tenant="acme", filter=wanted)


def bm25(document: Document, question: str) -> dict[str, float]:
    """The score of each paragraph when the document is all there is (Robertson & Zaragoza 2009, Lucene's form)."""
    counts = {one.text: term_frequencies(embedding_text(document, one)) for one in paragraphs(document)}
    average = sum(count.total() for count in counts.values()) / len(counts)
    matching = Counter(term for count in counts.values() for term in count)

    def weight(term: str, count: Counter[str]) -> float:
        idf = math.log(1 + (len(counts) - matching[term] + 0.5) / (matching[term] + 0.5))
        return idf * count[term] / (count[term] + 1.2 * (0.25 + 0.75 * count.total() / average))

    wanted = set(term_frequencies(question))
    return {text: sum(weight(term, count) for term in wanted) for text, count in counts.items()}
