"""One cell of the fault matrix: what a person gets when one component fails in one way, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from answerable.core.outcome import Outcome
from answerable.testing.faults.fault import Component, Fault


class Gets(StrEnum):
    """What the person gets, from the best on."""

    FULL = "answered in full"
    FUSED = "answered without re-ranking"
    WORDS = "answered from words alone"
    MEANING = "answered from meaning alone"
    QUOTES = "exact quotes"
    HONEST = "an honest non-answer"
    FAILED = "a typed failure with ways on"


_OUTCOME = {Gets.HONEST: Outcome.OUT_OF_SCOPE, Gets.FAILED: Outcome.FAILED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`degraded` are the words that stand in the answer, neither more nor fewer. Texts are for people."""

    component: Component
    fault: Fault
    gets: Gets
    degraded: tuple[str, ...] = ()
    fails: Literal["open", "closed"]  # open: the answer goes on without; closed: nothing goes out unchecked
    like: str  # how the fault looks
    seen: str  # by the operator
    why: str

    @property
    def id(self) -> str:
        """Its name, e.g. `rerank-garbage`."""
        return f"{self.component}-{self.fault}"

    @property
    def outcome(self) -> Outcome:
        """How the question ends."""
        return _OUTCOME.get(self.gets, Outcome.ANSWERED)
