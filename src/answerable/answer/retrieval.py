"""Finding candidates: dense beside lexical, inside one snapshot, then fused; each part of a question apart."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from answerable.answer.decomposition import Part, decompose
from answerable.answer.fusion import fuse
from answerable.answer.reading import Reading, discounted, read
from answerable.answer.seam import own_passages, seam, sound_vectors
from answerable.answer.shortening import focus, shorten
from answerable.answer.smoothing import smooth
from answerable.core.errors import (
    AnswerableError,
    ConfigError,
    DatabaseUnreachable,
    ModelError,
    ModelMismatch,
    NotFound,
    Unreachable,
)
from answerable.core.passage import Passage
from answerable.core.ports import Embedder, Snapshot, Store
from answerable.core.query import Query
from answerable.core.trace import skip, step
from answerable.text.stems import stems

A = TypeVar("A")
B = TypeVar("B")
DENSE_KEEP_S = 0.5  # what the steps after the search need at the least


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What one part of the question found, best first."""

    part: Part
    passages: tuple[Passage, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)  # of the part's stems


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The fused candidates, best first, and how telling each stem of the question is."""

    passages: tuple[Passage, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    text: str = ""  # what was searched for; empty: the question's own text
    corrections: tuple[tuple[str, str], ...] = ()  # words of the question, and as which each was read
    groups: tuple[Group, ...] = ()  # one for each part of a question that has several
    chosen: bool = False  # the passages are those that an answer may use: nothing is ranked or merged any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Retriever:
    """The two arms and their fusion. mode: hybrid | dense | lexical."""

    embedder: Embedder
    store: Store
    mode: str = "hybrid"
    depth: int = 50  # candidates of each arm
    dense_weight: float = 0.5
    typo_tolerance: bool = True
    decompose: bool = True
    smoothing: float = 0.3  # how much of its neighbors' scores a passage takes
    words: bool = True  # False: the index's words cannot be read, so that each counts alike

    async def find(self, query: Query, text: str) -> Found:
        """Candidates for `text`, within the query's scope. An arm that fails leaves the other, and the answer
        says so. Raises DatabaseUnreachable, or what the last arm failed with."""
        if self.mode != "hybrid":
            return await self._find(query, text)
        try:
            return await self._find(query, text)
        except (DatabaseUnreachable, ConfigError, NotFound):
            raise  # the same for both arms
        except (AnswerableError, TimeoutError):
            skip("dense_only")  # in a moment of its own: what failed may have ended the first
            alone = replace(self, mode="dense", typo_tolerance=False, words=False)
            return await alone.find(query, text)

    async def _find(self, query: Query, text: str) -> Found:
        async with self.store.snapshot(query.scope) as view:
            reading = await self._read(view, focus(text), query.language)
            parts = self._parts(reading.text, query.language)
            wanted = [reading.text, *(part.text for part in parts)]
            dense, lexical = await _together(self._dense(view, query, wanted), self._lexical(view, query, wanted))
            if self.mode == "hybrid" and lexical[0] and not dense[0]:
                skip("lexical_only")  # every chunk has a vector: an arm that finds none of them did not search
            weights = [await self._weights(view, one, query.language) for one in wanted]  # mostly counted by now
        with step("fuse") as one:
            fused = [self._fuse(near, worded) for near, worded in zip(dense, lexical, strict=True)]
            one.detail.update(dense=len(dense[0]), lexical=len(lexical[0]), fused=len(fused[0]))
        told = zip(parts, fused[1:], weights[1:], strict=True)
        groups = tuple(Group(part=part, passages=tuple(found), weights=idf) for part, found, idf in told)
        whole = discounted(weights[0], reading, query.language)
        return Found(
            passages=tuple(fused[0]),
            weights=whole,
            text=reading.text,
            corrections=reading.corrections,
            groups=groups,
        )

    async def _read(self, view: Snapshot, text: str, language: str) -> Reading:
        if not self.typo_tolerance:
            return Reading(text=text)
        with step("read") as one:
            reading = await read(view, text, language=language)
            one.detail["corrections"] = [
                f"read {written!r} as {meant!r}" for written, meant in reading.corrections
            ]
        return reading

    async def _weights(self, view: Snapshot, text: str, language: str) -> dict[str, float]:
        """How telling each stem is; all alike where words cannot be looked up."""
        if not self.words:
            return dict.fromkeys(stems(text, language), 1.0)
        with seam("store"):
            return await view.idf(text, language=language)

    def _parts(self, text: str, language: str) -> tuple[Part, ...]:
        return decompose(text, language=language) if self.decompose else ()

    async def _dense(self, view: Snapshot, query: Query, wanted: Sequence[str]) -> list[list[Passage]]:
        nothing: list[list[Passage]] = [[] for _ in wanted]
        if self.mode == "lexical":
            return nothing
        try:
            patience_s = max(2.0, query.deadline.total_s / 2)
            async with asyncio.timeout(query.deadline.share(at_most_s=patience_s, keep_s=DENSE_KEEP_S)):
                with step("embed"), seam("embedder"):
                    given = await self.embedder.embed(list(wanted), kind="query")
                    vectors = sound_vectors(given, count=len(wanted), dim=self.embedder.model.dim)
        except (Unreachable, ModelError, ModelMismatch, TimeoutError):
            if self.mode == "dense":
                raise
            skip("lexical_only")
            return nothing
        try:
            with step("dense"), seam("store"):
                return [own_passages(await view.dense(one, limit=self.depth), query.scope) for one in vectors]
        except DatabaseUnreachable:
            raise  # then there are no words to search, either
        except (Unreachable, ModelMismatch):  # an outside index, or one of another model
            if self.mode == "dense":
                raise
            skip("lexical_only")
            return nothing

    async def _lexical(self, view: Snapshot, query: Query, wanted: Sequence[str]) -> list[list[Passage]]:
        if self.mode == "dense":
            return [[] for _ in wanted]
        language = query.language
        with step("lexical"), seam("store"):
            short = [await shorten(view, text, language=language) for text in wanted]
            found = [await view.lexical(text, limit=self.depth, language=language) for text in short]
        return [own_passages(one, query.scope) for one in found]

    def _fuse(self, dense: Sequence[Passage], lexical: Sequence[Passage]) -> list[Passage]:
        fused = fuse(dense, lexical, weight=self.dense_weight, limit=2 * self.depth)
        return smooth(fused, weight=self.smoothing) if self.smoothing else fused


async def _together(first: Coroutine[Any, Any, A], second: Coroutine[Any, Any, B]) -> tuple[A, B]:
    """Two at once; the first failure is raised bare and ends the other."""
    try:
        async with asyncio.TaskGroup() as group:
            one, two = group.create_task(first), group.create_task(second)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    return one.result(), two.result()
