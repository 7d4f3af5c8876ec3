"""Two documents that say different things of the same, as it is recorded, for owners and for the answer path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from answerable.core.identity import content_id


class ConflictState(StrEnum):
    """What its owner made of it. Open and resolved ones reach answers; accepted ones are said to be none."""

    OPEN = "open"
    ACCEPTED = "accepted"  # both may stand: it is no contradiction, or nobody minds
    RESOLVED = "resolved"  # a page will be changed; it closes by itself when the sentence is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One document's sentence. text[start:end] of the document, when it was found."""

    document_id: str
    text: str
    start: int
    end: int
    uri: str = ""
    source: str = ""
    title: str = ""
    owner: str | None = None
    updated_at: date | None = None
    scope: Mapping[str, str] = field(default_factory=dict)  # what it holds for: category → values
    chunk_id: str = ""  # of the searched chunk that holds the sentence now; empty where nobody asked


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentConflict:
    """The sides, the newer document's first where both have a date. `id` is from both documents and sentences."""

    id: str
    kind: str  # time, money, count … | modality | nothing
    reason: str
    first: Side
    second: Side
    state: ConflictState = ConflictState.OPEN
    note: str = ""  # why it was accepted or how it is resolved
    decided_by: str = ""
    both_stand: bool = False  # of different scope, or one superseded: kept so that nobody takes it for a conflict

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both."""
        return (self.first, self.second)


def conflict_id(first: tuple[str, str], second: tuple[str, str]) -> str:
    """Of two sides, each a document's id and its sentence: the same in every run, whichever comes first."""
    return content_id("cf", *(part for side in sorted((first, second)) for part in side))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What recording did, to conflicts. `known` ones were there before."""

    opened: int = 0
    known: int = 0
    closed: int = 0
