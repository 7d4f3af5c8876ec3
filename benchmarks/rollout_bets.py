"""Ways to bet, each on the same units: how soon each proves that a candidate is worse. For decision 0191."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from answerable.evals.stats.sequential import STAKES

UNITS, RUNS, SHARE, ALPHA = 6000, 300, 0.1, 0.05
CASES = {"drop of 10 points": (0.2, 0.3), "rare, 0.2 to 1.2 %": (0.002, 0.012)}
EIGHT = np.array([0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 0.95])
Step = Callable[[np.ndarray, np.ndarray], np.ndarray]


class Mixture:
    """Fixed stakes, the mean of their capital."""

    def __init__(self, stakes: np.ndarray) -> None:
        self.stakes, self.capital = stakes, np.zeros((RUNS, len(stakes)))
        self.bad, self.n = np.full(RUNS, 0.5), 1.0

    def __call__(self, arm: np.ndarray, bad: np.ndarray) -> np.ndarray:
        score, lowest = _score(arm, bad, self.bad / self.n)
        self.capital += np.log1p(self.stakes * (score / lowest)[:, None])
        self.bad, self.n = self.bad + bad, self.n + 1.0
        return np.asarray(np.logaddexp.reduce(self.capital, axis=1) - math.log(len(self.stakes)))


class Plugin:
    """The safe 2×2 test with earlier rates, shrunk to the common one by ten units (Turner and Grünwald 2023)."""

    def __init__(self) -> None:
        self.capital, self.n = np.zeros(RUNS), np.zeros((2, RUNS))
        self.bad = np.zeros((2, RUNS))

    def __call__(self, arm: np.ndarray, bad: np.ndarray) -> np.ndarray:
        common = (self.bad.sum(axis=0) + 0.5) / (self.n.sum(axis=0) + 1.0)
        stable, candidate = (self.bad + 10.0 * common) / (self.n + 10.0)
        candidate = np.maximum(candidate, stable)
        null = SHARE * candidate + (1.0 - SHARE) * stable
        rate = np.where(arm, candidate, stable)
        self.capital += np.log(np.where(bad > 0, rate / null, (1.0 - rate) / (1.0 - null)))
        for place, mine in enumerate((~arm, arm)):
            self.n[place] += mine
            self.bad[place] += bad * mine
        return self.capital


class Agrapa:
    """One stake, the approximate best by earlier scores (Waudby-Smith and Ramdas 2024, section B.3)."""

    def __init__(self) -> None:
        self.capital, self.bad, self.n = np.zeros(RUNS), np.full(RUNS, 0.5), 1.0
        self.sum, self.squares = np.zeros(RUNS), np.zeros(RUNS)

    def __call__(self, arm: np.ndarray, bad: np.ndarray) -> np.ndarray:
        center = self.bad / self.n
        score, lowest = _score(arm, bad, center)
        mean = self.sum / self.n
        spread = (self.squares + 5.0 * center * (1.0 - center) / (SHARE * (1.0 - SHARE))) / (self.n + 4.0)
        self.capital += np.log1p(np.clip(mean / (spread + mean**2), 0.0, 0.75 / lowest) * score)
        self.sum, self.squares = self.sum + score, self.squares + score**2
        self.bad, self.n = self.bad + bad, self.n + 1.0
        return self.capital


def _score(arm: np.ndarray, bad: np.ndarray, center: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    score = np.where(arm, (bad - center) / SHARE, (center - bad) / (1.0 - SHARE))
    return score, np.maximum(center / SHARE, (1.0 - center) / (1.0 - SHARE))


WAYS: dict[str, Callable[[], Step]] = {
    "six stakes": lambda: Mixture(STAKES),
    "eight stakes, 1 to 95 %": lambda: Mixture(EIGHT),
    "plug-in, safe 2×2": Plugin,
    "aGRAPA": Agrapa,
}


def compared() -> list[dict[str, Any]]:
    """Share of runs that reach 1/ALPHA in UNITS, and the median units until then; None: fewer than half do."""
    return [
        {"case": case, "way": way} | _tried(WAYS[way](), *rates) for case, rates in CASES.items() for way in WAYS
    ]


def _tried(step: Step, stable: float, candidate: float) -> dict[str, Any]:
    rng = np.random.default_rng(17)
    until = np.full(RUNS, np.inf)
    for n in range(1, UNITS + 1):
        arm = rng.random(RUNS) < SHARE
        bad = (rng.random(RUNS) < np.where(arm, candidate, stable)).astype(float)
        enough = step(arm, bad) >= -math.log(ALPHA)
        until[enough & np.isinf(until)] = n
    median = float(np.median(until))
    return {
        "reached": int(np.isfinite(until).sum()),
        "runs": RUNS,
        "median": None if math.isinf(median) else median,
    }
