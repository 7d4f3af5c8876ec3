"""Hugging Face's text-embeddings-inference: https://huggingface.github.io/text-embeddings-inference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from answerable.adapters.rerankers.shapes.shape import Foreign


class _Rank(Foreign):
    index: int
    score: float


_REPLY = TypeAdapter(list[_Rank])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tei:
    """`POST /rerank` of a server of your own, which serves one model and ignores `model`."""

    base_url: str = ""
    lowest: float = 0.0

    def body(self, *, model: str, query: str, texts: Sequence[str]) -> dict[str, Any]:
        """query, texts; scores through the sigmoid; longer texts cut in place of an error."""
        return {"query": query, "texts": list(texts), "raw_scores": False, "return_text": False, "truncate": True}

    def pairs(self, reply: bytes) -> list[tuple[int, float]]:
        """The reply is the list."""
        return [(one.index, one.score) for one in _REPLY.validate_json(reply)]
