"""Cohere's v2 rerank: https://docs.cohere.com/reference/rerank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from answerable.adapters.rerankers.shapes.shape import Results


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohere:
    """`POST /v2/rerank`; `top_n` asks for every text's score. Texts past 4,096 tokens are cut by the server."""

    base_url: str = "https://api.cohere.com/v2"
    lowest: float = 0.0

    def body(self, *, model: str, query: str, texts: Sequence[str]) -> dict[str, Any]:
        """model, query, documents, top_n."""
        return {"model": model, "query": query, "documents": list(texts), "top_n": len(texts)}

    def pairs(self, reply: bytes) -> list[tuple[int, float]]:
        """From `results`."""
        return [(one.index, one.relevance_score) for one in Results.model_validate_json(reply).results]
