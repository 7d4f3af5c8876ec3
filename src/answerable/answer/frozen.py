"""What was found for a question, as a trace keeps it, and a retriever that finds just that again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from answerable.answer.decomposition import Part
from answerable.answer.retrieval import Found, Retriever
from answerable.core.document import Chunk
from answerable.core.passage import Passage
from answerable.core.query import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenRetriever(Retriever):
    """Finds what was found before, whatever the index holds now."""

    found: Found

    async def find(self, query: Query, text: str, parts: tuple[Part, ...] | None = None) -> Found:
        """The same for every question."""
        return self.found


def passage_row(passage: Passage) -> dict[str, Any]:
    """Everything of a passage that an answer depends on, as JSON-able values."""
    chunk = passage.chunk
    return {
        "chunk": chunk.id,
        "document": chunk.document_id,
        "offsets": [chunk.start, chunk.end],
        "text": chunk.text,
        "headings": list(chunk.headings),
        "level": chunk.level,
        "parent": chunk.parent,
        "tokens": chunk.tokens,
        "marks": dict(chunk.meta),
        "score": passage.score,
        "found_by": list(passage.found_by),
        "scores": dict(passage.scores),
        "title": passage.title,
        "uri": passage.uri,
        "source": passage.source,
        "language": passage.language,
        "updated": passage.updated_at.isoformat() if passage.updated_at else None,
        "review_by": passage.review_by.isoformat() if passage.review_by else None,
        "trust": passage.trust,
        "version": passage.version,
        "meta": dict(passage.meta),
    }


def passage_of(row: Mapping[str, Any]) -> Passage:
    """The passage that `passage_row` made the row of."""
    start, end = row["offsets"]
    chunk = Chunk(
        document_id=row["document"],
        start=start,
        end=end,
        text=row["text"],
        headings=tuple(row["headings"]),
        level=row["level"],
        parent=row["parent"],
        tokens=row["tokens"],
        meta=row["marks"],
    )
    return Passage(
        chunk=chunk,
        score=row["score"],
        found_by=tuple(row["found_by"]),
        scores=row["scores"],
        title=row["title"],
        uri=row["uri"],
        source=row["source"],
        language=row["language"],
        updated_at=_date(row["updated"]),
        review_by=_date(row["review_by"]),
        trust=row["trust"],
        version=row["version"],
        meta=row["meta"],
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
