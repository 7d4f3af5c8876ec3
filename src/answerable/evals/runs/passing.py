"""When an answer passes its case."""

from __future__ import annotations

from collections.abc import Sequence

from answerable.core.evaluation import Score, Status

JUDGE = "judge:"  # how the names of judges' scores begin: they inform, and never decide


def passes(scores: Sequence[Score]) -> bool | None:
    """Whether every bar was cleared; None where a metric broke, or where there was no bar to clear."""
    counted = [one for one in scores if not one.name.startswith(JUDGE)]
    if any(one.status is Status.ERROR for one in counted):
        return None
    bars = [one.passed for one in counted if one.passed is not None]
    return all(bars) if bars else None
