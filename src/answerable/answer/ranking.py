"""From candidates to the passages that an answer may use: ranked, copies collapsed, parts apart."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from answerable.answer.copies import collapse
from answerable.answer.merging import merge, mergeable, share_wanted
from answerable.answer.question import coverage, passage_stems
from answerable.answer.retrieval import Found, Group
from answerable.answer.seam import own_passages, sound_order
from answerable.answer.trust import capped_by_source
from answerable.core.errors import DeadlineExceeded, Unreachable
from answerable.core.passage import Passage
from answerable.core.ports import Reranker, Store
from answerable.core.query import Query
from answerable.core.seam import seam
from answerable.core.trace import skip

SPARE = 10  # candidates beyond the limit, in the place of copies
COVERED = 0.9  # of what a part's best passage covers of the part: so much in one kept passage is enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """The best candidates after re-ranking, best first, and each part's own best beside its part."""

    passages: tuple[Passage, ...]
    groups: tuple[Group, ...] = field(default=())


async def rank(reranker: Reranker, query: Query, found: Found, *, limit: int) -> Ranked:
    """Re-rank for the question as it was read, and each part's trusted candidates for the part.

    All at once, so that a question of several parts keeps to the reranker's budget. Raises what the reranker may,
    and Broken.
    """
    wanted = [(found.text or query.text, found.passages, limit + SPARE)]
    wanted += [(one.part.text, _trusted(one.passages), 1) for one in found.groups]
    try:
        async with asyncio.TaskGroup() as calls:
            made = [
                calls.create_task(_reranked(reranker, replace(query, text=text), passages, limit=most))
                for text, passages, most in wanted
            ]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    whole, *parts = (one.result() for one in made)
    groups = (replace(one, passages=tuple(best)) for one, best in zip(found.groups, parts, strict=True))
    return Ranked(passages=tuple(collapse(whole)[:limit]), groups=tuple(groups))


async def _reranked(reranker: Reranker, query: Query, passages: Sequence[Passage], *, limit: int) -> list[Passage]:
    with seam("reranker"):
        ordered = await reranker.rerank(query, passages, limit=limit)
    return sound_order(ordered, passages, limit=limit)


async def with_parents(store: Store, query: Query, found: Found, passages: Sequence[Passage]) -> list[Passage]:
    """The passages, those of a section of which enough was found merged into the section."""
    wanted = mergeable(passages, share=share_wanted(found.text or query.text))
    if not wanted:
        return list(passages)
    try:
        with seam("store"):
            async with store.snapshot(query.scope) as view:
                parents = own_passages(await view.get(sorted(wanted)), query.scope)
    except (Unreachable, DeadlineExceeded):  # the pieces were found already, and are good by themselves
        skip("no_sections")
        return list(passages)
    return merge(passages, {one.chunk.id: one for one in parents})


def keep(ranked: Ranked, *, limit: int, per_document: int | None = None) -> list[Passage]:
    """The best `limit`: the suspicious last, each part's best among them, no document above its share, nor a
    source that nobody vouches for.

    Best first; what stands in for a part comes after what the whole question found.
    """
    trusted = sorted(ranked.passages, key=_is_suspicious)  # stable: only the suspicious fall back
    kept = capped_by_source(capped(trusted, per_document))[:limit]
    wanted = missing(kept, ranked.groups)[: max(0, limit - 1)]
    return [*kept[: limit - len(wanted)], *wanted]


def missing(kept: Sequence[Passage], groups: Sequence[Group]) -> list[Passage]:
    """The best passage of each part of which no kept passage covers about as much."""
    found: list[Passage] = []
    for group in groups:
        best = next((one for one in group.passages if not _is_suspicious(one)), None)
        if best is None or any(one.chunk.id == best.chunk.id for one in (*kept, *found)):
            continue
        most = max((_covers(one, group.weights) for one in (*kept, *found)), default=0.0)
        if most < COVERED * _covers(best, group.weights):
            found.append(best)
    return found


def capped(passages: Sequence[Passage], per_document: int | None) -> list[Passage]:
    """At most so many of a document before the others; the rest behind them, in order."""
    if per_document is None:
        return list(passages)
    seen: Counter[str] = Counter()
    before: list[Passage] = []
    behind: list[Passage] = []
    for one in passages:
        seen[one.chunk.document_id] += 1
        (before if seen[one.chunk.document_id] <= per_document else behind).append(one)
    return [*before, *behind]


def group_rows(ranked: Ranked, kept: Sequence[Passage]) -> list[dict[str, Any]]:
    """The parts of a question as a trace keeps them: their words, their own best passage, and where it came to."""
    places = {one.chunk.id: n for n, one in enumerate(kept, start=1)}
    return [
        {
            "part": group.part.text,
            "kind": group.part.kind,
            "best": [
                {"chunk": one.chunk.id, "uri": one.uri, "kept": places.get(one.chunk.id)} for one in group.passages
            ],
        }
        for group in ranked.groups
    ]


def _covers(passage: Passage, weights: Mapping[str, float]) -> float:
    return coverage(weights, passage_stems(passage))


def _trusted(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    return tuple(one for one in passages if not _is_suspicious(one))


def _is_suspicious(passage: Passage) -> bool:
    return bool(passage.chunk.meta.get("suspicion"))
