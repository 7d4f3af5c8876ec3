"""The chance that a person got what they came for, by rule: used until enough tasks are judged by people.

Its numbers are a judgment, not a measurement: they order tasks, and a fitted model takes their place as soon as it
can (evals/completion_model.py).
"""

from __future__ import annotations

from answerable.monitor.completion import FAILURES, Signs

_LOWEST, _HIGHEST = 0.02, 0.98


def rule_score(signs: Signs) -> float:
    """In [0.02, 0.98]."""
    if signs.outcome in FAILURES:
        start = 0.10
    elif signs.outcome in ("answered", "partial", "conflict"):
        start = {"answered": 0.75, "partial": 0.55, "conflict": 0.50}[signs.outcome]
    else:
        start = 0.30
    moved = start + sum(worth for worth, there in _worth(signs) if there)
    return min(_HIGHEST, max(_LOWEST, moved))


def _worth(signs: Signs) -> tuple[tuple[float, bool], ...]:
    return (
        (+0.20, signs.liked or signs.goal),
        (+0.15, signs.thanked),
        (+0.10, signs.grounded),
        (+0.04, signs.dwelt or signs.copied or signs.followed),
        (-0.10, signs.claims > 0 and signs.supported < signs.claims),
        (-0.05, signs.degraded),
        (-0.08, signs.rephrases == 1),
        (-0.20, signs.rephrases >= 2),
        (-0.25, signs.pushbacks > 0),
        (-0.35, signs.insisted),
        (-0.45, signs.spoken == "bad"),
        (-0.30, signs.handed),
    )
