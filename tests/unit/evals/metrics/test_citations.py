"""Citation precision and recall are ALCE's, worked out by hand; statements that claim nothing are left out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from answerable.core.answer import Claim
from answerable.core.evaluation import Status
from answerable.core.outcome import Outcome
from answerable.evals.metrics.citations import citation_precision, citation_recall, cited
from answerable.evals.metrics.claim_support import claim_support, weakest_claim
from answerable.evals.metrics.statements import claims_of, statements
from tests.unit.evals.metrics.making import RETURNS, SHIPPING, answer, case, passage

RULES = passage(RETURNS)
COSTS = passage(SHIPPING, uri="shipping.md", section="Costs")


def test_every_statement_supported_by_its_citation():
    said = answer("Items can be returned within 30 days [1]. Shipping costs €4.90 [2].", [RULES, COSTS])
    assert (citation_recall(case(), said).value, citation_precision(case(), said).value) == (1.0, 1.0)


def test_a_wrong_citation_costs_both():
    said = answer("Items can be returned within 30 days [2]. Shipping costs €4.90 [2].", [RULES, COSTS])
    assert (citation_recall(case(), said).value, citation_precision(case(), said).value) == (0.5, 0.5)


def test_a_needless_citation_costs_precision_alone():
    """Irrelevant: alone it does not support the sentence, and the other does without it."""
    said = answer("Items can be returned within 30 days [1][2].", [RULES, COSTS])
    assert (citation_recall(case(), said).value, citation_precision(case(), said).value) == (1.0, 0.5)


def test_two_citations_that_support_only_together_are_both_precise():
    said = answer("Items can be returned within 30 days, and express shipping costs €9.90 [1][2].", [RULES, COSTS])
    assert (citation_recall(case(), said).value, citation_precision(case(), said).value) == (1.0, 1.0)


def test_an_unsupported_statement_makes_all_its_citations_imprecise():
    said = answer("Items can be returned within 90 days [1][2].", [RULES, COSTS])
    assert (citation_recall(case(), said).value, citation_precision(case(), said).value) == (0.0, 0.0)


def test_a_statement_without_a_citation_has_no_recall_and_no_precision():
    said = answer("Items can be returned within 30 days.", [RULES])
    assert citation_recall(case(), said).value == 0.0
    assert citation_precision(case(), said).status is Status.NOT_APPLICABLE


def test_a_mark_that_points_nowhere_is_no_support():
    said = answer("Items can be returned within 30 days [1][7].", [RULES])
    assert (citation_recall(case(), said).value, citation_precision(case(), said).value) == (0.0, 0.0)


def test_marks_behind_the_full_stop_belong_to_the_sentence_before():
    said = answer("Items can be returned within 30 days. [1] Shipping costs €4.90. [2]", [RULES, COSTS])
    assert citation_recall(case(), said).value == 1.0


@pytest.mark.parametrize(
    "note",
    [
        "I could not find when the shop opens.",
        "The sources do not say when the shop opens.",
        "Do you have another question?",
        "Please contact our support team.",
        "Thank you for asking!",
        "Here is what the policy says:",
    ],
)
def test_what_claims_nothing_needs_no_citation(note):
    said = answer(f"Items can be returned within 30 days [1]. {note}", [RULES])
    assert [one.kind for one in statements(said)][1:] in (["note"], ["limit"])
    assert citation_recall(case(), said).value == 1.0
    assert claim_support(case(), said).value == 1.0


def test_a_note_with_a_citation_is_checked_all_the_same():
    said = answer("Please note that the fee is €500 [1].", [RULES])
    assert citation_recall(case(), said).value == 0.0


def test_claims_of_the_answer_are_taken_as_they_are():
    text = "Within 30 days [1]. The rest is unknown."
    claims = (
        Claim(start=0, end=19, citations=(1,)),
        Claim(start=20, end=len(text), kind="limit", support="not_applicable"),
    )
    said = answer(text, [passage("Items go back within 30 days.")], claims=claims)
    assert [(one.text, one.kind) for one in statements(said)] == [
        ("Within 30 days.", "fact"),
        ("The rest is unknown.", "limit"),
    ]
    assert len(claims_of(said)) == 1


def test_a_citation_whose_passage_is_not_shown_rests_on_its_quote():
    said = replace(answer("Items can be returned within 30 days [1].", [RULES]), passages=())
    assert citation_recall(case(), said).value == 1.0
    assert claim_support(case(), said).value == 1.0


def test_the_order_of_citations_changes_nothing():
    said = answer("Items can be returned within 30 days [1][2]. Shipping costs €9.90 [2][1].", [RULES, COSTS])
    turned = replace(said, citations=said.citations[::-1], passages=said.passages[::-1])
    for metric in (citation_precision, citation_recall, claim_support, weakest_claim):
        assert metric(case(), said).value == metric(case(), turned).value


@pytest.mark.parametrize("metric", [citation_recall, citation_precision, claim_support, weakest_claim])
def test_a_refusal_claims_nothing(metric):
    said = answer("I cannot answer that from the sources.", [RULES], outcome=Outcome.ABSTAINED)
    assert metric(case(), said).status is Status.NOT_APPLICABLE


def test_claim_support_lists_each_unsupported_claim_with_its_kind():
    said = answer("Items can be returned within 90 days [1]. Shipping costs €4.90 [1].", [RULES, COSTS])
    found = claim_support(case(), said)
    assert found.value == 0.5
    assert [(one["claim"], one["kind"]) for one in found.detail["unsupported"]] == [
        ("Items can be returned within 90 days.", "number")
    ]
    weakest = weakest_claim(case(), said)
    assert weakest.detail["claim"] == "Items can be returned within 90 days."
    assert weakest.value == found.detail["unsupported"][0]["score"]


def test_a_target_without_passages_cannot_be_checked():
    assert claim_support(case(), answer("Items can be returned.")).status is Status.NOT_APPLICABLE


def test_one_more_unsupported_sentence_never_raises_claim_support():
    said = answer("Items can be returned within 30 days [1]. Shipping costs €9.90 [2].", [RULES, COSTS])
    more = replace(said, text=f"{said.text} Dr. Krauss approves every exception for 941 EUR [1].")
    assert claim_support(case(), more).value < claim_support(case(), said).value
    assert weakest_claim(case(), more).value <= weakest_claim(case(), said).value


def test_cited_counts_each_statement():
    said = answer("Items can be returned within 30 days [1][2].", [RULES, COSTS])
    (one,) = cited(claims_of(said), "en")
    assert (one.supported, one.precise, one.citations) == (True, 1, 2)
