"""Jina's rerank: https://api.jina.ai/redoc; vLLM, LocalAI and others answer in it too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from answerable.adapters.rerankers.shapes.shape import Results


@dataclass(frozen=True, slots=True, kw_only=True)
class Jina:
    """`POST /v1/rerank`. Newer models score by cosine, so that a score may be below zero."""

    base_url: str = "https://api.jina.ai/v1"
    lowest: float = -1.0

    def body(self, *, model: str, query: str, texts: Sequence[str]) -> dict[str, Any]:
        """model, query, documents, top_n, and no texts back."""
        asked = {"model": model, "query": query, "documents": list(texts), "top_n": len(texts)}
        return {**asked, "return_documents": False}

    def pairs(self, reply: bytes) -> list[tuple[int, float]]:
        """From `results`."""
        return [(one.index, one.relevance_score) for one in Results.model_validate_json(reply).results]
