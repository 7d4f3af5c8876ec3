"""How soon the canary set tells of a swapped model, and how often of none: made-up distances of replies.

    python benchmarks/drift_canaries.py [--months 200] [--out benchmarks/results/drift_canaries.json]

Each canary's reply has a distance to the kept one that differs from run to run, by its own noise (lognormal, of a
size of its own); some canaries always reply the same. A swap moves the distances of a share of the canaries. The
test and its limit are those of `answerable canary run`, one provider, one run a day. No model was asked.
"""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path
from typing import Any

import numpy as np

from answerable.evals.stats.exchange import moved
from answerable.evals.stats.proportions import exact
from answerable.monitor.drift.signals import FAMILIES

WARM, DAYS = 14, 30
LIMIT = 30.0 * FAMILIES


def replies(rng: np.random.Generator, canaries: int, *, touched: float, by: float) -> list[dict[str, float]]:
    """Distances of 44 daily runs; from run 14 on those of `touched` of the canaries are larger, by `by`."""
    size = rng.lognormal(-3.0, 0.8, canaries) * (rng.random(canaries) > 0.2)
    swapped = rng.random(canaries) < touched
    return [
        {
            str(n): float(size[n] * rng.lognormal(0.0, 0.6)) + (by if swapped[n] and run >= WARM else 0.0)
            for n in range(canaries)
        }
        for run in range(WARM + DAYS)
    ]


def swap(months: int, canaries: int, touched: float, by: float) -> dict[str, Any]:
    """Runs until a swap is told of; without one, in how many months of 30 runs there was an alarm."""
    rng = np.random.default_rng(int(1000 * touched + 100 * by) + canaries)
    after = []
    for _ in range(months):
        found = moved(replies(rng, canaries, touched=touched, by=by), runs_to_false_alarm=LIMIT)
        after.append(next((one.found - WARM + 1 for one in found if one.found >= WARM), None))
    told = [one for one in after if one is not None]
    interval = exact(len(told), months)
    return {
        "canaries": canaries, "touched": touched, "by": by, "months": months, "told": len(told),
        "low": interval.low, "high": interval.high, "within_3_runs": sum(one <= 3 for one in told),
        "median_runs": float(np.median(told)) if told else None,
    }  # fmt: skip


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=int, default=200)
    parser.add_argument("--out", type=Path, default=None)
    arguments = parser.parse_args()
    result: dict[str, Any] = {
        "what": "made-up distances, no model asked",
        "machine": {"python": platform.python_version(), "cpu": platform.processor() or platform.machine()},
        "rows": [],
    }  # fmt: skip
    for canaries in (12, 30):
        for touched, by in ((0.0, 0.0), (0.3, 0.2), (0.6, 0.1), (0.9, 0.2)):
            result["rows"].append(swap(arguments.months, canaries, touched, by))
            print(json.dumps(result["rows"][-1]), flush=True)
            if arguments.out is not None:
                arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
