"""An incident: a topic, a document or an answer that nobody is to see any more, and who saw it before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType


class Blocked(StrEnum):
    """What an incident takes out of use."""

    TOPIC = "topic"  # questions and sentences with one of the phrases
    DOC = "doc"  # a document: no search finds it, no answer is made from it
    ANSWER = "answer"  # an answer, and the question that it was given to


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """`value`: phrases with | between them, a document's id, or an answer's id. `message`: by language."""

    id: str
    kind: Blocked
    value: str
    reason: str = ""
    message: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    question: str = ""  # of a blocked answer, as it was asked
    opened_at: datetime | None = None
    opened_by: str = ""
    closed_at: datetime | None = None
    closed_by: str = ""

    @property
    def standing(self) -> bool:
        """Whether it still holds."""
        return self.closed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """An answer that somebody got before it was stopped. `how`: cited, context, said, asked or answer."""

    answer_id: str
    conversation: str
    principal: str
    at: datetime
    outcome: str
    language: str
    how: str
