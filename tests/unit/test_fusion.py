"""Fusion orders by both searches, and depends on nothing but their scores."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.answer.fusion import DEPTH, fuse, fuse_ranks
from answerable.core.document import Chunk
from answerable.core.passage import Passage

FUSIONS = (fuse, fuse_ranks)


def passage(name: str, score: float) -> Passage:
    return Passage(chunk=Chunk(document_id=name, start=0, end=1, text="x"), score=score)


def names(passages: list[Passage]) -> list[str]:
    return [one.chunk.document_id for one in passages]


def arm(**scores: float) -> list[Passage]:
    return [passage(name, score) for name, score in scores.items()]


# Scores in steps of 1/64 on purpose: exact in binary, and equal scores are frequent, so that ties are tried.
SCORES = st.integers(-64, 64).map(lambda n: n / 64)
ARMS = st.dictionaries(st.sampled_from("abcdefghij"), SCORES, max_size=10).map(lambda scores: arm(**scores))
WEIGHTS = st.integers(0, 8).map(lambda n: n / 8)


def test_scores_are_scaled_and_weighed() -> None:
    found = fuse(arm(a=0.9, b=0.5, c=0.1), arm(b=8.0, c=4.0), weight=0.5, limit=10)
    assert [(one.chunk.document_id, pytest.approx(one.score)) for one in found] == [
        ("b", 0.5 * 0.5 + 0.5 * 1.0),
        ("a", 0.5 * 1.0),
        ("c", 0.0),
    ]


def test_the_weight_is_the_dense_searchs_share() -> None:
    dense, lexical = arm(a=0.9, b=0.1), arm(b=5.0, a=1.0)
    assert names(fuse(dense, lexical, weight=0.9, limit=2)) == ["a", "b"]
    assert names(fuse(dense, lexical, weight=0.1, limit=2)) == ["b", "a"]
    assert fuse(dense, lexical, weight=0.75, limit=2)[0].score == pytest.approx(0.75)


def test_what_only_one_search_found_gets_nothing_from_the_other() -> None:
    found = {one.chunk.document_id: one.score for one in fuse(arm(a=0.9, b=0.8), arm(c=3.0, d=2.0), limit=10)}
    assert found == {"a": 0.5, "c": 0.5, "b": 0.0, "d": 0.0}


@pytest.mark.parametrize("fusion", FUSIONS)
def test_a_merged_passage_says_who_found_it_and_how_good_each_thought_it(fusion) -> None:
    both, near, worded = sorted(
        fusion(arm(a=0.9, b=0.2), arm(a=7.0, c=3.0), limit=10), key=lambda one: one.chunk.document_id
    )
    assert (both.found_by, dict(both.scores)) == (("dense", "lexical"), {"dense": 0.9, "lexical": 7.0})
    assert (near.found_by, dict(near.scores)) == (("dense",), {"dense": 0.2})
    assert (worded.found_by, dict(worded.scores)) == (("lexical",), {"lexical": 3.0})


@pytest.mark.parametrize("fusion", FUSIONS)
def test_a_passage_keeps_what_it_knows_of_its_document(fusion) -> None:
    known = replace(passage("a", 0.5), title="Returns", uri="returns.md", language="de", version=3)
    (found,) = fusion([known], [], limit=1)
    assert replace(found, score=0.5, found_by=(), scores={}) == replace(known, scores={})


@pytest.mark.parametrize("fusion", FUSIONS)
def test_nothing_found_gives_nothing(fusion) -> None:
    assert fusion([], [], limit=5) == []
    assert fusion(arm(a=1.0), [], limit=0) == []


@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan")])
def test_a_weight_outside_its_range_is_refused(fusion, weight: float) -> None:
    with pytest.raises(ValueError, match="weight"):
        fusion(arm(a=1.0), [], weight=weight, limit=1)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_a_chunk_given_twice_counts_once_with_its_better_score(fusion) -> None:
    twice = [passage("a", 0.2), passage("a", 0.9), passage("b", 0.5)]
    assert fusion(twice, [], limit=5) == fusion(arm(a=0.9, b=0.5), [], limit=5)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_only_the_first_hundred_of_a_search_count(fusion) -> None:
    many = [passage(f"p{number:03}", 1.0 - number / 1000) for number in range(DEPTH + 20)]
    assert fusion(many[::-1], [], limit=1000) == fusion(many[:DEPTH], [], limit=1000)


def test_ranks_alone_decide_in_rank_fusion() -> None:
    found = fuse_ranks(arm(a=0.9, b=0.89), arm(b=100.0, a=1.0, c=0.5), limit=3)
    assert found[0].score == found[1].score == pytest.approx((1 + 61 / 62) / 2)
    assert found[2].score == pytest.approx(0.5 * 61 / 63)


@pytest.mark.parametrize("fusion", FUSIONS)
@given(data=st.data(), dense=ARMS, lexical=ARMS, weight=WEIGHTS)
def test_the_order_of_the_input_does_not_matter(fusion, data, dense, lexical, weight: float) -> None:
    shuffled = data.draw(st.permutations(dense)), data.draw(st.permutations(lexical))
    assert fusion(*shuffled, weight=weight, limit=20) == fusion(dense, lexical, weight=weight, limit=20)


@pytest.mark.parametrize("fusion", FUSIONS)
@given(dense=ARMS, lexical=ARMS, weight=WEIGHTS)
def test_it_does_not_matter_which_search_is_named_first(fusion, dense, lexical, weight: float) -> None:
    one = fusion(dense, lexical, weight=weight, limit=20)
    other = fusion(lexical, dense, weight=1.0 - weight, limit=20)
    assert [(p.chunk, p.score) for p in one] == [(p.chunk, p.score) for p in other]


@pytest.mark.parametrize("fusion", FUSIONS)
@given(dense=ARMS, lexical=ARMS, weight=WEIGHTS, limit=st.integers(0, 25))
def test_scores_fall_within_zero_and_one_and_nothing_is_lost_or_repeated(
    fusion, dense, lexical, weight: float, limit: int
) -> None:
    found = fusion(dense, lexical, weight=weight, limit=limit)
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 <= score <= 1.0 for score in scores)
    assert len(set(names(found))) == len(found) == min(limit, len({*names(dense), *names(lexical)}))


@pytest.mark.parametrize("fusion", FUSIONS)
@given(dense=ARMS.filter(len), lexical=ARMS, weight=WEIGHTS, data=st.data(), gain=st.integers(1, 128))
def test_a_better_score_never_lowers_a_passages_rank(fusion, dense, lexical, weight, data, gain: int) -> None:
    raised = data.draw(st.integers(0, len(dense) - 1))
    name = dense[raised].chunk.document_id
    better = [replace(one, score=one.score + (gain / 64 if n == raised else 0)) for n, one in enumerate(dense)]
    before = names(fusion(dense, lexical, weight=weight, limit=20)).index(name)
    assert names(fusion(better, lexical, weight=weight, limit=20)).index(name) <= before


@pytest.mark.parametrize("fusion", FUSIONS)
@given(dense=ARMS, lexical=ARMS, weight=WEIGHTS, limit=st.integers(0, 20))
def test_a_smaller_limit_gives_the_beginning_of_a_larger_one(fusion, dense, lexical, weight, limit: int) -> None:
    assert (
        fusion(dense, lexical, weight=weight, limit=limit)
        == fusion(dense, lexical, weight=weight, limit=20)[:limit]
    )
