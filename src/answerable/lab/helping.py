"""Whether what was learned helps: paired on questions that it had not seen, or how many more it takes to tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from answerable.evals.stats.paired import Difference, paired_difference

LEAST_PAIRS = 30
LEAST_CLUSTERS = 5  # fewer hold too little of a project to speak for the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Held-out means of a metric in [0, 1] over `difference.n` questions, before and after."""

    before: float
    after: float
    difference: Difference

    @property
    def helps(self) -> bool:
        """Better, with an interval that leaves 0 out."""
        return self.difference.interval.low > 0.0


def held_out(before: Sequence[float], after: Sequence[float], clusters: Sequence[str]) -> Held:
    """The two, question by question. Raises ValueError where there is none."""
    differences = [new - old for old, new in zip(before, after, strict=True)]
    found = paired_difference(differences, clusters)
    return Held(before=sum(before) / len(before), after=sum(after) / len(after), difference=found)


def too_few(clusters: Sequence[str]) -> str:
    """Why nothing can be learned from so many questions, with what is missing; empty where there are enough."""
    n, parts = len(clusters), len(set(clusters))
    if n < LEAST_PAIRS:
        return f"{n} usable pairs: about {LEAST_PAIRS - n} more are needed ({LEAST_PAIRS} at the least)"
    if parts < LEAST_CLUSTERS:
        return f"{n} usable pairs in {parts} clusters: they must come from {LEAST_CLUSTERS} documents at the least"
    return ""
