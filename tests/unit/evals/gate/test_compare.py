"""Two sides compared: what may not matter does not, and what could not be measured counts for nothing."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.evals.gate.compare import compare
from answerable.evals.gate.lines import Comparison, Kind, Line
from answerable.evals.stats.verdict import Change
from tests.unit.evals.gate.scripted import TERMS, row, rows

REPEATS = st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=3)
SIDES = st.dictionaries(st.sampled_from([f"case-{n}" for n in range(40)]), st.tuples(REPEATS, REPEATS), min_size=1)
MIRRORED = {Change.BETTER: Change.WORSE, Change.WORSE: Change.BETTER}


def both(sides):
    base = rows({case: one for case, (one, _) in sides.items()})
    head = rows({case: one for case, (_, one) in sides.items()})
    return base, head


def estimates(found: Comparison) -> list[tuple[object, ...]]:
    """Whatever the pass lines say, but for the count of what was not measured."""
    lines = (*found.of(Kind.OVERALL), *found.of(Kind.CATEGORY))
    return [
        (line.name, line.n, line.base, line.head, line.difference, line.p, line.change, line.mcnemar)
        for line in lines
        if line.n
    ]


def overall(base, head) -> Line:
    return compare(base, head, terms=TERMS).overall


@settings(max_examples=25)
@given(sides=SIDES)
def test_swapping_the_sides_turns_difference_and_verdict_around(sides):
    base, head = both(sides)
    there, back = overall(base, head), overall(head, base)
    assert back.change is MIRRORED.get(there.change, there.change)
    assert (there.fixed, there.broken) == (back.broken, back.fixed)
    if there.difference is not None and back.difference is not None:
        assert there.difference.mean == pytest.approx(-back.difference.mean)
        assert there.difference.interval.low == pytest.approx(-back.difference.interval.high)
        assert there.p == pytest.approx(back.p)


@settings(max_examples=20)
@given(sides=SIDES)
def test_rows_that_are_the_same_are_the_same(sides):
    base, _ = both(sides)
    line = overall(base, base)
    measured = any(one is not None for repeats, _ in sides.values() for one in repeats)
    assert line.change is (Change.SAME if measured else Change.CANT_TELL)


@settings(max_examples=20)
@given(sides=SIDES, seed=st.integers(0, 99))
def test_the_order_of_the_rows_is_of_no_account(sides, seed):
    base, head = both(sides)
    again = (random.Random(seed).sample(base, len(base)), random.Random(seed).sample(head, len(head)))
    assert compare(*again, terms=TERMS) == compare(base, head, terms=TERMS)


@settings(max_examples=20)
@given(sides=SIDES, old=st.booleans())
def test_a_row_that_could_not_be_measured_changes_no_estimate(sides, old):
    base, head = both(sides)
    case = min(sides) if old else "one-more"
    lost = row(case, None, repeat=9, error="the target broke")
    before = compare(base, head, terms=TERMS)
    with_base = base if old else [*base, row(case, True)]
    assert estimates(compare(with_base, [*head, lost], terms=TERMS)) == estimates(before)


def test_a_case_unmeasured_on_one_side_is_named_and_not_paired():
    found = compare(rows({"a": [True], "b": [True]}), rows({"a": [True], "b": [None]}), terms=TERMS)
    assert [pair.case for pair in found.pairing.unmeasured] == ["b"]
    assert found.overall.n == 1
    assert found.overall.unmeasured == 1


def test_added_removed_and_changed_cases_are_listed():
    base, head = (
        rows({"a": [True], "gone": [True], "new-words": [True]}),
        rows({"a": [True], "new-words": [False]}),
    )
    found = compare(base, [*head, row("fresh")], terms=TERMS, changed=["new-words"])
    assert (found.pairing.added, found.pairing.removed) == (("fresh",), ("gone",))
    assert found.pairing.changed == ("new-words",)
    assert found.overall.n == 1


def test_repeats_count_once_for_their_case():
    base = rows({"a": [True, True, True], "b": [True]})
    head = rows({"a": [True, False, False], "b": [True]})
    found = compare(base, head, terms=TERMS)
    assert found.overall.head == pytest.approx((1 / 3 + 1) / 2)
    assert found.overall.mcnemar is None  # that test knows no repeats


def test_mcnemar_stands_beside_the_test_where_each_case_was_asked_once():
    base = rows({f"c{n}": [n >= 6] for n in range(40)})
    head = rows({f"c{n}": [True] for n in range(40)})
    assert overall(base, head).mcnemar == pytest.approx(2 / 2**6)


def test_a_case_is_flaky_when_repeats_disagree_or_nothing_had_changed():
    base, head = rows({"a": [True, True], "b": [True]}), rows({"a": [True, False], "b": [False]})
    assert [pair.case for pair in compare(base, head, terms=TERMS).pairing.pairs if pair.flaky] == ["a"]
    again = compare(base, head, terms=TERMS, same_system=True)
    assert [pair.case for pair in again.pairing.pairs if pair.flaky] == ["a", "b"]


def test_a_quarantined_case_is_reported_apart():
    base = rows({"a": [True], "b": [True]})
    found = compare(base, rows({"a": [True], "b": [False]}), terms=TERMS, quarantined=["b"])
    assert [pair.case for pair in found.pairing.quarantined] == ["b"]
    assert (found.overall.n, found.overall.broken) == (1, 0)


def test_categories_are_judged_together():
    cases = {f"{name}-{n}": name for name in "abcdefgh" for n in range(12)}
    base = [row(case, True, category=name) for case, name in cases.items()]
    head = [row(case, case not in {f"a-{n}" for n in range(6)}, category=name) for case, name in cases.items()]
    line = compare(base, head, terms=TERMS).of(Kind.CATEGORY)[0]
    assert line.name == "a"
    assert line.difference is not None
    assert line.p == pytest.approx(min(1.0, 8 * line.difference.p))


def test_retrieval_scores_are_compared_over_the_cases_that_have_them():
    base = [row("a", scores={"span_recall@1000": 1.0, "recall@5": 0.5, "recall@10": 1.0}), row("b")]
    head = [row("a", scores={"span_recall@1000": 0.5, "recall@5": 0.5, "recall@10": 1.0}), row("b")]
    lines = compare(base, head, terms=TERMS).of(Kind.RETRIEVAL)
    assert [(line.name, line.n, line.gates) for line in lines] == [
        ("span_recall@1000", 1, True),
        ("recall@10", 1, False),
    ]


def test_less_time_and_less_money_are_better():
    base = [row(f"c{n}", ms=1000 + n, cost="0.002") for n in range(40)]
    head = [row(f"c{n}", ms=700 + n, cost="0.003") for n in range(40)]
    found = compare(base, head, terms=TERMS)
    latency, cost = found.of(Kind.LATENCY)[0], found.of(Kind.COST)[0]
    assert (latency.change, cost.change) == (Change.BETTER, Change.WORSE)
    assert cost.difference is not None
    assert cost.difference.mean == pytest.approx(0.5)


def test_an_answer_without_a_price_is_no_free_answer():
    base = [row("a", cost="0.002"), row("b", cost=None)]
    line = compare(base, base, terms=TERMS).of(Kind.COST)[0]
    assert (line.n, line.unmeasured, line.base) == (1, 1, pytest.approx(0.002))


def test_a_tag_makes_a_case_must_pass_and_a_tie_has_not_passed():
    head = [row("a", True, tags=("must-pass",)), row("a", False, tags=("must-pass",), repeat=1), row("b", False)]
    found = compare(rows({"a": [True], "b": [True]}, tags=("must-pass",)), head, terms=TERMS)
    assert (found.must_pass.cases, found.must_pass.failed) == (("a",), ("a",))
    by_id = compare(head, head, terms=replace(TERMS, must_pass=("b",)))
    assert by_id.must_pass.failed == ("b",)
