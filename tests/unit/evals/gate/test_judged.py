"""Judges in a comparison: corrected by people, and gating only where they were checked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from answerable.core.evaluation import Score
from answerable.evals.gate.compare import compare
from answerable.evals.gate.lines import Kind, Line
from answerable.evals.gate.words import value_of
from answerable.evals.judges.fitness import Fitness, FitnessRecord, PairCount
from answerable.evals.stats.verdict import Change
from tests.unit.evals.gate.scripted import TERMS, TODAY, row

GOOD = {(True, True): 90, (False, False): 55, (True, False): 5, (False, True): 10}
CHANCE = {(True, True): 50, (True, False): 50, (False, True): 50, (False, False): 50}


def fitness_of(counts, *, can_gate=True):
    record = FitnessRecord(
        criterion="grounded",
        judge="j1",
        label="grounded@1.0.0 by judge-model",
        checked=TODAY,
        labels_sha256="0" * 64,
        kappa=0.8,
        kappa_low=0.7,
        kappa_high=0.9,
        unsure=0,
        failed=0,
        languages={},
        pairs=tuple(PairCount(judge=judge, people=people, count=n) for (judge, people), n in counts.items()),
    )
    return lambda criterion, judge: Fitness(criterion=criterion, can_gate=can_gate, why="checked", record=record)


def judged_rows(yes: int, *, judge: str = "j1", n: int = 100):
    return [
        replace(
            row(f"c{k:03d}"),
            scores=(Score(name="judge:grounded", value=float(k < yes), detail={"judge": judge}),),
        )
        for k in range(n)
    ]


def line_of(base, head, fit) -> Line:
    return compare(base, head, terms=TERMS, fitness_of=fit).of(Kind.JUDGE)[0]


def test_a_checked_judges_difference_is_scaled_by_its_errors():
    line = line_of(judged_rows(90), judged_rows(60), fitness_of(GOOD))
    youden = 90 / 100 + 55 / 60 - 1
    assert line.difference is not None
    assert line.difference.mean == pytest.approx(-0.3 / youden)
    assert (line.change, line.gates) == (Change.WORSE, True)
    assert line.base != pytest.approx(0.9)  # never the judge's own rate
    assert line.head - line.base == pytest.approx(line.difference.mean, abs=0.02)


def test_both_sides_are_corrected_alike_also_where_neither_is_far_from_the_labels():
    line = line_of(judged_rows(62), judged_rows(56), fitness_of(GOOD))  # on people's labels it said 59 % YES
    assert line.base - line.head == pytest.approx(0.06 / (90 / 100 + 55 / 60 - 1), abs=0.01)


def test_an_unfit_judge_only_informs():
    line = line_of(judged_rows(90), judged_rows(60), fitness_of(GOOD, can_gate=False))
    assert not line.gates
    assert line.note.startswith("cannot gate")


@pytest.mark.parametrize("fit", [None, fitness_of(CHANCE)])
def test_without_people_there_is_no_rate(fit):
    line = line_of(judged_rows(90), judged_rows(60), fit)
    assert (line.difference, line.gates, value_of(line, line.base)) == (None, False, "—")


def test_two_judges_are_two_measures():
    line = line_of(judged_rows(90), judged_rows(60, judge="j2"), fitness_of(GOOD))
    assert line.note == "base and head were judged by different judges"
    assert line.difference is None
