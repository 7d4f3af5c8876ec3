"""The verdict on a change, in one of four words."""

from __future__ import annotations

from enum import StrEnum

from answerable.evals.stats.paired import Difference

__all__ = ["Change", "judge_change"]


class Change(StrEnum):
    """What a comparison may end in."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    CANT_TELL = "can't tell"


def judge_change(difference: Difference, *, margin: float, p: float, alpha: float) -> Change:
    """Better or worse, the same, or can't tell.

    `margin` is in the difference's unit: 0.02 is 2 points. `p` is the difference's own, or adjusted (Holm).
    Same: the whole interval lies within ±margin, whether or not it excludes 0: proven too small to matter.
    Better or worse: p ≤ alpha, and the measured difference is at least the margin. Everything else: can't tell,
    so a difference that is proven but smaller than the margin, and may be larger, is no verdict.
    """
    if -margin <= difference.interval.low and difference.interval.high <= margin:
        return Change.SAME
    if p <= alpha and abs(difference.mean) >= margin:
        return Change.BETTER if difference.mean > 0 else Change.WORSE
    return Change.CANT_TELL
