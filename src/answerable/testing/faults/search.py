"""Faulty searches: an embedder and a store that fail as told."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from answerable.core.errors import ModelUnreachable, Unreachable
from answerable.core.passage import Passage
from answerable.core.ports import (
    Embedder,
    EmbeddingModel,
    Kind,
    Snapshot,
    Speller,
    Store,
    Vector,
    Vectors,
)
from answerable.core.query import Scope
from answerable.testing.faults.fault import Fault
from answerable.testing.faults.foreign import foreign_passages
from answerable.testing.faults.harm import Harm
from answerable.testing.faults.readonly import ReadOnlyStore

# What each nonsense is, from n rows of d numbers.
VECTORS: Mapping[str, Callable[[int, int], Any]] = MappingProxyType(
    {
        "nan": lambda n, d: np.full((n, d), math.nan, np.float32),
        "infinite": lambda n, d: np.full((n, d), math.inf, np.float32),
        "zeros": lambda n, d: np.zeros((n, d), np.float32),
        "too-long": lambda n, d: np.ones((n, d), np.float32),
        "other-dimension": lambda n, d: np.eye(n, d + 3, dtype=np.float32),
        "too-many": lambda n, d: np.eye(n + 1, d, dtype=np.float32),
        "nothing": lambda n, d: None,
        "text": lambda n, d: "vectors",
    }
)
PASSAGES = ("foreign", "foreign-among-own", "nan", "infinite", "no-score", "text", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyEmbedder:
    """An Embedder. Only questions suffer: a drill embeds nothing else."""

    inner: Embedder
    harm: Harm

    @property
    def model(self) -> EmbeddingModel:
        """The inner one's."""
        return self.inner.model

    async def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """As the harm says, or the inner one's."""
        await self.harm.strike(ModelUnreachable("a drill: no embedding endpoint answers"))
        if self.harm.fault is Fault.EMPTY:
            return np.empty((0, self.model.dim), dtype=np.float32)
        if self.harm.fault is Fault.GARBAGE:
            return VECTORS[self.harm.variant or "nan"](len(texts), self.model.dim)  # type: ignore[no-any-return]
        return await self.inner.embed(texts, kind=kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyStore(ReadOnlyStore):
    """A Store of which one search is faulty."""

    inner: Store
    arm: Literal["dense", "lexical"]
    harm: Harm

    @asynccontextmanager
    async def snapshot(self, scope: Scope) -> AsyncIterator[Snapshot]:
        """The inner one's, with one faulty search."""
        async with self.inner.snapshot(scope) as view:
            yield FaultySnapshot(inner=view, arm=self.arm, harm=self.harm)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultySnapshot:
    """A Snapshot and Speller of which one search is faulty."""

    inner: Snapshot
    arm: Literal["dense", "lexical"]
    harm: Harm

    async def dense(self, vector: Vector, *, limit: int) -> list[Passage]:
        """As the harm says where it is this search, else the inner one's."""
        found = None if self._is_silent("dense") else await self.inner.dense(vector, limit=limit)
        return await self._harmed("dense", found or [])

    async def lexical(self, text: str, *, limit: int, language: str = "en") -> list[Passage]:
        """As the harm says where it is this search, else the inner one's."""
        silent = self._is_silent("lexical")
        found = None if silent else await self.inner.lexical(text, limit=limit, language=language)
        return await self._harmed("lexical", found or [], like=text)

    async def idf(self, text: str, *, language: str = "en") -> dict[str, float]:
        """The inner one's."""
        return await self.inner.idf(text, language=language)

    async def get(self, chunk_ids: Sequence[str]) -> list[Passage]:
        """The inner one's."""
        return await self.inner.get(chunk_ids)

    async def unknown(self, text: str, *, language: str = "en") -> tuple[str, ...]:
        """The inner one's, where it knows how words are spelled."""
        return await self.inner.unknown(text, language=language) if isinstance(self.inner, Speller) else ()

    async def alike(self, words: Sequence[str], *, language: str = "en") -> dict[str, tuple[tuple[str, int], ...]]:
        """The inner one's, where it knows how words are spelled."""
        return await self.inner.alike(words, language=language) if isinstance(self.inner, Speller) else {}

    def _is_silent(self, arm: str) -> bool:
        """Whether the inner search is not even asked."""
        return arm == self.arm and self.harm.fault in (Fault.ERROR, Fault.TIMEOUT, Fault.EMPTY)

    async def _harmed(self, arm: str, found: list[Passage], *, like: str = "") -> list[Passage]:
        if arm != self.arm:
            return found
        await self.harm.strike(Unreachable(f"a drill: the {arm} search does not answer"))
        if self.harm.fault is Fault.GARBAGE:
            like = like or (found[0].chunk.text if found else "")
            return nonsense(self.harm.variant or "foreign", found, like)
        return found


def nonsense(variant: str, found: Sequence[Passage], like: str) -> list[Passage]:
    """Wrong passages, one of PASSAGES, in the place of the found or among them."""
    foreign = foreign_passages(like)
    wrong: Mapping[str, Any] = {
        "foreign": foreign,
        "foreign-among-own": [*found, *foreign],
        "nan": [replace(one, score=math.nan) for one in found or foreign],
        "infinite": [replace(one, scores={"dense": math.inf}) for one in found or foreign],
        "no-score": [replace(one, score=None) for one in found or foreign],  # type: ignore[arg-type]
        "text": ["a passage"],
        "none": None,
    }
    return wrong[variant]  # type: ignore[no-any-return]
