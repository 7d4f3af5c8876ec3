"""What a benchmark must show: goals as data, beside their figures, and an exit code that says if they hold."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

MET, NOT_MET = 0, 10  # exit codes; 10 is the gate's
SCRIPTED = "every model here is scripted: nothing is a model's quality"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One line of what is to be shown. `figure` None: not measured, and so not met."""

    what: str
    at_most: float | None = None
    at_least: float | None = None
    figure: float | None = None
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether the figure is inside; the bounds themselves are."""
        if self.figure is None:
            return False
        above = self.at_least is None or self.figure >= self.at_least
        return above and (self.at_most is None or self.figure <= self.at_most)

    @property
    def wanted(self) -> str:
        """The bound in words."""
        bounds = [("≥", self.at_least), ("≤", self.at_most)]
        return ", ".join(f"{sign} {bound:g} {self.unit}".strip() for sign, bound in bounds if bound is not None)

    def row(self) -> dict[str, Any]:
        """As it is kept."""
        return {**asdict(self), "wanted": self.wanted, "met": self.met}


def quantile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank quantile (Hyndman and Fan 1996, definition 1): always one of the values; None of none."""
    if not values:
        return None
    return float(np.quantile(np.asarray(values), share, method="inverted_cdf"))


def quantiles(values: Sequence[float]) -> dict[str, float | int | None]:
    """p50, p95, p99, the largest, and how many."""
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    found = {name: quantile(values, share) for name, share in shares.items()}
    return {**{name: None if one is None else round(one, 2) for name, one in found.items()}, "n": len(values)}


def over_rounds(
    measure: Callable[[Sequence[float], Sequence[float]], float],
    ours: Sequence[Sequence[float]],
    theirs: Sequence[Sequence[float]],
    *,
    resamples: int = 400,
) -> dict[str, float | None]:
    """A measure of two sides with its 95 % percentile bootstrap over rounds: what shared a minute stays together.

    No interval for fewer than 3 rounds.
    """
    rng = np.random.default_rng(7)
    whole = measure(_joined(ours), _joined(theirs))
    if len(ours) < 3:
        return {"value": round(whole, 3), "low": None, "high": None}
    drawn = []
    for _ in range(resamples):
        places = rng.integers(0, len(ours), len(ours))
        drawn.append(measure(_joined(ours[one] for one in places), _joined(theirs[one] for one in places)))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {"value": round(whole, 3), "low": round(float(low), 3), "high": round(float(high), 3)}


def _joined(rounds: Iterable[Sequence[float]]) -> np.ndarray:
    return np.concatenate([np.asarray(one, dtype=float) for one in rounds])


def slope(times_s: Sequence[float], values: Sequence[float], *, resamples: int = 400) -> dict[str, float | None]:
    """Least squares of a value over time, per hour, with a 95 % interval by moving blocks.

    Samples that follow each other are alike, so blocks of a tenth are drawn, not single ones (Künsch 1989).
    """
    t, v = np.asarray(times_s, dtype=float) / 3600.0, np.asarray(values, dtype=float)
    if len(t) < 10:
        return {"value": None, "low": None, "high": None}
    fit = np.polyfit(t, v, 1)
    rest, rng, block = v - np.polyval(fit, t), np.random.default_rng(7), max(2, len(t) // 10)
    drawn = []
    for _ in range(resamples):
        starts = rng.integers(0, len(t) - block + 1, -(-len(t) // block))
        noise = np.concatenate([rest[start : start + block] for start in starts])[: len(t)]
        drawn.append(np.polyfit(t, np.polyval(fit, t) + noise, 1)[0])
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {"value": round(float(fit[0]), 3), "low": round(float(low), 3), "high": round(float(high), 3)}


def jain(shares: Sequence[float]) -> float | None:
    """Jain's index of fairness, (Σx)² / (n·Σx²): 1 when all are alike, 1/n when one has all (Jain et al. 1984)."""
    squares = sum(one * one for one in shares)
    return None if not squares else sum(shares) ** 2 / (len(shares) * squares)


def facts(command: str) -> dict[str, Any]:
    """When, on what and how busy the machine was: what every result begins with."""
    return {
        "command": command,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "load_average_before": [round(one, 2) for one in os.getloadavg()],
        "note": SCRIPTED,
    }


def say(line: str) -> None:
    """A line of progress."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def conclude(result: Mapping[str, Any], goals: Sequence[Goal], out: Path | None) -> int:
    """Print the goals beside their figures, keep the result, and give the exit code."""
    width = max((len(goal.what) for goal in goals), default=0)
    print(f"\n{'goal':<{width}}  wanted        figure        met")
    for goal in goals:
        figure = "not measured" if goal.figure is None else f"{goal.figure:.4g} {goal.unit}".strip()
        print(f"{goal.what:<{width}}  {goal.wanted:<12}  {figure:<12}  {'yes' if goal.met else 'NO'}")
    kept = {
        **result,
        "load_average_after": [round(one, 2) for one in os.getloadavg()],
        "goals": [goal.row() for goal in goals],
    }
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return MET if all(goal.met for goal in goals) else NOT_MET
