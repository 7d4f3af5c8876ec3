"""Voyage's rerank: https://docs.voyageai.com/reference/reranker-api."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from answerable.adapters.rerankers.shapes.shape import Foreign, Result


class _Reply(Foreign):
    data: list[Result] = Field(min_length=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voyage:
    """`POST /v1/rerank`; what is longer than the model reads is cut by the server (`truncation`)."""

    base_url: str = "https://api.voyageai.com/v1"
    lowest: float = 0.0

    def body(self, *, model: str, query: str, texts: Sequence[str]) -> dict[str, Any]:
        """model, query, documents; without top_k every text gets its score."""
        asked = {"model": model, "query": query, "documents": list(texts)}
        return {**asked, "return_documents": False, "truncation": True}

    def pairs(self, reply: bytes) -> list[tuple[int, float]]:
        """From `data`."""
        return [(one.index, one.relevance_score) for one in _Reply.model_validate_json(reply).data]
