"""Behavior of the prompts that a branch changed: how that stage of its report ends."""

from __future__ import annotations

from collections.abc import Sequence

from answerable.evals.behavior.results import Results
from answerable.evals.change.stage import FAILED, INCONCLUSIVE, Stage, State
from answerable.evals.gate.words import plural

NAME = "behavior"


def behavior_stage(found: Sequence[Results]) -> Stage:
    """Failed where a case does, or where a twin's verdict is another; inconclusive where one has no verdict."""
    cases = [case for one in found for case in one.cases]
    failed = sum(one.passed is False for one in cases)
    torn = sum(twin.agrees is False for one in cases for twin in one.twins)
    unmeasured = sum(one.unmeasured for one in found)
    words = f"{failed} of {plural(len(cases), 'case')} fail, {plural(torn, 'verdict')} depend on the form"
    if unmeasured:
        words += f", {unmeasured} not measured"
    if failed or torn:
        return Stage(name=NAME, state=State.FAILED, words=words, exit_code=FAILED)
    if unmeasured:
        return Stage(name=NAME, state=State.INCONCLUSIVE, words=words, exit_code=INCONCLUSIVE)
    return Stage(name=NAME, state=State.PASSED, words=f"{plural(len(cases), 'case')} pass, and so do their twins")
