"""What an ingest run changed, and what a document leaves behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from answerable.core.document import Chunk, Document


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One sync, with how much it changed in the index that is searched."""

    id: str
    source: str
    started_at: datetime
    finished_at: datetime | None  # None: it runs, or it was killed
    counts: Mapping[str, int]
    changes: int = 0
    lost: int = 0  # of them, whose earlier text is not kept any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A document as it was, without its blocks: they are only needed to cut it, and it is cut."""

    document: Document
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a run did to one document."""

    document_id: str
    source: str
    uri: str
    what: str  # added | changed | removed
    version: int | None  # that it wrote
    text_sha256: str
    before: Before | None  # None: there was none, or it is not kept any more
    untouched: bool  # nothing wrote it since
    now: bool = True  # it is in the index
    later_run: str = ""  # that did
    title: str = ""
    trust: str = "internal"
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Who wrote a version of a document."""

    run: str
    what: str
    version: int | None
    text_sha256: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """An answer that had a document before it; `cited`: it points at it, too."""

    answer: str
    trace: str
    at: datetime
    principal: str
    conversation: str | None
    outcome: str
    cited: bool
    question: str = ""  # empty: its trace is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """How many rows of each kind the index has of a document."""

    rows: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """0 where nothing is left."""
        return sum(self.rows.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of the last answers cite a document, and how many did in the week before."""

    document: str
    source: str
    uri: str
    title: str
    trust: str
    owner: str
    stored_at: datetime  # this text of it
    cited: int
    answers: int
    before: int
    answers_before: int

    @property
    def now(self) -> float:
        """Of the last answers, in [0, 1]."""
        return self.cited / self.answers if self.answers else 0.0

    @property
    def earlier(self) -> float:
        """Of those of the week before, in [0, 1]."""
        return self.before / self.answers_before if self.answers_before else 0.0
