"""Whether the product's intervals hold what they say: `python benchmarks/ppi_coverage.py [--worlds N]`.

Made-up months of which the truth is known. Completion: 5,000 tasks, a score that is 5 points too high and knows
something of the truth, n of them read (at random, or a fifth of the doubtful ones twice as often). Harm: 5,000
answers in three strata, read unequally. Costs: 28 days with their own levels, lognormal. Each interval says 95 %;
the figures are how many of the worlds had the truth in it, and how wide it was. Scores are synthetic: this ranks
methods and tests code, it says nothing of a model.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from answerable.app.metrics.labels import Label, completed, harmful
from answerable.evals.stats.corrected import Judged, human_only, judged_of, ppi_from
from answerable.evals.stats.estimate import Interval
from answerable.evals.stats.means import mean_of_blocks

HERE = Path(__file__).parent
TASKS = 5_000
LABELS = (50, 100, 150, 200, 300, 500)
TRUTHS = (0.6, 0.85, 0.95)
HARMS = ((0.02, 0.004, 0.001), (0.06, 0.02, 0.004), (0.2, 0.1, 0.03))
READ = (60, 120)  # of each stratum
SEED = 20_261_123


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--worlds", type=int, default=2000)
    given.add_argument("--out", type=Path, default=HERE / "results" / "ppi_coverage.json")
    options = given.parse_args()
    start = time.process_time()
    result: dict[str, Any] = {"worlds": options.worlds, "completion": [], "harm": [], "costs": []}
    for part, rows in (("completion", completion), ("harm", harm), ("costs", costs)):
        for row in rows(options.worlds):
            result[part].append(row)
            result["machine"] = {"python": platform.python_version(), "cores": os.cpu_count()}
            result["cpu_s"] = round(time.process_time() - start, 1)
            options.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    sys.stdout.write(json.dumps(result, indent=1) + "\n")


def completion(worlds: int) -> Iterator[dict[str, Any]]:
    """By truth, design and number of labels."""
    for truth in TRUTHS:
        for design in ("simple", "weighted"):
            for n in LABELS:
                yield {"truth": truth, "design": design, "n": n, **_completion(worlds, truth, design, n)}


def _completion(worlds: int, truth: float, design: str, n: int) -> dict[str, Any]:
    rng = np.random.default_rng([SEED, n, round(truth * 100), design == "simple"])
    hits: dict[str, list[tuple[bool, float]]] = {}
    for _ in range(worlds):
        y, f = _tasks(rng, truth)
        place, chance = _drawn(rng, f, design, n)
        for name, found in _intervals(y, f, place, chance).items():
            hits.setdefault(name, []).append((truth in found, found.width))
    return {
        name: {"covered": round(sum(one for one, _ in all_) / worlds, 4),
               "width_points": round(100 * float(np.mean([width for _, width in all_])), 1)}
        for name, all_ in hits.items()
    }  # fmt: skip


def _tasks(rng: np.random.Generator, truth: float) -> tuple[np.ndarray, np.ndarray]:
    """What became of each task, and the score: right more often than not, and five points too high."""
    y = rng.random(TASKS) < truth
    f = np.clip(np.where(y, rng.beta(6, 2, TASKS), rng.beta(3, 3, TASKS)) + 0.05, 0.0, 1.0)
    return y, f


def _drawn(rng: np.random.Generator, f: np.ndarray, design: str, n: int) -> tuple[np.ndarray, np.ndarray | None]:
    if design == "simple":
        return rng.choice(TASKS, size=n, replace=False), None
    weight = np.where(f < np.quantile(f, 0.2), 2.0, 1.0)
    chance = n * weight / weight.sum()
    place = np.flatnonzero(rng.random(TASKS) < chance)
    return place, chance[place]


def _intervals(y: np.ndarray, f: np.ndarray, place: np.ndarray, chance: np.ndarray | None) -> dict[str, Interval]:
    said, score = [bool(one) for one in y[place]], [float(one) for one in f[place]]
    probabilities = None if chance is None else [float(one) for one in chance]
    judged = judged_of(f)
    weights = [1.0] * len(said) if chance is None else [1.0 / one for one in chance]
    labels = [
        Label(task=str(i), score=s, completed="yes" if yes else "no", weight=w)
        for i, (yes, s, w) in enumerate(zip(said, score, weights, strict=True))
    ]
    shown = completed(labels, judged)
    return {
        "as shown": Interval(
            low=shown.low or 0.0, high=1.0 if shown.high is None else shown.high, confidence=0.95
        ),
        "people alone": human_only(said, probabilities=probabilities).interval,
        "PPI++": ppi_from(said, score, judged, probabilities=probabilities).interval,
        "PPI++, normal": _normal(np.array(said, float), np.array(score), judged, weights),
        "model alone": Interval(
            low=judged.mean - 1.96 * math.sqrt(judged.variance / judged.n),
            high=judged.mean + 1.96 * math.sqrt(judged.variance / judged.n),
            confidence=0.95,
        ),
    }


def _normal(y: np.ndarray, f: np.ndarray, judged: Judged, weights: list[float]) -> Interval:
    """As metrics are usually shown: value and 1.96 standard errors."""
    w = np.array(weights) / np.mean(weights)
    n = len(y)
    spread = float((w * f).var())
    tuned = float(np.cov(w * y, w * f, bias=True)[0, 1]) / (spread * (1 + n / judged.n)) if spread else 0.0
    tuned = min(1.0, max(0.0, tuned))
    rest = w * (y - tuned * f)
    value = tuned * judged.mean + float(rest.mean())
    error = math.sqrt(tuned**2 * judged.variance / judged.n + float(rest.var()) / n)
    return Interval(low=value - 1.96 * error, high=value + 1.96 * error, confidence=0.95)


def harm(worlds: int) -> Iterator[dict[str, Any]]:
    """By the rates of three strata (2 %, 8 % and 90 % of the answers) and how many were read of each."""
    shares = (0.02, 0.08, 0.9)
    for rates in HARMS:
        for read in READ:
            rng = np.random.default_rng([SEED, read, round(rates[0] * 1000)])
            truth = sum(w * p for w, p in zip(shares, rates, strict=True))
            found = [_harm(rng, shares, rates, read, truth) for _ in range(worlds)]
            none = [covered for covered, _, zero in found if zero]
            yield {
                "truth": round(truth, 5), "read_a_stratum": read,
                "covered": round(sum(one for one, *_ in found) / worlds, 4),
                "width_points": round(100 * float(np.mean([width for _, width, _ in found])), 2),
                "none_found": len(none), "covered_then": round(sum(none) / len(none), 4) if none else None,
            }  # fmt: skip


def _harm(
    rng: np.random.Generator, shares: tuple[float, ...], rates: tuple[float, ...], read: int, truth: float
) -> tuple[bool, float, bool]:
    labels = [
        Label(stratum=str(h), weight=share * TASKS / read, outcome="answered", harm="incorrect" if hit else "none")
        for h, (share, rate) in enumerate(zip(shares, rates, strict=True))
        for hit in rng.random(read) < rate
    ]
    found = harmful("harmful", labels, lambda one: bool(one.harmful))
    low, high = found.low or 0.0, 1.0 if found.high is None else found.high
    return low <= truth <= high, high - low, not found.k


def costs(worlds: int) -> Iterator[dict[str, Any]]:
    """The mean cost of a task, by days with their own level."""
    for days in (7, 28, 90):
        rng = np.random.default_rng([SEED, days])
        found = [_cost(rng, days) for _ in range(min(worlds, 1000))]
        yield {
            "days": days, "worlds": len(found), "covered": round(sum(one for one, _ in found) / len(found), 4),
            "width": round(float(np.mean([width for _, width in found])), 3),
        }  # fmt: skip


def _cost(rng: np.random.Generator, days: int) -> tuple[bool, float]:
    level, sizes = rng.lognormal(0.0, 0.15, days), rng.poisson(300, days)
    sums = [float((scale * rng.lognormal(0.0, 1.0, n)).sum()) for scale, n in zip(level, sizes, strict=True)]
    found = mean_of_blocks(sums, [int(one) for one in sizes], resamples=1000)
    truth = math.exp(0.5 * 0.15**2) * math.exp(0.5)
    return (False, math.inf) if found is None else (truth in found.interval, found.interval.width / truth)


if __name__ == "__main__":
    main()
