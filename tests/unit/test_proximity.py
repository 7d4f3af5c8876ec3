"""Words that match move a passage up, near ones more; copies fall out, conflicts do not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.adapters.rerankers.matching import coverage, neighbors, positions, proximity, rarity
from answerable.adapters.rerankers.proximity import Proximity
from answerable.core.query import Query
from answerable.testing.reranker import candidate


def query(text: str) -> Query:
    return Query(text=text, tenant="t")


async def texts(question: str, *given: tuple[str, float], reranker: Proximity | None = None) -> list[str]:
    passages = [candidate(text, score) for text, score in given]
    found = await (reranker or Proximity()).rerank(query(question), passages, limit=100)
    return [passage.chunk.text for passage in found]


async def test_a_passage_with_more_of_the_words_moves_up() -> None:
    found = await texts("laptop warranty", ("The garden is open.", 0.50), ("The laptop and its warranty.", 0.45))
    assert found[0] == "The laptop and its warranty."


async def test_words_that_stand_together_beat_the_same_words_apart() -> None:
    apart = "Batteries are replaced by engineers trained on site. A plan is made. Nobody knows the backup."
    together = "The backup battery plan: engineers trained on site come every summer."
    assert (await texts("backup battery plan", (apart, 0.50), (together, 0.49)))[0] == together


async def test_a_much_better_fused_score_stays_ahead() -> None:
    found = await texts("laptop warranty", ("The garden is open.", 0.95), ("The laptop and its warranty.", 0.45))
    assert found[0] == "The garden is open."


async def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    common = [(f"laptop number {n} in stock", 0.1) for n in range(8)]
    found = await texts("laptop warranty", *common, ("our warranty terms", 0.1))
    assert found[0] == "our warranty terms"


async def test_the_title_and_the_headings_count_as_text() -> None:
    titled = candidate("It lasts two years.", 0.49, title="Laptop warranty")
    other = candidate("It lasts four years.", 0.50, title="Garden")
    found = await Proximity().rerank(query("laptop warranty"), [other, titled], limit=1)
    assert found[0].title == "Laptop warranty"


async def test_each_language_is_stemmed_by_its_own_rules() -> None:
    german = replace(candidate("Die Rückgabefristen sind kurz.", 0.49), language="de")
    other = replace(candidate("Der Garten ist offen.", 0.50), language="de")
    found = await Proximity().rerank(query("Rückgabefrist"), [other, german], limit=2)
    assert found[0].chunk.text == german.chunk.text
    assert found[0].scores["coverage"] == 1.0


async def test_passages_of_several_languages_are_ranked_together() -> None:
    german = replace(candidate("Die Garantie des Laptops gilt zwei Jahre.", 0.49), language="de")
    english = candidate("The garden is open.", 0.50)
    found = await Proximity().rerank(query("Garantie laptops"), [english, german], limit=2)
    assert [passage.scores["coverage"] for passage in found] == [1.0, 0.0]


async def test_passages_with_the_same_words_are_one() -> None:
    first = candidate("Return it within 30 days.", 0.9, title="Wiki")
    copy = candidate("Return  it WITHIN 30 days", 0.8, title="Handbook")
    found = await Proximity().rerank(query("return"), [first, copy], limit=5)
    assert [passage.title for passage in found] == ["Wiki"]


async def test_passages_that_differ_in_one_number_stay_two() -> None:
    found = await texts("return", ("Return it within 30 days.", 0.9), ("Return it within 14 days.", 0.8))
    assert len(found) == 2


async def test_below_the_depth_nothing_is_moved() -> None:
    given_ = [("The garden is open.", 0.9), ("The office is closed.", 0.8), ("laptop warranty", 0.7)]
    assert await texts("laptop warranty", *given_, reranker=Proximity(depth=2)) == [text for text, _ in given_]


async def test_without_weights_the_order_stays() -> None:
    given_ = [("The garden is open.", 0.5), ("laptop warranty", 0.4)]
    reranker = Proximity(coverage=0.0, proximity=0.0)
    assert await texts("laptop warranty", *given_, reranker=reranker) == [text for text, _ in given_]


def test_rarity_is_bm25s_idf() -> None:
    found = rarity(["a", "b", "c"], [{"a": [0], "b": [1]}, {"a": [0]}, {"a": [0, 1]}])
    assert found["a"] == pytest.approx(0.13353, abs=1e-5)  # ln(1 + 0.5 / 3.5)
    assert found["b"] == pytest.approx(0.98083, abs=1e-5)  # ln(1 + 2.5 / 1.5)
    assert found["c"] == pytest.approx(2.07944, abs=1e-5)  # ln(1 + 3.5 / 0.5)


def test_coverage_is_a_share_of_the_weights() -> None:
    weights = {"a": 1.0, "b": 3.0}
    assert coverage(positions(["b", "x", "b"], weights), weights) == 0.75
    assert coverage({}, {}) == 0.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a b c", 1.0), ("c b a", 1.0), ("a x x x b", 0.4), ("a x x x x b", 0.0), ("a", 0.0), ("", 0.0)],
)
def test_neighbors_of_the_question_count_within_four_words(text: str, expected: float) -> None:
    question, weights = ["a", "b", "c"], {"a": 1.0, "b": 1.0, "c": 2.0}  # the pairs weigh 2 and 3
    assert proximity(positions(text.split(), weights), neighbors(question), weights) == pytest.approx(expected)


WORDS = st.lists(st.sampled_from("abcdef"), max_size=12)


@given(WORDS, WORDS)
def test_both_shares_lie_between_zero_and_one(question: list[str], text: list[str]) -> None:
    places = positions(text, question)
    weights = rarity(question, [places, positions(question, question)])
    assert 0.0 <= coverage(places, weights) <= 1.0 + 1e-9
    assert 0.0 <= proximity(places, neighbors(question), weights) <= 1.0 + 1e-9
