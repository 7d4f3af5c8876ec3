"""What the benchmarks of reliability compute from what they saw: quantiles, phases, a breaker from outside."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def bench():
    """The benchmarks' own modules, which are programs and no package."""
    before = set(sys.modules)
    sys.path.insert(0, str(FOLDER))
    try:
        yield {name: importlib.import_module(name) for name in ("proof", "phases", "asking")}
    finally:
        sys.path.remove(str(FOLDER))
        for name in set(sys.modules) - before:
            if str(FOLDER) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]


def test_a_quantile_is_one_of_the_values(bench):
    values = list(range(1, 101))
    found = bench["proof"].quantiles(values)
    assert (found["p50"], found["p95"], found["p99"], found["max"], found["n"]) == (50, 95, 99, 100, 100)
    assert bench["proof"].quantile([], 0.5) is None


def test_a_goal_holds_at_its_bound_and_never_without_a_figure(bench):
    goal = bench["proof"].Goal
    assert goal(what="a", at_most=5, figure=5.0).met
    assert not goal(what="a", at_most=5, figure=5.001).met
    assert not goal(what="a", at_least=99, figure=98.9).met
    assert not goal(what="a", at_most=5).met


def test_a_growth_is_told_with_an_interval_that_holds_it(bench):
    times = np.arange(0, 1800, 5.0)
    noise = np.random.default_rng(1).normal(0, 0.5, len(times))
    found = bench["proof"].slope(times, 300 + 12 * times / 3600 + noise)
    assert found["low"] < 12 < found["high"]
    flat = bench["proof"].slope(times, 300 + noise)
    assert flat["low"] < 0 < flat["high"]


def test_rounds_are_drawn_whole_and_too_few_give_no_interval(bench):
    over = bench["proof"].over_rounds

    def difference(a, b):
        return float(np.median(a) - np.median(b))

    found = over(difference, [[3.0] * 5, [5.0] * 5, [4.0] * 5, [4.0] * 5], [[1.0] * 5] * 4)
    assert found["value"] == 3.0
    assert found["low"] < 3.0 < found["high"]
    assert over(difference, [[3.0], [5.0]], [[1.0], [1.0]])["low"] is None


def test_all_alike_is_fair_and_one_with_everything_is_not(bench):
    assert bench["proof"].jain([7, 7]) == 1.0
    assert bench["proof"].jain([7, 0]) == 0.5
    assert bench["proof"].jain([0, 0]) is None


def test_a_request_belongs_to_the_phase_it_began_in(bench):
    phases = bench["phases"].schedule(105.0)
    assert [one.behavior for one in phases][:4] == ["well", "503", "well", "timeout"]
    assert phases[-1].end == pytest.approx(105.0)
    assert bench["phases"].phase_of(phases, 4.999).behavior == "well"
    assert bench["phases"].phase_of(phases, 5.0).behavior == "503"
    told = [
        bench["asking"].Told(at=1000 + at, stream=False, outcome="answered", took_s=took, model="main")
        for at, took in ((4.9, 4.5), (5.0, 1.0), (14.9, 4.0))
    ]
    row = bench["phases"].told_of(phases[1], told, began=1000.0, deadline_s=4.0)
    assert (row["asked"], row["answered_in_time"], row["by"]) == (2, 2, {"main": 2})


def test_a_breaker_is_open_once_the_provider_is_left_alone(bench):
    phases = bench["phases"]
    dying = phases.Phase(behavior="503", begin=10.0, end=30.0)
    assert phases.opened_after([9.9, 10.5, 11.0, 12.0, 17.5, 29.0], dying, quiet_s=2.5) == 2.0
    assert phases.opened_after([10.0 + n for n in range(20)], dying, quiet_s=2.5) is None
    assert phases.opened_after([], dying, quiet_s=2.5) == 0.0


def test_a_breaker_is_closed_once_the_provider_is_asked_steadily_again(bench):
    phases = bench["phases"]
    well = phases.Phase(behavior="well", begin=30.0, end=50.0)
    calls = [33.0, 38.0, 38.5, 39.0, 39.5, 40.0, 41.0]
    assert phases.closed_after(calls, well, burst=5, within_s=2.5) == 8.0
    assert phases.closed_after([33.0, 43.0], well, burst=5, within_s=2.5) is None


def test_only_a_second_call_for_the_same_question_is_a_retry(bench):
    again = bench["phases"].again
    assert again(["zq1", "zq2", "zq2", "zq2", ""], 10) == 0.2
    assert again([], 0) is None


def test_who_answered_is_told_apart_from_who_did_not(bench):
    told = bench["asking"].Told
    assert told(at=0, stream=True, outcome="partial", model="backup/m").by == "backup/m"
    assert told(at=0, stream=True, outcome="answered", model="m", degraded=("extractive",)).by == "extractive"
    assert told(at=0, stream=True, outcome="problem:busy").by == "problem:busy"
    assert not told(at=0, stream=True).typed
