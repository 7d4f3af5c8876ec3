"""The simulation of rollouts judges as the product does, only faster."""

import importlib
import math
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from answerable.evals.stats.persons import Outcome, entered
from answerable.evals.stats.sequential import Plan, State, Unit

FOLDER = Path(__file__).parents[2] / "benchmarks"
START = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def bench():
    """The benchmark's own modules, which are programs and no package."""
    before = set(sys.modules)
    sys.path.insert(0, str(FOLDER))
    try:
        yield {name: importlib.import_module(name) for name in ("rollouts", "rollout_worlds")}
    finally:
        sys.path.remove(str(FOLDER))
        for name in set(sys.modules) - before:
            if str(FOLDER) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]


def test_its_persons_are_those_of_the_product(bench):
    world = bench["rollout_worlds"].World(name="alike", share=0.3, alike=0.3, many=True)
    traffic = bench["rollout_worlds"].draw(world, 400, np.random.default_rng(2))
    value, arm, enters = bench["rollouts"].persons_of(traffic)
    answers = [
        Outcome(id=f"{n:04d}", at=START + timedelta(seconds=at), person=str(person), share=0.3, value=bad,
                candidate=bool(traffic.candidate[person]))
        for n, (at, person, bad) in enumerate(
            zip(traffic.at.tolist(), traffic.person.tolist(), traffic.bad.tolist(), strict=True)
        )
    ]  # fmt: skip
    metric = bench["rollouts"].COMPLETION
    units = entered(answers, window=metric.window, settles=metric.settles, now=START + timedelta(days=999)).units
    assert [one.value for one in units] == pytest.approx(value.tolist())
    assert [one.candidate for one in units] == arm.tolist()
    assert (np.diff(enters) >= 0).all()


def test_its_capital_is_that_of_the_product(bench):
    rng = np.random.default_rng(8)
    arm = rng.random(300) < 0.3
    value = (rng.random(300) < np.where(arm, 0.6, 0.2)).astype(float)
    back = bench["rollouts"].crossed(value, arm, 0.3, alpha=0.05, margin=0.01)
    keep = bench["rollouts"].crossed(value, arm, 0.3, alpha=0.05, margin=0.03, keep=True)
    state, found = State(plan=Plan(margin=0.01, tolerated=0.03)), 0
    for each, one in zip(value.tolist(), arm.tolist(), strict=True):
        if state.peaks[0] < math.log(20.0):
            state, found = state.after(Unit(value=each, candidate=one, share=0.3)), found + 1
    assert 1 < back == found < 300
    assert keep == 301
