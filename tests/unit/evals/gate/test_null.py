"""Nothing changed but chance: the gate must not fail more often than it says."""

from __future__ import annotations

import random

from answerable.evals.gate.compare import compare
from answerable.evals.gate.decide import Rules, Ruling, decide
from tests.unit.evals.gate.scripted import TERMS, TODAY, row

RUNS = 60  # few, for a quick test; docs/decisions/0072 has the figures of 2,000
NAMES = ("obvious", "typo", "conflict", "multilingual")


def drawn(chance: random.Random, rates: list[float], found: list[float], repeats: int):
    return [
        row(
            f"c{n:03d}",
            chance.random() < rate,
            repeat=k,
            category=NAMES[n % 4],
            text=str(chance.random()),
            scores={"span_recall@1000": float(chance.random() < found[n])},
            ms=1000 * chance.lognormvariate(0, 0.3),
            cost=f"{0.002 * chance.lognormvariate(0, 0.2):.6f}",
        )
        for n, rate in enumerate(rates)
        for k in range(repeats)
    ]


def failed(n: int, repeats: int, *, seed: int, runs: int = RUNS) -> float:
    """The share of runs that the gate fails, over every check at once, where both sides are one system."""
    chance, count = random.Random(seed), 0
    for _ in range(runs):
        rates = [chance.betavariate(2, 0.6) for _ in range(n)]
        found = [chance.betavariate(4, 0.6) for _ in range(n)]
        base, head = (drawn(chance, rates, found, repeats) for _ in range(2))
        comparison = compare(base, head, terms=TERMS)
        decision = decide(comparison, rules=Rules(cost_rise=0.15, latency_p95_ms=10_000), today=TODAY)
        count += decision.ruling is Ruling.FAILED
    return count / runs


def test_chance_alone_fails_the_gate_in_at_most_one_run_of_twenty():
    assert failed(60, 1, seed=1) <= 0.05
    assert failed(30, 3, seed=2) <= 0.05
