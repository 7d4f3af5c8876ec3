"""The stages that a branch goes through, and how the whole ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a stage ended."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    SKIPPED = "skipped"
    BROKE = "broke"  # it could not be done: the words say why


FAILED, INCONCLUSIVE, FINDINGS, ERROR = 10, 11, 12, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One check. `exit_code` is what it would leave with by itself."""

    name: str
    state: State
    words: str  # one sentence
    exit_code: int = 0


def exit_code(stages: Sequence[Stage]) -> int:
    """What is certain goes before what is not: failed (10), findings (12), a stage that broke (its own code, the
    first one's), inconclusive (11), else 0."""
    codes = [one.exit_code for one in stages if one.exit_code]
    broken = [code for code in codes if code not in (FAILED, INCONCLUSIVE, FINDINGS)]
    order = (FAILED, FINDINGS, *broken, INCONCLUSIVE)
    return next((code for code in order if code in codes), 0)


def skipped(name: str, words: str) -> Stage:
    """Not done, and why."""
    return Stage(name=name, state=State.SKIPPED, words=words)


def broke(name: str, words: str, code: int = ERROR) -> Stage:
    """It could not be done, and why; never 0."""
    return Stage(name=name, state=State.BROKE, words=words, exit_code=code or ERROR)
