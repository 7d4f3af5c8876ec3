"""Tokens that a passage has move it up; codes that are missing or damaged harm nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.adapters.rerankers.late import LateInteraction, token_weights
from answerable.adapters.rerankers.proximity import Proximity
from answerable.adapters.token_signs import best_matches, is_readable, pack
from answerable.core import trace
from answerable.core.errors import DatabaseUnreachable
from answerable.core.passage import Passage
from answerable.core.trace import Trace
from answerable.testing.reranker import QUERY, candidate, candidates

ENCODER = HashEmbedder(dim=256)


@dataclass(slots=True)
class Codes:
    """Codes by chunk id; or the error that reading them raises."""

    known: Mapping[str, bytes] = field(default_factory=dict)
    error: Exception | None = None
    asked: list[Sequence[str]] = field(default_factory=list)

    async def codes(self, *, tenant: str, chunk_ids: Sequence[str]) -> Mapping[str, bytes]:
        self.asked.append(chunk_ids)
        if self.error:
            raise self.error
        return {one: self.known[one] for one in chunk_ids if one in self.known}

    async def missing(self, *, tenant: str) -> int:
        return 0


async def codes_of(passages: Sequence[Passage], *texts: str) -> Codes:
    """The code of another text for each passage: so that words cannot be what moves it."""
    _, codes = await ENCODER.encode(texts)
    return Codes({passage.chunk.id: code for passage, code in zip(passages, codes, strict=True)})


def late(codes: Codes, *, depth: int = 30) -> LateInteraction:
    return LateInteraction(encoder=ENCODER, codes=codes, depth=depth)


LEFT, RIGHT = candidate("first page", 0.50), candidate("second page", 0.49)
QUESTION = replace(QUERY, text="laptop warranty")


async def test_a_passage_whose_tokens_are_the_questions_moves_up() -> None:
    codes = await codes_of([LEFT, RIGHT], "the garden is open", "warranty of a laptop")
    best, other = await late(codes).rerank(QUESTION, [LEFT, RIGHT], limit=2)
    assert best.chunk == RIGHT.chunk
    assert best.scores["late"] == 1.0
    assert other.scores["late"] < 0.5


async def test_codes_are_read_once_and_only_to_the_depth() -> None:
    passages = [candidate(f"page {number}", 0.9 - number / 100) for number in range(9)]
    codes = Codes()
    await late(codes, depth=4).rerank(QUESTION, passages, limit=9)
    assert codes.asked == [[one.chunk.id for one in passages[:4]]]


async def test_a_passage_without_a_code_counts_as_the_others_do() -> None:
    codes = await codes_of([RIGHT], "the warranty")
    found = {one.chunk.id: one for one in await late(codes).rerank(QUESTION, [LEFT, RIGHT], limit=2)}
    assert "late" not in found[LEFT.chunk.id].scores
    assert found[LEFT.chunk.id].score > found[RIGHT.chunk.id].score  # as they came in


@pytest.mark.parametrize("damaged", [b"", b"\x01", b"\x01abc", b"\x02" + bytes(32), bytes(32)])
async def test_a_code_that_cannot_be_read_is_none(damaged: bytes) -> None:
    codes = Codes({LEFT.chunk.id: damaged, RIGHT.chunk.id: damaged})
    found = await late(codes).rerank(QUESTION, [LEFT, RIGHT], limit=2)
    assert [one.chunk.id for one in found] == [LEFT.chunk.id, RIGHT.chunk.id]
    assert all("late" not in one.scores for one in found)


async def test_without_any_code_the_order_is_that_of_the_words() -> None:
    words = await Proximity().rerank(QUERY, candidates(), limit=100)
    found = await late(Codes()).rerank(QUERY, candidates(), limit=100)
    assert [one.chunk.id for one in found] == [one.chunk.id for one in words]


async def test_a_database_that_does_not_answer_leaves_the_words_and_says_so() -> None:
    one = Trace(tenant="t")
    token = trace.current.set(one)
    found = await late(Codes(error=DatabaseUnreachable("gone"))).rerank(QUERY, candidates(), limit=100)
    trace.current.reset(token)
    assert len(found) == len(candidates())
    assert one.degraded == ["no_token_codes"]


def test_a_token_weighs_as_its_word_and_stop_words_nothing() -> None:
    text = "How is SKU-1234 returned?"
    spans = [(0, 3), (4, 6), (7, 9), (9, 10), (10, 11), (11, 15), (16, 22), (22, 24), (24, 25)]
    weights = {"sku-1234": 3.0, "sku": 1.0, "1234": 2.0, "return": 0.5}
    found = token_weights(text, spans, ("en",), weights)
    assert found.tolist() == [0.0, 0.0, 3.0, 3.0, 3.0, 3.0, 0.5, 0.5, 0.0]


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.lists(st.integers(1, 20), min_size=1, max_size=6))
def test_the_estimate_is_near_the_cosine_of_full_precision(seed: int, asked: int, sizes: list[int]) -> None:
    random = np.random.default_rng(seed)
    question = random.standard_normal((asked, 384)).astype(np.float32)
    passages = [random.standard_normal((size, 384)).astype(np.float32) for size in sizes]
    passages[0][0] = question[0] + 0.5 * random.standard_normal(384)  # one that is truly near
    exact = [
        (question @ one.T / np.outer(np.linalg.norm(question, axis=1), np.linalg.norm(one, axis=1))).max(axis=1)
        for one in passages
    ]
    found = best_matches(question, [pack(one) for one in passages])
    assert found.shape == (len(sizes), asked)
    assert np.abs(found - np.array(exact)).max() < 0.2
    assert found[0, 0] > 0.75


def test_a_code_is_a_bit_a_dimension_and_names_its_form() -> None:
    code = pack(np.ones((3, 384), dtype=np.float32))
    assert len(code) == 1 + 3 * 48
    assert is_readable(code, 384)
    assert not is_readable(code, 512)
