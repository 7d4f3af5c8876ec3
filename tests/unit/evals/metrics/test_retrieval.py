"""Retrieval against gold spans, worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.core.evaluation import Status
from answerable.evals.metrics.retrieval import context_precision, context_recall, retrieval_scores
from tests.unit.evals.metrics.making import RETURNS, SHIPPING, answer, case, passage, span

RULES = passage(RETURNS)
COSTS = passage(SHIPPING, uri="shipping.md", section="Costs")
OTHER = passage("Opening hours are 9 to 5.", uri="hours.md", section="Hours")
WANTED = case(
    spans=(
        span("Items can be returned within 30 days of delivery."),
        span("Express shipping costs €9.90.", "shipping.md"),
    )
)


def values(found):
    return {one.name: one.value for one in found}


def test_two_spans_at_ranks_two_and_three():
    found = values(retrieval_scores(WANTED, [OTHER, RULES, COSTS], k=(2, 5), budget_tokens=1000))
    assert found["recall@2"] == 0.5
    assert found["recall@5"] == 1.0
    assert found["precision@2"] == 0.5
    assert found["precision@5"] == 0.4
    assert found["mrr"] == 0.5
    assert found["ndcg@5"] == pytest.approx((1 / math.log2(3) + 0.5) / (1 + 1 / math.log2(3)))
    assert found["span_recall@1000"] == 1.0


def test_a_budget_leaves_out_what_does_not_fit():
    found = values(retrieval_scores(WANTED, [RULES, OTHER, COSTS], budget_tokens=20))
    assert found["span_recall@20"] == pytest.approx(9 / (9 + 4))
    counted = values(retrieval_scores(WANTED, [RULES, OTHER, COSTS], budget_tokens=20, count=lambda _: 5))
    assert counted["span_recall@20"] == 1.0


def test_the_first_passage_always_fits():
    assert values(retrieval_scores(WANTED, [RULES], budget_tokens=1))["span_recall@1"] > 0.5


def test_a_span_cut_in_two_is_whole_in_both_parts_together():
    quote = "Items can be returned within 30 days of delivery."
    first, second = passage("Intro. Items can be returned"), passage("within 30 days of delivery. More.")
    one = case(spans=(span(quote),))
    assert values(retrieval_scores(one, [first, second]))["span_recall@1000"] == 1.0
    half = values(retrieval_scores(one, [first]))
    assert (half["span_recall@1000"], half["recall@5"]) == (pytest.approx(4 / 9), 0.0)
    assert values(retrieval_scores(one, [second]))["recall@5"] == 1.0  # more than half


def test_the_same_words_in_another_document_are_not_the_span():
    elsewhere = replace(RULES, uri="archive/returns.md")
    assert values(retrieval_scores(WANTED, [elsewhere]))["recall@5"] == 0.0


def test_without_spans_the_expected_places_are_the_gold():
    found = values(retrieval_scores(case(cites=("policies/returns.md#time-limits",)), [OTHER, RULES]))
    assert (found["recall@5"], found["mrr"]) == (1.0, 0.5)
    assert found["span_recall@1000"] is None


def test_what_was_not_found_is_named():
    found = {one.name: one for one in retrieval_scores(WANTED, [RULES])}
    assert "Express shipping" in found["recall@5"].reason


def test_a_case_without_gold_is_not_applicable():
    assert {one.status for one in retrieval_scores(case(), [RULES])} == {Status.NOT_APPLICABLE}


def test_nothing_found_is_zero_not_unmeasured():
    assert set(values(retrieval_scores(WANTED, [])).values()) == {0.0}


def test_the_context_of_an_answer_is_measured_too():
    said = answer("Yes.", [RULES, OTHER])
    assert context_recall(WANTED, said).value == pytest.approx(9 / 13)
    assert context_precision(WANTED, said).value == 0.5
    assert context_recall(WANTED, answer("Yes.")).status is Status.NOT_APPLICABLE
    assert context_precision(case(), said).status is Status.NOT_APPLICABLE


ORDER = st.permutations([RULES, COSTS, OTHER])


@given(ORDER, st.integers(1, 5))
def test_one_more_place_never_lowers_recall(order, k):
    found = values(retrieval_scores(WANTED, order, k=(k, k + 1)))
    assert found[f"recall@{k}"] <= found[f"recall@{k + 1}"]
    assert all(0.0 <= one <= 1.0 for one in found.values())
