"""Does a certificate still hold: nothing that it rests on has changed, and what is asked looks as it did then."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime

from answerable.evals.abstain.lock import Lock

MIN_RECENT = 100  # answers since the calibration; with fewer nothing is said of drift
MIN_DISTANCE = 0.15  # between the distributions of scores: less does not matter
MAX_P = 0.001  # looked at on every start, so a rare accident is none


def void_reasons(
    lock: Lock, *, fingerprint: Mapping[str, str], now: datetime, recent: Sequence[float]
) -> tuple[str, ...]:
    """Why it does not hold any more, in words; empty: it holds. `recent` are scores of answers given since."""
    found = []
    if now > lock.expires:
        found.append(f"it expired on {lock.expires:%Y-%m-%d}")
    for part in sorted({*lock.fingerprint, *fingerprint}):
        before, after = lock.fingerprint.get(part, "nothing"), fingerprint.get(part, "nothing")
        if before != after:
            found.append(f"{part} was {before}, is {after}")
    if len(recent) >= MIN_RECENT:
        distance, p = distance_to(lock, recent)
        if distance >= MIN_DISTANCE and p < MAX_P:
            found.append(
                f"the last {len(recent)} answers score differently from the {lock.given} of the calibration "
                f"(Kolmogorov–Smirnov distance {distance:.2f}, p {p:.0e})"
            )
    return tuple(found)


def distance_to(lock: Lock, recent: Sequence[float]) -> tuple[float, float]:
    """The two-sample Kolmogorov–Smirnov distance at the lock's knots, in [0, 1], and its asymptotic p.

    Kolmogorov's series (Press et al., Numerical Recipes, 3rd ed., section 14.3.3). The knots are some of the
    points at which the distance could be largest: it is never overstated.
    """
    ranked, n = sorted(recent), len(recent)
    distance = max(abs(bisect_right(ranked, score) / n - share) for score, share in lock.knots)
    size = math.sqrt(n * lock.given / (n + lock.given))
    scaled = (size + 0.12 + 0.11 / size) * distance
    series = sum((-1) ** (term - 1) * math.exp(-2.0 * (term * scaled) ** 2) for term in range(1, 101))
    return distance, min(1.0, max(0.0, 2.0 * series)) if scaled > 0.2 else 1.0
