"""One shape for what guards and metrics say."""

from __future__ import annotations

from dataclasses import dataclass

from answerable.core.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a guard or a metric found. Unmeasured is None, never 0 and never NaN."""

    name: str
    score: float | None = None
    passed: bool | None = None
    reason: str = ""
    action: str = "allow"  # allow | flag | mask | block
    outcome: Outcome | None = None  # what a block turns the answer into
    replacement: str | None = None  # the text to go on with, when the action is mask
    rule: str = ""  # the rule that hit, for the trace
    message: str = ""  # of a block: what the person reads instead of what its outcome always says
