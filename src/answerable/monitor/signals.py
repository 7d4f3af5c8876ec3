"""What a client tells of an answer that it shows: how each signal is called in the log, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

# Of the API, as it is called in the log.
NAMES: Mapping[str, str] = MappingProxyType(
    {
        "shown": "answer.displayed",
        "citation_opened": "citation.opened",
        "copied": "answer.copied",
        "link_followed": "link.followed",
        "followup_clicked": "suggestion.used",
        "abandoned": "generation.stopped",
        "person_asked": "escalation.requested",
        "goal_reached": "goal.reached",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """`id` is the client's, version 7: its time is the event's, so that one that is sent again is the same."""

    id: UUID
    name: str  # of NAMES
    n: int | None = None  # which citation, link or suggestion; 1-based
    ms: int | None = None  # until it was shown, or for how long a source was open
    goal: str = ""

    @property
    def at(self) -> datetime:
        """When the client says it was."""
        return datetime.fromtimestamp((self.id.int >> 80) / 1000, UTC)


def event_of(signal: Signal, answer: str) -> tuple[str, dict[str, Any]]:
    """The event's name and props."""
    name = NAMES[signal.name]
    match name:
        case "answer.displayed":
            return name, {} if signal.ms is None else {"ms": signal.ms}
        case "escalation.requested":
            return name, {"trigger": "asked", "escalation": answer}
        case "goal.reached":
            return name, {"goal": signal.goal}
        case "suggestion.used":
            return name, {} if signal.n is None else {"n": signal.n}
    told = {"n": signal.n, "dwell_ms": signal.ms}
    return name, {key: value for key, value in told.items() if value is not None}
