"""What a diagnosis says: the stage, and every experiment that led there with what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from answerable.evals.diagnosis.stages import EXPLAINED, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One look or one counterfactual. `right`: the answer was right then; None: nothing was asked."""

    what: str
    result: str
    right: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The first stage on the path whose repair alone makes the answer right."""

    case: str
    stage: Stage
    why: str
    experiments: tuple[Experiment, ...]
    also: tuple[Stage, ...] = ()  # found faulty, too, though their repair alone changes nothing

    @property
    def meaning(self) -> str:
        """The stage in words."""
        return EXPLAINED[self.stage][0]

    @property
    def fix(self) -> str:
        """What to do about it."""
        return EXPLAINED[self.stage][1]

    def record(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "case": self.case,
            "stage": self.stage.value,
            "meaning": self.meaning,
            "why": self.why,
            "fix": self.fix,
            "also": [one.value for one in self.also],
            "experiments": [
                {"what": one.what, "result": one.result, "right": one.right} for one in self.experiments
            ],
        }
