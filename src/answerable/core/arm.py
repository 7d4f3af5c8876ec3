"""The arm of a rollout that a question is in: which of two versions of a prompt it is asked with, and as whom."""

from __future__ import annotations

from dataclasses import dataclass

STABLE = "stable"
CANDIDATE = "candidate"
ROLLED_BACK = "rolled_back"  # the stable version, since the rollout was taken back


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """Kept with the trace as it was when the question was asked."""

    rollout: str  # its id: prompt, both texts and the salt
    prompt: str  # id
    version: str
    sha256: str
    name: str  # stable | candidate | rolled_back
    share: float  # of all units that are given the candidate, in [0, 1]
    unit: str  # 16 hex digits: the person (or conversation, or key) under the salt; what counts as one
