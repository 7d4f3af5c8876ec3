"""Counts the events of the product's log as they are written: what people do with answers, as figures."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from answerable.core.event import Event
from answerable.core.event_names import FOLLOW_UPS, NAMES
from answerable.monitor.counting import OTHER, Counting

_SOLVED = {"yes": "solved", "partly": "partly_solved", "no": "not_solved"}
_TRIGGERS = ("asked", "policy", "failure")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCounts:
    """Every label is of a list of ours: what a client sends as a word of its own is `other`."""

    counting: Counting

    def happened(self, event: Event) -> None:
        """Count it; returns at once."""
        counting, props = self.counting, event.props
        counting.add("answerable_events_total", _known(event.name, NAMES))
        if event.name == "feedback.given":
            if (value := str(props.get("value", ""))) in ("up", "down"):
                counting.add("answerable_feedback_total", value)
            if solved := _SOLVED.get(str(props.get("solved", ""))):
                counting.add("answerable_feedback_total", solved)
        elif event.name == "escalation.requested":
            counting.add("answerable_escalations_total", _known(str(props.get("trigger", "")), _TRIGGERS))
        elif event.name == "followup.classified":
            counting.add("answerable_follow_ups_total", _known(str(props.get("class", "")), FOLLOW_UPS))
        elif event.name == "guard.hit":
            said = (str(props.get(name, "")) for name in ("guard", "stage", "action"))
            counting.add("answerable_guard_hits_total", *said)


def _known(word: str, words: Container[str]) -> str:
    return word if word in words else OTHER
