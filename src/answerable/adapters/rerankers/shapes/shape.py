"""What differs between rerank APIs: the address, the request's body, and where the scores stand in the reply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from answerable.core.completion import Usage


class Shape(Protocol):
    """One vendor's wire form. Its scores are in [lowest, 1]."""

    @property
    def base_url(self) -> str:
        """The vendor's own, up to `/rerank`; empty where there is none."""
        ...

    @property
    def lowest(self) -> float: ...

    def body(self, *, model: str, query: str, texts: Sequence[str]) -> dict[str, Any]:
        """A request for the scores of all the texts."""
        ...

    def pairs(self, reply: bytes) -> list[tuple[int, float]]:
        """(place of a text, its score), in any order. Raises ValueError for another form."""
        ...


class Foreign(BaseModel):
    """APIs add fields as they like; what we read must be exactly of its type."""

    model_config = ConfigDict(extra="ignore", strict=True)


class Result(Foreign):
    """One text's score, as Cohere, Jina and Voyage call it."""

    index: int
    relevance_score: float


class Results(Foreign):
    """A reply with its list under `results`."""

    results: list[Result] = Field(min_length=1)


class _Tokens(Foreign):
    total_tokens: int | None = None


class _Units(Foreign):
    search_units: float | None = None


class _Meta(Foreign):
    billed_units: _Units | None = None


class _Billed(Foreign):
    usage: _Tokens | None = None
    meta: _Meta | None = None


def billed(reply: bytes) -> Usage | None:
    """What a reply counts: searches (Cohere) or tokens (Jina, Voyage); None where it does not say."""
    try:
        found = _Billed.model_validate_json(reply)
    except ValidationError:
        return None
    if found.meta and found.meta.billed_units and found.meta.billed_units.search_units is not None:
        return Usage(searches=round(found.meta.billed_units.search_units))
    if found.usage and found.usage.total_tokens is not None:
        return Usage(input=found.usage.total_tokens)
    return None
