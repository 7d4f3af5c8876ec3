"""Do the rates of `review stats` tell the truth? A simulation: skewed answers, drawn, read and weighed many times.

    python benchmarks/review_sampling.py [--draws 500] [--out benchmarks/results/review_sampling.json]

A period's answers are made up once: a fifth uncertain, a tenth with signals, a tenth rare, each wrong more often
than the rest. The product's own draw and estimate are then run with another seed each time. Beside the weighted
estimate: the plain random part alone, and the mean of all that was read, which is what a batch looks like to
whoever forgets how it was drawn.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from answerable.config.quality import ReviewShares
from answerable.evals.review.estimate import Drawn, Frame, weighted_rate
from answerable.evals.review.sampling import draw_sample, inclusion, shuffled
from answerable.evals.review.strata import Drawable
from answerable.evals.stats.estimate import Interval
from answerable.evals.stats.proportions import wilson

SHARES = {"uncertain": 0.2, "signals": 0.1, "tail": 0.1}
WRONG = {
    "few errors, mostly with signals": {"rest": 0.03, "uncertain": 0.25, "signals": 0.5, "tail": 0.15},
    "errors everywhere": {"rest": 0.15, "uncertain": 0.3, "signals": 0.6, "tail": 0.3},
}
PLANS = ((400, 30, 1, 1.0), (400, 30, 4, 1.0), (400, 100, 1, 1.0), (400, 100, 1, 0.6))


@dataclass(slots=True)
class Tally:
    """One way of estimating, over all draws."""

    values: list[float]
    widths: list[float]
    covered: int = 0

    def add(self, value: float, interval: Interval, truth: float) -> None:
        self.values.append(value)
        self.widths.append(interval.width)
        self.covered += truth in interval


def make_period(
    answers: int, wrong: dict[str, float], rng: random.Random
) -> tuple[list[Drawable], dict[str, bool]]:
    """The answers of a period, and which are wrong."""
    made, truth = [], {}
    for number in range(answers):
        strata = [name for name, share in SHARES.items() if rng.random() < share]
        chance = max(wrong[name] for name in ["rest", *strata])
        name = f"an_{number}"
        made.append(
            Drawable(
                answer_id=name,
                trace_id="",
                strata=("random", *strata),
                outcome="answered",
                language="en",
                topic="",
                score=None,
            )
        )
        truth[name] = rng.random() < chance
    return made, truth


def simulate(
    answers: int, items: int, periods: int, read: float, wrong: dict[str, float], draws: int
) -> dict[str, Any]:
    """Bias, coverage and width of the three ways."""
    rng = random.Random(5)
    weeks = [make_period(answers, wrong, rng) for _ in range(periods)]
    truth = sum(sum(bad.values()) for _, bad in weeks) / (answers * periods)
    tallies = {name: Tally([], []) for name in ("weighted", "random part", "naive")}
    for seed in range(draws):
        sample, frames, uniform = _read(weeks, items, read, seed)
        estimate = weighted_rate(sample, frames)
        assert estimate is not None
        tallies["weighted"].add(estimate.value, estimate.interval, truth)
        for name, found in (("random part", uniform), ("naive", [one.found for one in sample])):
            tallies[name].add(fmean(found), wilson(sum(found), len(found)), truth)
    return {
        "answers": answers,
        "items": items,
        "periods": periods,
        "read": read,
        "truth": round(truth, 4),
    } | {
        name: {
            "mean": round(fmean(one.values), 4),
            "covered": round(one.covered / draws, 4),
            "width": round(fmean(one.widths), 4),
        }
        for name, one in tallies.items()
    }


def _read(
    weeks: list[tuple[list[Drawable], dict[str, bool]]], items: int, read: float, seed: int
) -> tuple[list[Drawn], dict[str, Frame], list[bool]]:
    sample, frames, uniform = [], {}, []
    for week, (population, bad) in enumerate(weeks):
        period, strata = str(week), {one.answer_id: one.strata for one in population}
        drawn = draw_sample(population, items=items, shares=ReviewShares().model_dump(), seed=seed, period=period)
        order = shuffled(drawn.hits, f"{seed}/{period}/order")
        done = order[: max(2, round(read * len(order)))]
        frames[period] = Frame(draws=drawn.draws, drawn=len(order), read=len(done))
        uniform += [bad[one] for one in done if "random" in drawn.hits[one]]
        sample += [
            Drawn(
                found=bad[one],
                batch=period,
                strata=strata[one],
                probability=inclusion(strata[one], drawn.draws),
            )
            for one in done
        ]
    return sample, frames, uniform


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/review_sampling.json"))
    options = parser.parse_args()
    began = time.process_time()
    sets: dict[str, list[dict[str, Any]]] = {}
    for name, wrong in WRONG.items():
        sets[name] = []
        for answers, items, periods, read in PLANS:
            sets[name].append(simulate(answers, items, periods, read, wrong, options.draws))
            print(name, json.dumps(sets[name][-1]))
    result = {
        "command": f"python benchmarks/review_sampling.py --draws {options.draws}",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "cpu_s": round(time.process_time() - began),
        "draws": options.draws,
        "sets": sets,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
