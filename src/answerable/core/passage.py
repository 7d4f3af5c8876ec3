"""A chunk that a search found, with enough of its document to cite it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from answerable.core.document import Chunk

LOW = "public"  # the trust that nobody vouches for


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A found chunk. `score` orders; `scores` keeps what each arm said (dense: cosine; lexical: BM25 ≥ 0)."""

    chunk: Chunk
    score: float
    found_by: tuple[str, ...] = ()  # dense, lexical, in that order
    scores: Mapping[str, float] = field(default_factory=dict)
    title: str = ""
    uri: str = ""
    source: str = ""
    language: str = "en"
    updated_at: date | None = None
    review_by: date | None = None
    trust: str = "internal"
    version: int = 1  # of the document
    meta: Mapping[str, str] = field(default_factory=dict)

    @property
    def section(self) -> str:
        """The heading path below the title, on one line; empty when there is none."""
        return self._below_title(self.chunk.headings)

    def section_at(self, offset: int) -> str:
        """The same for what stands at chunk.text[offset:], which may be under a heading of its own."""
        return self._below_title(self.chunk.headings_at(offset))

    def _below_title(self, headings: tuple[str, ...]) -> str:
        return " > ".join(headings[1:] if headings[:1] == (self.title,) else headings)
