"""How often a cache would answer, by volume: replayed over recorded questions, and carried on beyond them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from answerable.monitor.spending import Question

FRACTIONS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_MOST_THINNINGS, _LEAST_THINNINGS = 12, 2  # of each fraction below 1
_ENOUGH = 20_000  # questions replayed of a fraction: with so many another thinning tells nothing new
_GROUPS = 10  # that the jackknife leaves out in turn
LEAST = 200  # questions with a key; below it a curve would be drawn through noise
_SEED = 20_261_122


@dataclass(frozen=True, slots=True, kw_only=True)
class HitCurve:
    """miss(v) = a·v^(b-1), v in multiples of the recorded volume.

    Heaps' law (Heaps 1978, Information Retrieval): distinct questions grow as v^b, their share falls as v^(b-1).
    Fitted by least squares in logarithms to replays at thinned volumes, `measured`: [(v, share of hits)].
    `error` is the jackknife's standard error of (ln a, b). Above v = 1 the curve is an extrapolation.
    """

    n: int
    measured: tuple[tuple[float, float], ...]
    log_a: float
    b: float
    error: tuple[float, float]

    def at(self, volume: float) -> float:
        """The share of questions that a cache answers, in [0, 1)."""
        return 1.0 - min(1.0, math.exp(self.log_a + (self.b - 1.0) * math.log(volume)))

    def drawn(self, volume: float, normal: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same with the fit's uncertainty; `normal` has shape (2, n), standard normal."""
        log_a = self.log_a + self.error[0] * normal[0]
        b = np.minimum(1.0, self.b + self.error[1] * normal[1])
        missed = np.exp(log_a + (b - 1.0) * math.log(volume))
        return np.asarray(1.0 - np.minimum(1.0, missed), dtype=np.float64)


def hit_curve(questions: Sequence[Question], *, ttl_s: float, seed: int = _SEED) -> HitCurve | None:
    """From questions with keys, in any order; None where they are fewer than LEAST."""
    keyed = sorted((one for one in questions if one.key), key=lambda one: one.at)
    if len(keyed) < LEAST:
        return None
    places = {key: i for i, key in enumerate(dict.fromkeys(one.key for one in keyed))}
    keys = np.array([places[one.key] for one in keyed])
    times = np.array([one.at.timestamp() for one in keyed])
    measured = _measured(keys, times, ttl_s, seed)
    log_a, b = _fitted(measured)
    parts = np.array_split(np.arange(len(keys)), _GROUPS)
    left_out = [
        _fitted(_measured(np.delete(keys, part), np.delete(times, part), ttl_s, seed, whole=len(keys)))
        for part in parts
    ]
    spread = np.var(np.array(left_out), axis=0) * (_GROUPS - 1)
    error = (float(np.sqrt(spread[0])), float(np.sqrt(spread[1])))
    return HitCurve(n=len(keyed), measured=tuple(measured), log_a=log_a, b=b, error=error)


def replayed(keys: NDArray[np.int64], times: NDArray[np.float64], ttl_s: float) -> float:
    """The share of questions, in order of time, whose reply was kept at most `ttl_s` seconds before."""
    kept: dict[int, float] = {}
    hits = 0
    for key, at in zip(keys.tolist(), times.tolist(), strict=True):
        since = kept.get(key)
        if since is not None and at - since <= ttl_s:
            hits += 1
        else:
            kept[key] = at
    return hits / len(keys) if len(keys) else 0.0


def _measured(
    keys: NDArray[np.int64], times: NDArray[np.float64], ttl_s: float, seed: int, *, whole: int = 0
) -> list[tuple[float, float]]:
    rng, scale = np.random.default_rng(seed), len(keys) / (whole or len(keys))
    times_over = max(_LEAST_THINNINGS, min(_MOST_THINNINGS, _ENOUGH // max(1, len(keys))))
    points = []
    for fraction in FRACTIONS:
        shares = []
        for _ in range(times_over if fraction < 1.0 else 1):
            kept = rng.random(len(keys)) < fraction
            shares.append(replayed(keys[kept], times[kept], ttl_s))
        points.append((fraction * scale, float(np.mean(shares))))
    return points


def _fitted(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """(ln a, b) with b in [0, 1]: more volume never means fewer hits."""
    volumes = np.log([volume for volume, _ in points])
    misses = np.log([max(1.0 - hits, 1e-9) for _, hits in points])
    slope, level = np.polyfit(volumes, misses, 1)
    if slope > 0.0:
        return float(misses.mean()), 1.0
    return float(level), float(max(0.0, 1.0 + slope))
