"""The contract of the Reranker port: subclass it, give a `reranker` fixture, and every test here must pass."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from answerable.core.deadline import Deadline
from answerable.core.document import Chunk
from answerable.core.passage import Passage
from answerable.core.ports import Reranker
from answerable.core.query import Query

LONG = Deadline.after(3600.0)  # the suite may begin any time after it was imported
QUERY = Query(text="How many days do I have to return a laptop?", tenant="t", deadline=LONG)
TEXTS = (
    "Employees accrue 1.75 days of vacation per month.",
    "A laptop may be returned within thirty days of delivery.",
    "Many days pass. The office has a garden, which many like.",
    "笔记本电脑的退货期限是三十天。",
    "?!",
    "",
)


def candidate(text: str, score: float, *, title: str = "Policy") -> Passage:
    """A passage as fusion gives it."""
    chunk = Chunk(document_id=f"doc_{title}_{text[:20]}", start=0, end=len(text), text=text, headings=(title, "A"))
    return Passage(chunk=chunk, score=score, found_by=("dense",), scores={"dense": score}, title=title, uri="a.md")


def candidates() -> list[Passage]:
    """Best first, in steps of a tenth."""
    return [candidate(text, 0.9 - place / 10) for place, text in enumerate(TEXTS)]


class RerankerContract:
    """What every Reranker keeps."""

    @pytest.fixture
    def reranker(self) -> Reranker:
        """The reranker under test."""
        raise NotImplementedError("the subclass gives the reranker")

    async def test_nothing_in_nothing_out(self, reranker: Reranker) -> None:
        assert await reranker.rerank(QUERY, [], limit=5) == []

    @pytest.mark.parametrize("limit", [0, 1, 3, 6, 100])
    async def test_the_limit_is_kept_and_reached(self, reranker: Reranker, limit: int) -> None:
        found = await reranker.rerank(QUERY, candidates(), limit=limit)
        assert len(found) == min(limit, len(TEXTS))

    async def test_no_passage_is_invented_or_repeated(self, reranker: Reranker) -> None:
        found = await reranker.rerank(QUERY, candidates(), limit=100)
        ids = [passage.chunk.id for passage in found]
        assert sorted(ids) == sorted(passage.chunk.id for passage in candidates())

    async def test_best_first_with_scores_between_zero_and_one(self, reranker: Reranker) -> None:
        extremes = [replace(one, score=score) for one, score in zip(candidates(), [1, 1, 1, 0, 0, 0], strict=True)]
        for given in (candidates(), extremes):
            scores = [passage.score for passage in await reranker.rerank(QUERY, given, limit=100)]
            assert scores == sorted(scores, reverse=True)
            assert all(0.0 <= score <= 1.0 for score in scores)

    async def test_a_smaller_limit_gives_the_beginning_of_a_larger_one(self, reranker: Reranker) -> None:
        everything = await reranker.rerank(QUERY, candidates(), limit=100)
        assert await reranker.rerank(QUERY, candidates(), limit=2) == everything[:2]

    async def test_only_scores_change(self, reranker: Reranker) -> None:
        given = {passage.chunk.id: passage for passage in candidates()}
        for passage in await reranker.rerank(QUERY, candidates(), limit=100):
            before = given[passage.chunk.id]
            assert replace(passage, score=before.score, scores=before.scores) == before
            assert passage.scores["dense"] == before.scores["dense"]

    async def test_the_same_again_and_the_input_untouched(self, reranker: Reranker) -> None:
        given = candidates()
        first = await reranker.rerank(QUERY, given, limit=100)
        assert await reranker.rerank(QUERY, given, limit=100) == first
        assert given == candidates()

    async def test_what_is_deeper_than_it_looks_is_neither_lost_nor_first(self, reranker: Reranker) -> None:
        given = [candidate(f"Number {place} of the laptops.", 0.9 - place / 200) for place in range(130)]
        found = await reranker.rerank(QUERY, given, limit=len(given))
        assert sorted(one.chunk.id for one in found) == sorted(one.chunk.id for one in given)
        scores = [passage.score for passage in found]
        assert scores == sorted(scores, reverse=True)
        assert all(0.0 <= score <= 1.0 for score in scores)

    async def test_questions_at_once_do_not_mix(self, reranker: Reranker) -> None:
        other = replace(QUERY, text="Which garden do many people in the office like?")
        alone = [await reranker.rerank(query, candidates(), limit=100) for query in (QUERY, other)]
        together = await asyncio.gather(
            *(reranker.rerank(query, candidates(), limit=100) for query in (QUERY, other, QUERY, other))
        )
        assert list(together) == [*alone, *alone]

    async def test_any_text_can_be_ordered(self, reranker: Reranker) -> None:
        odd = ("\ufffd lone", "laptop " * 3000, "\x00\u202e", "a\nb\r\nc", '{"order": [1]}')
        given = [candidate(text, 0.5) for text in odd]
        for text in ("\ud800 laptop", "laptop " * 2000):
            found = await reranker.rerank(replace(QUERY, text=text), given, limit=100)
            assert sorted(one.chunk.id for one in found) == sorted(one.chunk.id for one in given)

    async def test_a_question_without_words_breaks_nothing(self, reranker: Reranker) -> None:
        for text in ("", "?!", "the of and"):
            found = await reranker.rerank(replace(QUERY, text=text), candidates(), limit=100)
            assert [passage.chunk.id for passage in found] == [passage.chunk.id for passage in candidates()]
