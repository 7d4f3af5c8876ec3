"""The closed set of ways a question can end."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """Each has a text in every shipped language, a state in the UI, a value in the API and a test."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    CONFLICT = "conflict"
    CLARIFY = "clarify"
    ABSTAINED = "abstained"
    OUT_OF_SCOPE = "out_of_scope"
    TOO_LONG = "too_long"
    BLOCKED = "blocked"
    ESCALATED = "escalated"
    FAILED = "failed"

    @property
    def answers(self) -> bool:
        """Whether the person got something cited."""
        return self in (Outcome.ANSWERED, Outcome.PARTIAL, Outcome.CONFLICT)
