"""What rows come to: counts, causes, quantiles, keys, and whether two runs are the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.core.evaluation import EvalCase, Expectation, GoldSpan, Score, Status
from answerable.core.outcome import Outcome
from answerable.evals.runs.aggregate import aggregate
from answerable.evals.runs.causes import Cause, cause_of, reasons
from answerable.evals.runs.changed import affected, describe, failing
from answerable.evals.runs.passing import passes
from answerable.evals.runs.plan import row_key
from answerable.evals.runs.quantiles import quantile
from answerable.evals.runs.report import share_text
from answerable.evals.runs.sameness import differences
from tests.unit.evals.runs.making import answer, bad, case, good, plan, row, unmeasured


@pytest.mark.parametrize(
    ("scores", "passed"),
    [
        ([good()], True),
        ([good(), bad("cites")], False),
        ([good(), unmeasured("cites")], None),
        ([bad(), unmeasured("cites")], None),
        ([Score(name="similarity", value=0.1)], None),  # no bar
        ([], None),
        ([good(), Score(name="judge:safe", value=0.0, passed=False)], True),
        ([good(), unmeasured("judge:safe")], True),
        ([good(), Score(name="cites", status=Status.NOT_APPLICABLE)], True),
    ],
)
def test_a_row_passes_when_every_bar_was_cleared_and_nothing_broke(scores, passed):
    assert passes(scores) is passed


def test_repeats_are_averaged_within_their_case_and_what_has_no_row_is_unmeasured():
    a, b, c = case("a"), case("b", tags=("typo",)), case("c")
    rows = [
        row(a, (good(),), 0), row(a, (bad(),), 1), row(a, (unmeasured(),), 2),
        row(b, (good(),), 0), row(c, (unmeasured(),), 0),
    ]  # fmt: skip
    found = aggregate(rows, cases=["a", "b", "c", "d", "e"])
    assert (found.overall.cases, found.overall.measured, found.overall.unmeasured) == (5, 2, 3)
    assert (found.overall.passed, found.overall.flaky, found.overall.rate) == (1.5, 1, 0.75)
    assert {name: (one.cases, one.measured) for name, one in found.categories.items()} == {
        "obvious": (2, 1),
        "typo": (1, 1),
        "not asked": (2, 0),
    }
    assert found.categories["not asked"].rate is None


def test_no_rows_come_to_nothing():
    found = aggregate([])
    assert (found.overall.cases, found.overall.rate, dict(found.categories)) == (0, None, {})


@pytest.mark.parametrize(
    ("k", "n", "said"),
    [
        (23, 26, "23 of 26"),
        (29.5, 29, "29.5 of 29"),
        (1 / 3, 2, "0.33 of 2"),
        (27, 30, "27 of 30, 90.0 % (74.4 – 96.5)"),
        (0, 0, "nothing measured"),
    ],
)
def test_few_cases_are_said_without_a_percentage(k, n, said):
    assert share_text(k, n, 0.744, 0.965) == said


def failed(outcome: str, got: str, *more: Score):
    """A row whose outcome is another than expected."""
    wanted = case("a", outcome=Outcome(outcome))
    return row(wanted, (bad("outcome", f"expected {outcome}, got {got}"), *more), outcome=got)


LACKING = Score(name="claim_f1", status=Status.NOT_APPLICABLE, detail={"fault": "retriever", "stratum": None})
ENOUGH = Score(name="claim_f1", value=0.2, detail={"fault": "generator", "stratum": ["sufficient", "wrong"]})
INVENTED = Score(name="claim_f1", value=0.2, detail={"fault": "both", "stratum": ["insufficient", "wrong"]})


@pytest.mark.parametrize(
    ("one", "cause"),
    [
        (row(scores=(good(),)), None),
        (row(scores=(unmeasured(),)), Cause.UNMEASURED),
        (failed("answered", "failed"), Cause.FAILED),
        (failed("answered", "blocked"), Cause.GUARD),
        (failed("answered", "out_of_scope", LACKING), Cause.GUARD),
        (failed("abstained", "answered"), Cause.ANSWERED),
        (failed("answered", "abstained", LACKING), Cause.RETRIEVER),
        (failed("answered", "abstained", ENOUGH), Cause.ABSTAINED),
        (failed("answered", "abstained"), Cause.ABSTAINED),
        (failed("blocked", "out_of_scope"), Cause.DECLINED),
        (failed("conflict", "answered"), Cause.CONFLICT),
        (failed("answered", "conflict"), Cause.CONFLICT),
        (failed("answered", "partial"), Cause.PARTIAL),
        (row(scores=(bad("must_not"), bad("must"), LACKING)), Cause.SAID),
        (row(scores=(bad("must"), ENOUGH)), Cause.LEFT_OUT),
        (row(scores=(bad("must"),)), Cause.LEFT_OUT),
        (row(scores=(bad("must"), INVENTED)), Cause.RETRIEVER),
        (row(scores=(bad("cites"), INVENTED)), Cause.RETRIEVER),
        (row(scores=(bad("cites"), ENOUGH)), Cause.SOURCE),
        (row(scores=(bad("language"),)), Cause.LANGUAGE),
        (row(scores=(bad("patterns"),)), Cause.PATTERN),
        (row(scores=(bad("mine"),)), Cause.OTHER),
    ],
)
def test_a_failed_case_has_the_earliest_cause(one, cause):
    assert cause_of(one) is cause


def test_a_target_that_shows_no_passages_is_not_blamed_for_its_retrieval():
    shown = failed("answered", "abstained", LACKING)
    hidden = replace(shown, answer={**shown.answer, "passages": []})
    assert (cause_of(shown), cause_of(hidden)) == (Cause.RETRIEVER, Cause.ABSTAINED)
    searched = replace(hidden, scores=(*hidden.scores, Score(name="recall@5", value=0.0)))
    assert cause_of(searched) is Cause.RETRIEVER


def test_every_cause_says_what_happened_and_where_to_look():
    for cause in Cause:
        assert cause.what
        assert cause.advice


def test_reasons_are_those_of_what_failed_or_broke_and_never_a_judges():
    one = row(scores=(good(), bad("cites", "not cited: a.md"), unmeasured("language"), unmeasured("judge:safe")))
    assert reasons(one) == ["cites: not cited: a.md", "language: broke"]
    assert reasons(row(scores=(), error="the target broke")) == ["the target broke"]
    assert reasons(row(scores=())) == ["nothing is expected: there is no bar to clear"]


def test_quantiles_lie_between_two_order_statistics():
    found = quantile([float(n) for n in range(1, 101)], 0.5)
    assert (found.value, found.low, found.high, found.n) == (50.0, 40.0, 61.0, 100)
    assert quantile([], 0.5) is None
    few = quantile([3.0, 1.0, 2.0], 0.95)
    assert (few.value, few.low, few.high) == (3.0, 2.0, None)
    middle = quantile([3.0, 1.0, 2.0], 0.5)
    assert (middle.value, middle.low, middle.high) == (2.0, None, None)


def test_the_interval_of_a_quantile_covers_what_it_says():
    """Exactly, not by drawing: P(X₍low₎ ≤ x_q < X₍high₎) for continuous values is a sum of binomials."""
    from answerable.evals.stats.distributions import binomial_at_most

    for n in (20, 59, 110, 400):
        for q in (0.5, 0.95):
            found = quantile([float(rank) for rank in range(1, n + 1)], q)
            low, high = int(found.low or 1), n + 1 if found.high is None else int(found.high)
            below_low = binomial_at_most(low - 1, n, q) if found.low else 0.0
            above = 0.0 if found.high is None else 1.0 - binomial_at_most(high - 1, n, q)
            assert below_low <= 0.025
            assert above <= 0.025


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200), st.sampled_from([0.5, 0.9, 0.95]))
def test_a_quantile_is_one_of_the_values_inside_of_its_interval(values, q):
    found = quantile(values, q)
    assert found.value in values
    assert found.low is None or found.low <= found.value
    assert found.high is None or found.value <= found.high


def test_a_key_follows_from_case_fingerprint_and_repeat():
    keys = {one.key for one in plan(case("a"), case("b"), repeats=2).asked()}
    assert len(keys) == 4
    assert keys == {one.key for one in plan(case("b"), case("a"), repeats=2).asked()}
    assert keys.isdisjoint(one.key for one in plan(case("a"), case("b"), repeats=2, code="other").asked())
    assert row_key("h", {"a": "1", "b": "2"}, 0) == row_key("h", {"b": "2", "a": "1"}, 0)
    assert plan(case("a")).id != plan(case("b")).id


def test_every_case_is_asked_once_before_any_is_asked_again():
    assert [(one.case.id, one.repeat) for one in plan(case("a"), case("b"), repeats=2).asked()] == [
        ("a", 0), ("b", 0), ("a", 1), ("b", 1),
    ]  # fmt: skip


def test_rows_are_the_same_whatever_their_ids_and_times():
    first = row(scores=(good(),))
    later = replace(first, latency_ms=99.0, answer={**first.answer, "id": "an_2", "trace": "t", "cached": True})
    assert differences([first], [later]) == {}


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"outcome": "abstained"}, "outcome"),
        ({"passed": False}, "passed"),
        ({"key": "other"}, "key"),
        ({"scores": (bad(),)}, "scores.0.passed"),
    ],
)
def test_another_result_is_another_row_and_is_named(changed, where):
    first = row(scores=(good(),))
    assert where in differences([first], [replace(first, **changed)])["a", 0]


def test_another_text_or_passage_is_another_row_and_a_lost_one_is_missing():
    first = row(scores=(good(),))
    other = replace(first, answer={**first.answer, "text": "No.", "passages": []})
    assert differences([first], [other]) == {("a", 0): ["answer.passages", "answer.text"]}
    assert differences([first], []) == {("a", 0): ["missing"]}


BASE = Path("/project")
FILED = [
    (EvalCase(id="a", question="?", expect=Expectation(cites=("returns.md#limits",))), BASE / "evals/a.yaml"),
    (EvalCase(id="b", question="?", expect=Expectation(spans=(GoldSpan(document="x/y.md", quote="q"),))),
     BASE / "evals/b.yaml"),
    (EvalCase(id="c", question="?"), BASE / "evals/c.yaml"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "ids", "everything", "unnamed"),
    [
        ([], [], 0, 0),
        (["evals/c.yaml"], ["c"], 0, 0),
        (["knowledge/returns.md"], ["a"], 0, 0),
        (["knowledge/x/y.md", "evals/c.yaml"], ["b", "c"], 0, 0),
        (["knowledge/other.md", "README.md"], [], 0, 1),
        (["prompts/answer.md"], ["a", "b", "c"], 1, 0),
        (["answerable.toml", "evals/c.yaml"], ["a", "b", "c"], 1, 0),
        (["knowledge-old/returns.md"], [], 0, 0),
    ],
)
def test_a_change_touches_its_case_its_gold_or_everything(changed, ids, everything, unnamed):
    found = affected(
        FILED,
        [BASE / one for one in changed],
        everywhere=[BASE / "prompts", BASE / "answerable.toml"],
        documents=[BASE / "knowledge"],
    )
    assert [one.id for one in found.cases] == ids
    assert (len(found.everything), found.unnamed) == (everything, unnamed)
    said = describe(found, since="main", total=3)
    assert "every case" in said if everything else f"{len(ids)} of 3 cases" in said


def test_failing_are_those_that_did_not_always_pass_and_those_that_were_not_there():
    cases = [case(name) for name in "abcde"]
    found = failing({"a": 1.0, "b": 0.5, "c": None, "d": 0.0}, cases)
    assert [one.id for one in found] == ["b", "c", "d", "e"]


def test_the_answer_of_a_row_can_be_read_back():
    from answerable.core.rows import row_of, row_record

    made = row(scores=(good(), unmeasured("judge:safe")))
    assert row_of(row_record(made)) == made
    assert answer().text in str(row_record(made))
