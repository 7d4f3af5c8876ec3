"""A question with the places in documents that answer it: what retrieval is measured and trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from answerable.core.evaluation import GoldSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A judged question. Its spans are words of documents, so that they outlive every way of cutting."""

    id: str
    question: str
    spans: tuple[GoldSpan, ...]  # at least one
    language: str = "en"
    origin: Mapping[str, Any] = field(default_factory=dict)  # author, case or trace, date
    confirmed: date | None = None  # when a person last said that it is right
    cluster: str = ""  # pairs that stand or fall together; empty: the first span's document

    @property
    def cluster_id(self) -> str:
        """What the pair is resampled with."""
        return self.cluster or self.spans[0].document
