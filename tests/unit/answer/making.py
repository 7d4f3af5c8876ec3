"""Passages and blocks for tests of the answering path."""

from __future__ import annotations

from datetime import date

from answerable.core.document import Chunk
from answerable.core.passage import Passage
from answerable.core.prompt import ContextBlock


def make_passage(
    text: str,
    *,
    title: str = "Returns policy",
    section: str = "Time limits",
    uri: str = "policies/returns.md",
    updated: date | None = date(2026, 5, 2),
    review_by: date | None = None,
    language: str = "en",
    start: int = 100,
    score: float = 0.9,
    dense: float | None = None,
) -> Passage:
    chunk = Chunk(
        document_id=f"doc_{uri}",
        start=start,
        end=start + len(text),
        text=text,
        headings=(title, section),
        tokens=len(text.split()),
    )
    return Passage(
        chunk=chunk,
        score=score,
        scores={} if dense is None else {"dense": dense},
        title=title,
        uri=uri,
        source="knowledge",
        language=language,
        updated_at=updated,
        review_by=review_by,
    )


def make_blocks(*passages: Passage) -> tuple[ContextBlock, ...]:
    return tuple(ContextBlock(n=n, passage=passage) for n, passage in enumerate(passages, start=1))
