"""Rerank APIs in the shapes of Cohere, Jina, Voyage and text-embeddings-inference; scored by common words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from answerable.testing.model_server.prompt import Prompt
from answerable.testing.model_server.tokens import count_tokens, counted
from answerable.text.words import terms

Ranking = Sequence[tuple[int, float]]


def overlap(query: str, text: str) -> float:
    """The share of the query's terms that the text has, in [0, 1]; the same everywhere, and no model's quality."""
    asked = set(terms(query))
    return len(asked.intersection(terms(text))) / len(asked) if asked else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RerankDialect:
    """One shape. A behavior that says a JSON list of [index, score] gives those; else words are counted."""

    texts_in: str  # the request's key of the texts
    shape: Callable[[Prompt, Ranking], Any]
    error_shape: Callable[[str], Any]
    marks_cached: bool = False

    def parse(self, body: Mapping[str, Any]) -> Prompt:
        """The query and the texts, as JSON, are what the user says."""
        texts = [str(one) for one in body.get(self.texts_in) or []]
        said = json.dumps({"query": str(body.get("query", "")), "texts": texts, "top": body.get("top_n")})
        model = str(body.get("model", ""))
        return counted(Prompt(model=model, system="", user=said, stream=False, include_usage=False))

    def whole(self, prompt: Prompt, text: str, finish: str) -> Any:
        """A reply."""
        said = _said(text)
        return self.shape(prompt, _by_words(prompt) if said is None else said)

    def opening(self, prompt: Prompt) -> bytes:
        """Nothing is streamed."""
        return b""

    def piece(self, prompt: Prompt, text: str) -> bytes:
        """Nothing is streamed."""
        return b""

    def thought(self, prompt: Prompt, text: str) -> bytes:
        """Nothing is streamed."""
        return b""

    def closing(self, prompt: Prompt, text: str, finish: str) -> bytes:
        """Nothing is streamed."""
        return b""

    def error(self, status: int, message: str, code: str = "") -> Any:
        """An error body."""
        return self.error_shape(message)

    def error_event(self, status: int, message: str) -> bytes:
        """Nothing is streamed."""
        return b""


def _by_words(prompt: Prompt) -> Ranking:
    asked = json.loads(prompt.user)
    found = [(place, overlap(asked["query"], text)) for place, text in enumerate(asked["texts"])]
    return sorted(found, key=lambda one: -one[1])[: asked["top"] or None]


def _said(text: str) -> Ranking | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return [(one[0], one[1]) for one in value] if isinstance(value, list) else None


def _results(ranking: Ranking) -> list[dict[str, Any]]:
    return [{"index": place, "relevance_score": score} for place, score in ranking]


def _cohere(prompt: Prompt, ranking: Ranking) -> Any:
    meta = {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}}
    return {"id": "rerank-scripted", "results": _results(ranking), "meta": meta}


def _jina(prompt: Prompt, ranking: Ranking) -> Any:
    usage = {"total_tokens": count_tokens(prompt.user)}
    return {"model": prompt.model, "object": "list", "usage": usage, "results": _results(ranking)}


def _voyage(prompt: Prompt, ranking: Ranking) -> Any:
    usage = {"total_tokens": count_tokens(prompt.user)}
    return {"object": "list", "data": _results(ranking), "model": prompt.model, "usage": usage}


def _tei(prompt: Prompt, ranking: Ranking) -> Any:
    return [{"index": place, "score": score} for place, score in ranking]


RERANKS: Mapping[str, RerankDialect] = {
    "/cohere/v2/rerank": RerankDialect(
        texts_in="documents", shape=_cohere, error_shape=lambda message: {"message": message}
    ),
    "/jina/v1/rerank": RerankDialect(
        texts_in="documents", shape=_jina, error_shape=lambda message: {"detail": message}
    ),
    "/voyage/v1/rerank": RerankDialect(
        texts_in="documents", shape=_voyage, error_shape=lambda message: {"detail": message}
    ),
    "/tei/rerank": RerankDialect(
        texts_in="texts",
        shape=_tei,
        error_shape=lambda message: {"error": message, "error_type": "Validation"},
    ),
}
