"""The suite as a whole: its names, that nothing breaks it, and that a broken metric is an error and no score."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable.core.answer import Answer, Claim
from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase, Expectation, Status
from answerable.core.outcome import Outcome
from answerable.evals.metrics.deterministic import Deterministic
from answerable.evals.metrics.suite import model_free, production, production_case
from tests.unit.evals.metrics.making import RETURNS, SHIPPING, answer, case, citation, passage, span

METRICS = model_free()
WITH_A_BAR = {"outcome", "must", "must_not", "cites", "language", "patterns"}
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            [
                "Items",
                "can",
                "not",
                "be",
                "returned",
                "within",
                "30 days",
                "€4.90",
                "[1]",
                "[9]",
                ".",
                "\n- ",
                "May 2026",
                "{{",
            ]
        ),
        max_size=12,
    ).map(" ".join),
)
PASSAGES = st.lists(TEXTS.map(passage), max_size=3)
CLAIMS = st.lists(
    st.builds(
        Claim,
        start=st.integers(-3, 80),
        end=st.integers(-3, 80),
        kind=st.sampled_from(["fact", "limit", "note", "odd"]),
        citations=st.lists(st.integers(-1, 5), max_size=3).map(tuple),
    ),
    max_size=3,
).map(tuple)
STRINGS = st.lists(TEXTS, max_size=2).map(tuple)


@st.composite
def answers(draw) -> Answer:
    found = draw(PASSAGES)
    cited = [citation(n, one) for n, one in enumerate(draw(PASSAGES), start=1)]
    made = answer(
        draw(TEXTS),
        found,
        outcome=draw(st.sampled_from(Outcome)),
        language=draw(st.sampled_from(["en", "de", "ja", ""])),
        claims=draw(CLAIMS),
    )
    return replace(made, citations=(*made.citations, *cited) if draw(st.booleans()) else ())


@st.composite
def cases(draw) -> EvalCase:
    expect = Expectation(
        outcome=draw(st.none() | st.sampled_from(Outcome)),
        must=draw(STRINGS),
        must_not=draw(STRINGS),
        accept_also=draw(STRINGS),
        cites=draw(STRINGS),
        spans=tuple(span(one) for one in draw(STRINGS)),
        reference=draw(TEXTS),
    )
    return EvalCase(
        id="case", question=draw(TEXTS), language=draw(st.sampled_from(["en", "de", "zh"])), expect=expect
    )


async def _all(wanted: EvalCase, said: Answer):
    return [await metric.score(wanted, said) for metric in METRICS]


def score(wanted: EvalCase, said: Answer):
    return {one.name: one for one in asyncio.run(_all(wanted, said))}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases(), answers())
def test_no_answer_breaks_a_metric_and_no_score_is_nan(wanted, said):
    for one in score(wanted, said).values():
        assert one.status is not Status.ERROR, one
        assert one.value is None or not math.isnan(one.value)
        assert (one.passed is not None) == (one.name in WITH_A_BAR and one.status is Status.SCORED), one
        assert one.reason or one.status is Status.SCORED


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=60))
def test_an_invented_sentence_never_raises_claim_support(text):
    said = answer(f"{text}\n\nItems can be returned within 30 days of delivery [1].", [passage(RETURNS)])
    more = replace(said, text=f"{said.text}\n\nDr. Krauss approves 941 exceptions in Norway [1].")
    assert score(case(), more)["claim_support"].value <= score(case(), said)["claim_support"].value


def test_the_names_are_those_that_others_rely_on():
    assert [one.name for one in METRICS] == [
        "outcome", "must", "must_not", "cites", "similarity", "context_recall", "context_precision", "claim_f1",
        "citation_precision", "citation_recall", "claim_support", "weakest_claim", "language", "patterns",
    ]  # fmt: skip


async def test_production_metrics_need_no_expectation():
    said = answer("Items can be returned within 30 days of delivery [1].", [passage(RETURNS), passage(SHIPPING)])
    found = [await one.score(production_case("How long?"), said) for one in production()]
    assert {one.status for one in found} == {Status.SCORED}
    assert {one.value for one in found} == {1.0}


async def test_what_breaks_inside_is_an_error_and_not_a_zero():
    def broken(_case, _answer):
        raise RuntimeError("no such thing")

    found = await Deterministic(name="broken", compute=broken).score(case(), answer("Yes."))
    assert (found.status, found.value, found.passed) == (Status.ERROR, None, None)
    assert found.reason == "RuntimeError: no such thing"


async def test_a_cancelled_metric_is_cancelled():
    def cancelled(_case, _answer):
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Deterministic(name="cancelled", compute=cancelled).score(case(), answer("Yes."))


def test_a_bad_pack_stops_the_suite_before_it_starts(tmp_path):
    with pytest.raises(ConfigError):
        model_free([tmp_path / "none.yaml"])
