"""Finding candidates: dense beside lexical, inside one snapshot, then fused; each part of a question apart."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from answerable.answer.deadlines import SHIPPED, Plan
from answerable.answer.decomposition import Part, decompose
from answerable.answer.fusion import fuse
from answerable.answer.reading import Reading, discounted, read
from answerable.answer.seam import own_passages, seam, sound_vectors
from answerable.answer.shortening import focus, shorten
from answerable.answer.smoothing import smooth
from answerable.core.degraded import AS_WRITTEN, DENSE_ONLY, LEXICAL_ONLY
from answerable.core.errors import (
    ConfigError,
    DatabaseUnreachable,
    ModelError,
    ModelMismatch,
    NotFound,
    Unreachable,
)
from answerable.core.passage import Passage
from answerable.core.ports import Embedder, Snapshot, Store, Vectors
from answerable.core.query import Query, Scope
from answerable.core.trace import embedded, skip, step
from answerable.text.stems import stems

A = TypeVar("A")
B = TypeVar("B")
NO_SEARCH = (Unreachable, ModelError, ModelMismatch, TimeoutError)
Lists = list[list[Passage]]  # for each text that is searched for
Words = tuple[Lists, list[dict[str, float]]]  # and how telling each of its stems is


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
    plan: Plan = SHIPPED

    async def find(self, query: Query, text: str, parts: tuple[Part, ...] | None = None) -> Found:
        """Candidates within the query's scope for `text` and each of its parts, which rules find without `parts`.

        An arm that fails or hangs leaves the other one, and the answer says so. Raises DatabaseUnreachable, or
        what the search failed with when it had neither arm.
        """
        try:
            return await self.plan.within("search", query.deadline, self._search(query, text, parts))
        except (DatabaseUnreachable, ConfigError, NotFound):
            raise  # the same for both arms
        except NO_SEARCH as error:
            if self.mode != "hybrid":
                raise
            return await self._find_by_one(query, text, parts, error)

    async def _find_by_one(
        self, query: Query, text: str, parts: tuple[Part, ...] | None, error: Exception
    ) -> Found:
        """One arm after the other, each in a view of its own: what failed or was left may have ended the first."""
        for arm, word in (("lexical", LEXICAL_ONLY), ("dense", DENSE_ONLY)):
            alone = replace(self, mode=arm, typo_tolerance=False, words=arm == "lexical")
            with suppress(*NO_SEARCH):
                found = await self.plan.within("search_by_one", query.deadline, alone._search(query, text, parts))
                skip(word)
                skip(AS_WRITTEN)
                return found
        raise error

    async def _search(self, query: Query, text: str, parts: tuple[Part, ...] | None) -> Found:
        async with self.store.snapshot(query.scope) as view:
            reading = await self._read(view, focus(text), query.language)
            parts = self._parts(reading.text, query.language) if parts is None else parts
            wanted = [reading.text, *(part.text for part in parts)]
            arms = await _together(self._dense(view, query, wanted), self._lexical(view, query, wanted))
        near, (worded, weights) = self._what_is_left(*arms)
        with step("fuse") as one:
            fused = [self._fuse(dense, lexical) for dense, lexical in zip(near, worded, strict=True)]
            one.detail.update(dense=len(near[0]), lexical=len(worded[0]), fused=len(fused[0]))
        weights = [one or _alike(text, query.language) for one, text in zip(weights, wanted, strict=True)]
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

    def _parts(self, text: str, language: str) -> tuple[Part, ...]:
        return decompose(text, language=language) if self.decompose else ()

    def _what_is_left(self, near: Lists | Exception, words: Words | Exception) -> tuple[Lists, Words]:
        """Both arms, or the one that did not fail. Raises the words' failure when both did."""
        if isinstance(words, Exception):
            if isinstance(near, Exception):
                raise words
            skip(DENSE_ONLY)
            return near, ([[] for _ in near], [{} for _ in near])
        # Every chunk has a vector: an arm that finds none of them did not search.
        if self.mode == "hybrid" and (isinstance(near, Exception) or (words[0][0] and not near[0])):
            skip(LEXICAL_ONLY)
        if isinstance(near, Exception):
            near = [[] for _ in words[0]]
        return near, words

    async def _dense(self, view: Snapshot, query: Query, wanted: Sequence[str]) -> Lists | Exception:
        if self.mode == "lexical":
            return [[] for _ in wanted]
        try:
            vectors = await self.plan.within("embed", query.deadline, self._embed(wanted))
            return await self.plan.within("dense", query.deadline, self._near(view, vectors, query.scope))
        except NO_SEARCH as error:
            if self.mode == "dense":
                raise
            return error

    async def _embed(self, wanted: Sequence[str]) -> Vectors:
        with step("embed"), seam("embedder"):
            given = await self.embedder.embed(list(wanted), kind="query")
            vectors = sound_vectors(given, count=len(wanted), dim=self.embedder.model.dim)
        embedded(vectors[0])
        return vectors

    async def _near(self, view: Snapshot, vectors: Vectors, scope: Scope) -> Lists:
        with step("dense"), seam("store"):
            return [own_passages(await view.dense(one, limit=self.depth), scope) for one in vectors]

    async def _lexical(self, view: Snapshot, query: Query, wanted: Sequence[str]) -> Words | Exception:
        if not self.words:
            return [[] for _ in wanted], [{} for _ in wanted]
        try:
            return await self.plan.within("lexical", query.deadline, self._by_words(view, query, wanted))
        except NO_SEARCH as error:
            if self.mode != "hybrid":
                raise
            return error

    async def _by_words(self, view: Snapshot, query: Query, wanted: Sequence[str]) -> Words:
        """What the words find, and how telling each of their stems is."""
        found: Lists = [[] for _ in wanted]
        language = query.language
        with step("lexical"), seam("store"):
            if self.mode != "dense":
                short = [await shorten(view, text, language=language) for text in wanted]
                found = [await view.lexical(text, limit=self.depth, language=language) for text in short]
            weights = [await view.idf(one, language=language) for one in wanted]  # mostly counted by now
            return [own_passages(one, query.scope) for one in found], weights

    def _fuse(self, dense: Sequence[Passage], lexical: Sequence[Passage]) -> list[Passage]:
        fused = fuse(dense, lexical, weight=self.dense_weight, limit=2 * self.depth)
        return smooth(fused, weight=self.smoothing) if self.smoothing else fused


def _alike(text: str, language: str) -> dict[str, float]:
    """Every stem as telling as the next, where that cannot be looked up."""
    return dict.fromkeys(stems(text, language), 1.0)


async def _together(first: Coroutine[Any, Any, A], second: Coroutine[Any, Any, B]) -> tuple[A, B]:
    """Two at once; the first failure is raised bare and ends the other."""
    try:
        async with asyncio.TaskGroup() as group:
            one, two = group.create_task(first), group.create_task(second)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    return one.result(), two.result()
