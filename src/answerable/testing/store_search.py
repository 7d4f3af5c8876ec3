"""What the searches of every Store find, and in which order."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from answerable.core.document import CORPUS_ONLY, Chunk, Document, embedding_text
from answerable.core.ports import Store
from answerable.core.query import Scope
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
from answerable.text.stems import term_frequencies

HALF = 2e-3  # what half precision may cost a cosine


class SearchContract:
    """Cosine, BM25, languages, and what a passage carries."""

    @pytest.fixture
    def store(self) -> Store:
        """An empty store; override."""
        raise NotImplementedError

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
        alone = await find(store, "cat mouse")
        for text in ("cat dog", "cat dog bird\n\nfish", "owl cat"):
            await put(store, a_document(text))
        await store.remove(tenant="acme", document_ids=[a_document("").id])
        again = await find(store, "cat mouse")
        assert texts(again) == texts(alone)
        assert again[0].score == pytest.approx(alone[0].score)

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

    async def test_the_best_of_many_is_found_first_wherever_it_stands(self, store: Store) -> None:
        parts = [f"a cat {n} among some words" for n in range(40)]
        parts[7], parts[33] = "cat", "cat cat cat"
        await put(store, a_document("\n\n".join(parts)))
        async with store.snapshot(ACME) as view:
            assert texts(await view.lexical("cat", limit=2)) == ["cat cat cat", "cat"]
            for part in (parts[0], parts[39]):
                assert texts(await view.dense(a_vector(part), limit=1)) == [part]

    @pytest.mark.parametrize("limit", [0, 1, 3, 1000])
    async def test_no_more_than_the_limit_is_found(self, store: Store, limit: int) -> None:
        await put(store, a_document("\n\n".join(f"cat {n}" for n in range(5))))
        async with store.snapshot(ACME) as view:
            assert len(await view.dense(a_vector("x"), limit=limit)) == min(limit, 5)
            assert len(await view.lexical("cat", limit=limit)) == min(limit, 5)

    async def test_a_passage_says_all_about_its_chunk_and_document(self, store: Store) -> None:
        document = replace(
            a_document("Intro.\n\nCats 🐈 sleep in Île-de-France, 日本語 и дома."),
            title="Ünï", language="fr", trust="partner", meta={"team": "é", "x": "1"},
            updated_at=date(2026, 1, 2), review_by=date(2027, 3, 4),
        )  # fmt: skip
        _, plain = paragraphs(document)
        chunk = replace(
            plain, headings=("Ünï", 'a "b" \\ {c}, NULL'), parent="ch_parent", tokens=17, meta={"page": "3"}
        )
        document = replace(document, meta={**document.meta, **dict.fromkeys(CORPUS_ONLY, '["b.md"]')})
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
        one, _, three = paragraphs(document)
        async with store.snapshot(ACME) as view:
            found = await view.get([three.id, "ch_unknown", one.id, three.id])
            assert await view.get([]) == []
        assert [passage.chunk for passage in found] == [three, one]


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
