"""Retriever and generator are told apart; the diagnostics are RAGChecker's, worked out by hand."""

from __future__ import annotations

import pytest

from answerable.core.evaluation import Status
from answerable.core.outcome import Outcome
from answerable.evals.metrics.diagnostics import Diagnostics, diagnose
from answerable.evals.metrics.faults import claim_f1, fault, stratum
from answerable.evals.metrics.matrix import GoldFact, Matrix, matrix
from tests.unit.evals.metrics.making import RETURNS, SHIPPING, answer, case, passage, span

RULES = passage(RETURNS)
COSTS = passage(SHIPPING, uri="shipping.md", section="Costs")
RIGHT = "Items can be returned within 30 days of delivery [1]."
WANTED = case(
    outcome=Outcome.ANSWERED,
    must=("30 days",),
    spans=(span("Items can be returned within 30 days of delivery."),),
)
UNANSWERABLE = case(outcome=Outcome.ABSTAINED)
NONE = answer("I do not know.", [], outcome=Outcome.ABSTAINED)


@pytest.mark.parametrize(
    ("wanted", "said", "cell", "who"),
    [
        (WANTED, answer(RIGHT, [RULES, COSTS]), ("sufficient", "correct"), "none"),
        (WANTED, answer("Shipping takes 5 days [2].", [RULES, COSTS]), ("sufficient", "wrong"), "generator"),
        (WANTED, answer("No idea.", [RULES], outcome=Outcome.ABSTAINED), ("sufficient", "abstained"), "generator"),
        (
            WANTED,
            answer("No idea.", [COSTS], outcome=Outcome.ABSTAINED),
            ("insufficient", "abstained"),
            "retriever",
        ),
        (WANTED, NONE, ("insufficient", "abstained"), "retriever"),
        (WANTED, answer("Shipping takes 5 days [1].", [COSTS]), ("insufficient", "wrong"), "retriever"),
        (WANTED, answer("You have 90 weeks for everything [1].", [COSTS]), ("insufficient", "wrong"), "both"),
        (WANTED, answer("You have 90 weeks."), ("unknown", "wrong"), None),
        (WANTED, answer("You have 30 days."), ("unknown", "correct"), "none"),
        (UNANSWERABLE, answer(RIGHT, [RULES]), ("insufficient", "wrong"), "generator"),
        (UNANSWERABLE, NONE, ("insufficient", "correct"), "none"),
        (case(), answer(RIGHT, [RULES]), None, None),
    ],
)
def test_each_cell_has_its_fault(wanted, said, cell, who):
    assert (stratum(wanted, said), fault(wanted, said)) == (cell, who)


def test_what_must_not_be_said_makes_an_answer_wrong():
    wanted = case(must=("30 days",), must_not=("5 days",), spans=(span("Items can be returned within 30 days"),))
    said = answer(f"{RIGHT} Shipping takes 5 days [2].", [RULES, COSTS])
    assert fault(wanted, said) == "generator"


def test_the_diagnostics_follow_from_the_matrix():
    """Two gold facts, three claims, three chunks; chunk 0 is relevant, chunk 1 is noise, chunk 2 holds nothing."""
    table = Matrix(
        facts=(GoldFact(text="a", kind="reference"), GoldFact(text="b", kind="reference")),
        claims=("right", "wrong from noise", "made up"),
        fact_in_chunk=((True, False, False), (False, False, False)),
        claim_in_chunk=((True, False, False), (False, True, False), (False, False, False)),
        fact_in_answer=(True, False),
        claim_in_gold=(True, False, False),
    )
    assert diagnose(table) == Diagnostics(
        precision=1 / 3,
        recall=1 / 2,
        claim_recall=1 / 2,
        context_precision=1 / 3,
        context_utilization=1.0,
        faithfulness=2 / 3,
        hallucination=1 / 3,
        self_knowledge=0.0,
        noise_sensitivity_relevant=0.0,
        noise_sensitivity_irrelevant=1 / 3,
    )


def test_noise_of_a_relevant_chunk_is_not_counted_twice():
    table = Matrix(
        facts=(GoldFact(text="a", kind="quote"),),
        claims=("wrong",),
        fact_in_chunk=((True, False),),
        claim_in_chunk=((True, True),),
        fact_in_answer=(False,),
        claim_in_gold=(False,),
    )
    found = diagnose(table)
    assert (found.noise_sensitivity_relevant, found.noise_sensitivity_irrelevant) == (1.0, 0.0)


def test_the_matrix_is_drawn_from_case_answer_and_chunks():
    found = matrix(WANTED, answer(f"{RIGHT} Shipping takes 5 days [2].", [RULES, COSTS]))
    assert [one.kind for one in found.facts] == ["must", "quote"]
    assert found.fact_in_chunk == ((True, False), (True, False))
    assert found.claim_in_chunk == ((True, False), (False, True))
    assert (found.fact_in_answer, found.claim_in_gold) == ((True, True), (True, False))


def test_claim_f1_keeps_the_matrix():
    found = claim_f1(WANTED, answer(f"{RIGHT} Shipping takes 5 days [2].", [RULES, COSTS]))
    assert found.value == pytest.approx(2 / 3)  # precision 1/2, recall 1
    assert found.detail["matrix"]["claims"][1] == "Shipping takes 5 days."
    assert found.detail["fault"] == "none"


def test_phrases_alone_say_nothing_of_whole_claims():
    found = claim_f1(case(must=("30 days",)), answer(RIGHT, [RULES]))
    assert found.status is Status.NOT_APPLICABLE
    assert found.detail["diagnostics"]["precision"] is None
    assert found.detail["diagnostics"]["recall"] == 1.0


def test_empty_things_have_no_measures():
    assert set(vars_of(diagnose(matrix(case(), answer(""))))) == {None}


def vars_of(found):
    return [getattr(found, name) for name in type(found).__slots__]
