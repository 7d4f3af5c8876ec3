"""How much may be asked and seen, and what happens to who goes beyond. No counters: those are tolls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from answerable.core.toll import Rate, Walk

# A sweep: many questions of few forms, nearly each of which shows something new. docs/decisions/0230-sweeps.md
SWEEP_ASKED, SWEEP_SHAPES, SWEEP_NEW = 30, 1 / 3, 0.7
SCOPES = ("key", "user", "network", "tenant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Without any entry there is no bound. Actions: tell (an alarm), slow, person (no answer, but who to ask)."""

    questions: Mapping[str, tuple[Rate, ...]] = field(default_factory=dict)  # by scope
    tokens: Mapping[str, tuple[Rate, ...]] = field(default_factory=dict)
    people: Mapping[str, tuple[Rate, ...]] = field(
        default_factory=dict
    )  # questions of a person with a bound of its own
    passages: tuple[Rate, ...] = ()  # different ones that a person may be shown
    spent: str = "person"  # the action then
    sweep: str = "off"
    slow_by: float = 10.0  # how many questions one of a slowed person counts
    concurrent_user: int = 0  # questions of one person under way in one process; 0: any number
    reserve_tokens: int = 2500  # held for a question until its answer is made
    per_document: int = 50  # an opened document counts as so many passages at the most

    @property
    def periods(self) -> tuple[int, ...]:
        """Of the windows in which passages are counted, the shortest first; a sweep is looked for in that."""
        return tuple(sorted({rate.period_s for rate in self.passages}))

    def spent_by(self, walks: tuple[Walk, ...]) -> Walk | None:
        """The window in which as much was seen as may be; None where there is none."""
        most = {rate.period_s: rate.most for rate in self.passages}
        return next((one for one in walks if one.passages >= most.get(one.period_s, float("inf"))), None)


UNBOUND = Bounds()


def is_sweep(walk: Walk) -> bool:
    """Whether the questions of a window are rather a template filled in than somebody's own."""
    asked = walk.asked
    return asked >= SWEEP_ASKED and walk.shapes <= SWEEP_SHAPES * asked and walk.passages >= SWEEP_NEW * asked
