"""Which of the five classic failures a prompt's cases show."""

from __future__ import annotations

from collections.abc import Iterable

from answerable.evals.behavior.case import FAILURE_OF, BehaviorCase
from answerable.prompts.prompt import FAILURES


def failures_covered(cases: Iterable[BehaviorCase]) -> frozenset[str]:
    """Those of FAILURES that at least one case is about."""
    return frozenset(FAILURE_OF[case.category] for case in cases if case.category in FAILURE_OF)


def failures_uncovered(cases: Iterable[BehaviorCase]) -> tuple[str, ...]:
    """Those that none is about, in the contract's order."""
    covered = failures_covered(cases)
    return tuple(one for one in FAILURES if one not in covered)
