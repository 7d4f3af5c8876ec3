"""A document that was held back, why, and what its owner made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from answerable.core.document import Document
from answerable.core.identity import content_id

HIDDEN, INSTRUCTIONS, LOOKALIKE = "hidden_text", "instructions", "lookalike"
ROLLED_BACK, PURGED = "rolled_back", "purged"
EVIDENCE_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a document is suspicious: document.text[start:end] is where, `words` what stands there, shortened."""

    kind: str  # hidden_text | instructions | lookalike | rolled_back | purged
    rule: str  # the guard's names, with commas between them
    words: str
    start: int = 0
    end: int = 0


class HeldState(StrEnum):
    """What became of it."""

    HELD = "held"  # nobody finds it; its owner has not decided
    RELEASED = "released"  # it is in the index, and this text is not held again
    REJECTED = "rejected"  # this text stays out


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDocument:
    """One text of one document. It is stored here and nowhere else while it is held."""

    source: str
    uri: str
    document_id: str
    title: str
    text_sha256: str
    trust: str
    owner: str
    reasons: tuple[Reason, ...]
    document: Document | None = None  # None: a list does without, and a purged one is gone
    run: str = ""
    state: HeldState = HeldState.HELD
    held_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str = ""
    note: str = ""

    @property
    def id(self) -> str:
        """The same for the same text at the same place."""
        return held_id(self.source, self.uri, self.text_sha256)


def held_id(source: str, uri: str, text_sha256: str) -> str:
    """The id under which a text of a file is held."""
    return content_id("qu", source, uri, text_sha256)


def hold(document: Document, reasons: tuple[Reason, ...], *, run: str) -> HeldDocument:
    """The document, held for these reasons."""
    return HeldDocument(
        source=document.source,
        uri=document.uri,
        document_id=document.id,
        title=document.title,
        text_sha256=document.text_sha256,
        trust=document.trust,
        owner=document.owner or "",
        reasons=reasons,
        document=document,
        run=run,
    )
