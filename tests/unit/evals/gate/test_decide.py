"""The gate's ruling: 0 passed, 10 failed, 11 inconclusive, and why."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from answerable.evals.gate.compare import compare
from answerable.evals.gate.decide import Check, Decision, Rules, Ruling, decide
from answerable.evals.gate.lines import Terms
from answerable.evals.gate.quarantine import Quarantined
from answerable.evals.gate.waivers import Waiver
from tests.unit.evals.gate.scripted import TODAY, report, row, rows, side

TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)


def flipped(n: int, *, broken: int = 0, fixed: int = 0):
    """Base and head of n cases, of which some flip."""
    base = {f"c{k:03d}": [k >= fixed] for k in range(n)}
    head = {f"c{k:03d}": [not n - broken <= k] for k in range(n)}
    return side(rows(base)), side(rows(head), fingerprint={})


def named(decision: Decision) -> dict[str, Ruling]:
    return {check.name: check.ruling for check in decision.checks}


def check_of(decision: Decision, name: str) -> Check:
    return next(check for check in decision.checks if check.name == name)


def waiver(gate: str, *, until: date = TOMORROW, only: str = "") -> Waiver:
    return Waiver(gate=gate, name="A. Person", reason="known, mended next week", expires=until, only=only)


@pytest.mark.parametrize(
    ("n", "broken", "fixed", "code"),
    [
        (100, 12, 0, 10),  # a drop that is shown
        (100, 0, 12, 0),  # better
        (200, 1, 1, 0),  # cannot tell, but a drop of five points is excluded
        (60, 3, 2, 11),  # neither shown nor excluded
        (100, 3, 0, 11),
    ],
)
def test_a_drop_fails_an_excluded_drop_passes_and_the_rest_cannot_be_told(n, broken, fixed, code):
    assert report(*flipped(n, broken=broken, fixed=fixed)).decision.ruling.exit_code == code


def test_nothing_changed_passes_however_few_the_cases():
    base = side(rows({"a": [True], "b": [False]}))
    assert report(base, base).decision.ruling is Ruling.PASSED


def test_no_case_in_common_is_inconclusive():
    found = report(side(rows({"a": [True]})), side(rows({"b": [True]}))).decision
    assert named(found)["overall"] is Ruling.INCONCLUSIVE
    assert found.ruling is Ruling.INCONCLUSIVE


def test_one_broken_must_pass_case_fails_the_gate_and_says_so():
    base = side([row("a", tags=("must-pass",)), *rows({f"c{n}": [True] for n in range(99)})])
    head = side([row("a", False, tags=("must-pass",)), *base.rows[1:]])
    found = report(base, head).decision
    assert (found.ruling, check_of(found, "must-pass:a").words) == (Ruling.FAILED, "fails")


def test_a_must_pass_case_that_was_not_measured_is_neither_passed_nor_failed():
    base = side([row("a", tags=("must-pass",)), row("b", tags=("must-pass",))])
    head = side([row("a", None, tags=("must-pass",))])
    found = named(report(base, head).decision)
    assert (found["must-pass:a"], found["must-pass:b"]) == (Ruling.INCONCLUSIVE, Ruling.INCONCLUSIVE)


def test_a_must_pass_case_needs_most_of_its_repeats_and_every_failure_is_told():
    def must(passes):
        return [row("a", one, repeat=n, tags=("must-pass",)) for n, one in enumerate(passes)]

    base = side(must([True, True, True]))
    assert "must-pass:a" not in named(report(base, side(must([True, True, False]))).decision)
    assert (
        "a repeat failed in a"
        in check_of(report(base, side(must([True, True, False]))).decision, "must-pass").words
    )
    assert named(report(base, side(must([True, False, False]))).decision)["must-pass:a"] is Ruling.FAILED


def test_an_expired_quarantine_fails_loudly_and_a_valid_one_does_not():
    base = side(rows({"a": [True]}))
    old = Quarantined(case="typo-3", owner="someone@example.com", reason="flaky", expires=YESTERDAY)
    found = report(base, base, quarantine=[old]).decision
    assert (found.ruling, check_of(found, "quarantine:typo-3").ruling) == (Ruling.FAILED, Ruling.FAILED)
    fresh = old.model_copy(update={"expires": TODAY})
    assert report(base, base, quarantine=[fresh]).decision.ruling is Ruling.PASSED


def test_a_waiver_passes_its_gate_and_stays_visible():
    base, head = flipped(100, broken=12)
    head_checks = report(base, head, waivers=[waiver("overall"), waiver("category:obvious")]).decision
    assert head_checks.ruling is Ruling.PASSED
    assert check_of(head_checks, "overall").ruling is Ruling.FAILED
    assert check_of(head_checks, "overall").waiver is not None


@pytest.mark.parametrize(
    "given",
    [waiver("overall", until=YESTERDAY), waiver("overall", only="run_other"), waiver("floor:obvious")],
)
def test_a_waiver_that_is_over_or_of_something_else_does_not_count(given):
    base, head = flipped(100, broken=12)
    assert report(base, head, waivers=[given, waiver("category:obvious")]).decision.ruling is Ruling.FAILED


def test_expired_waivers_are_listed():
    base = side(rows({"a": [True]}))
    old = waiver("overall", until=YESTERDAY)
    assert report(base, base, waivers=[old, waiver("cost")]).decision.expired == (old,)


def test_accepting_the_inconclusive_never_passes_what_failed():
    accepted = waiver("inconclusive", only="run_4fd1c2")
    assert report(*flipped(60, broken=3, fixed=2), waivers=[accepted]).decision.ruling is Ruling.PASSED
    assert report(*flipped(100, broken=12), waivers=[accepted]).decision.ruling is Ruling.FAILED


@pytest.mark.parametrize(("passed", "ruling"), [(60, "passed"), (58, "inconclusive"), (40, "failed")])
def test_a_floor_is_for_the_intervals_lower_end(passed, ruling):
    found = side(rows({f"c{n}": [n < passed] for n in range(60)}))
    decision = report(found, found, rules=Rules(floors={"obvious": 0.95})).decision
    assert check_of(decision, "floor:obvious").ruling == ruling


def test_a_floor_may_name_a_tag():
    found = side([row("a", tags=("returns",)), row("b")])
    words = check_of(report(found, found, rules=Rules(floors={"returns": 0.1})).decision, "floor:returns").words
    assert words.startswith("1 of 1 pass")


@pytest.mark.parametrize(("ms", "ruling"), [(900, "passed"), (2000, "failed")])
def test_a_latency_limit_fails_with_its_whole_interval(ms, ruling):
    found = side([row(f"c{n}", ms=ms + n) for n in range(100)])
    decision = report(found, found, rules=Rules(latency_p95_ms=1500)).decision
    assert check_of(decision, "latency").ruling == ruling


def test_a_p95_over_its_limit_with_a_few_slow_answers_cannot_be_told():
    found = side([row(f"c{n}", ms=5000 if n >= 94 else 900) for n in range(100)])
    assert (
        check_of(report(found, found, rules=Rules(latency_p95_ms=1500)).decision, "latency").ruling
        == "inconclusive"
    )


@pytest.mark.parametrize(("cost", "ruling"), [("0.0021", "passed"), ("0.0030", "failed")])
def test_a_cost_limit_is_relative(cost, ruling):
    base, head = side([row(f"c{n}") for n in range(40)]), side([row(f"c{n}", cost=cost) for n in range(40)])
    assert check_of(report(base, head, rules=Rules(cost_rise=0.15)).decision, "cost").ruling == ruling


def test_a_cost_limit_without_a_price_cannot_be_told():
    base = side([row("a", cost=None)])
    assert check_of(report(base, base, rules=Rules(cost_rise=0.15)).decision, "cost").ruling == "inconclusive"


def test_too_many_unmeasured_cases_are_inconclusive():
    base = side(rows({f"c{n}": [True] for n in range(100)}))
    few = side(rows({f"c{n}": [True if n > 4 else None] for n in range(100)}))
    many = side(rows({f"c{n}": [True if n > 5 else None] for n in range(100)}))
    assert report(base, few).decision.ruling is Ruling.PASSED
    assert check_of(report(base, many).decision, "unmeasured").ruling is Ruling.INCONCLUSIVE


def test_a_dropped_retrieval_fails_even_where_the_answers_still_pass():
    base = side([row(f"c{n}", scores={"span_recall@1000": 1.0}) for n in range(60)])
    head = side([row(f"c{n}", scores={"span_recall@1000": 0.4}) for n in range(60)])
    decision = report(base, head).decision
    assert (decision.ruling, check_of(decision, "retrieval").ruling) == (Ruling.FAILED, Ruling.FAILED)
    assert "retrieval" not in named(report(base, head, rules=Rules(retrieval=False)).decision)


def test_obstacles_make_the_ruling_inconclusive():
    base = side(rows({"a": [True]}))
    assert report(base, base, obstacles=["scored otherwise"]).decision.ruling is Ruling.INCONCLUSIVE


def test_a_must_pass_case_named_by_an_id_that_nobody_has_is_told():
    found = side(rows({"a": [True], "b": [True]}))
    comparison = compare(found.rows, found.rows, terms=Terms(must_pass=("a", "refnud-1")))
    decision = decide(comparison, rules=Rules(), today=TODAY)
    assert named(decision)["must-pass:refnud-1"] is Ruling.INCONCLUSIVE
    assert decision.ruling is Ruling.INCONCLUSIVE


def test_one_case_is_no_proof_of_a_higher_cost():
    base, head = side([row("a", cost="0.002")]), side([row("a", cost="0.003")], fingerprint={})
    found = check_of(report(base, head, rules=Rules(cost_rise=0.15)).decision, "cost")
    assert found.ruling is Ruling.INCONCLUSIVE
    assert "no interval can be given" in found.words


def test_a_price_where_there_was_none_is_told_as_that():
    base, head = side([row("a", cost="0")]), side([row("a", cost="0.003")], fingerprint={})
    found = check_of(report(base, head, rules=Rules(cost_rise=0.15)).decision, "cost")
    assert (found.ruling, found.words) == (Ruling.INCONCLUSIVE, "base is 0: there is no relative rise")
