"""Conflicts that were found before anybody asked: shown when the question is about one of their sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from answerable.answer.candidates import Candidate, candidates
from answerable.answer.conflict import MAX_APART, MIN_COVERAGE, Conflict
from answerable.answer.question import coverage, stem_set
from answerable.answer.seam import own_passages
from answerable.core.conflict import ConflictState, DocumentConflict, Side
from answerable.core.errors import DeadlineExceeded, Unreachable
from answerable.core.passage import Passage
from answerable.core.ports import Conflicts, Store
from answerable.core.prompt import ContextBlock
from answerable.core.query import Query
from answerable.core.seam import seam
from answerable.core.trace import skip

# Of the question, where no sentence of the context is nearer: docs/decisions/0132-recorded-conflicts-in-answers.md
MIN_RECORDED = 0.25
_LEAST = 0.01  # of the question, by the sentences themselves: a title alone is about many things


async def look_up(
    conflicts: Conflicts, query: Query, context: Sequence[ContextBlock]
) -> tuple[DocumentConflict, ...]:
    """Those that the asker may read both sides of, and that a passage of the context is a side of."""
    documents = sorted({block.passage.chunk.document_id for block in context})
    standing = await conflicts.standing(query.scope, document_ids=documents)
    return tuple(one for one in standing if any(_holding(context, side) for side in one.sides))


async def recorded_conflict(
    standing: Sequence[DocumentConflict],
    store: Store,
    query: Query,
    context: Sequence[ContextBlock],
    weights: Mapping[str, float],
) -> Conflict | None:
    """The one that the question is most about, or none. A side that was not retrieved is fetched by its chunk."""
    said = [one for block in context for one in candidates(block)]
    told = max((coverage(weights, one.stems) for one in said), default=0.0)
    nearest = max((coverage(weights, one.stems | one.around) for one in said), default=0.0)
    asked = [
        (fit, one)
        for one in standing
        if one.state is not ConflictState.ACCEPTED
        and (fit := _fit(one, context, weights)) >= MIN_RECORDED
        and fit >= nearest - MAX_APART
        and (own := _told(one, context, weights)) >= max(told - MAX_APART, _LEAST)
        and (fit >= MIN_COVERAGE or own >= told)
    ]
    for _, one in sorted(asked, key=lambda pair: (-pair[0], pair[1].id)):
        if found := await _with_both(one, store, query, context):
            return found
    return None


def is_accepted(conflict: Conflict, standing: Sequence[DocumentConflict]) -> bool:
    """Whether an owner has said of these two sentences that both may stand."""
    said = {_bare(conflict.first.text), _bare(conflict.second.text)}
    return any(
        one.state is ConflictState.ACCEPTED and {_bare(side.text) for side in one.sides} == said
        for one in standing
    )


def settled(conflict: Conflict, *, on_conflict: str, priority: Sequence[str]) -> Conflict:
    """The conflict with the side first that the declared rule prefers; unchanged where it does not decide."""
    if on_conflict == "newest":
        first, second = (one.block.passage.updated_at for one in (conflict.first, conflict.second))
        return replace(conflict, rule="newest") if first and second and first > second else conflict
    if on_conflict == "source_priority":
        first_at, second_at = (_rank(one.block.passage, priority) for one in (conflict.first, conflict.second))
        if first_at == second_at:
            return conflict
        turned = (
            conflict if first_at < second_at else replace(conflict, first=conflict.second, second=conflict.first)
        )
        return replace(turned, rule="source_priority")
    return conflict


def _rank(passage: Passage, priority: Sequence[str]) -> int:
    return priority.index(passage.source) if passage.source in priority else len(priority)


def _fit(one: DocumentConflict, context: Sequence[ContextBlock], weights: Mapping[str, float]) -> float:
    """How much of the question the better known side covers, with its headings."""
    best = 0.0
    for side in one.sides:
        if block := _holding(context, side):
            around = stem_set(
                " ".join((block.passage.title, *block.passage.chunk.headings)), block.passage.language
            )
            best = max(best, coverage(weights, around | stem_set(side.text, block.passage.language)))
    return best


def _told(one: DocumentConflict, context: Sequence[ContextBlock], weights: Mapping[str, float]) -> float:
    """How much of the question both sentences cover by their own words."""
    language = next(block.passage.language for side in one.sides if (block := _holding(context, side)))
    return coverage(weights, stem_set(one.first.text, language) | stem_set(one.second.text, language))


async def _with_both(
    one: DocumentConflict, store: Store, query: Query, context: Sequence[ContextBlock]
) -> Conflict | None:
    missing = [side.chunk_id for side in one.sides if _holding(context, side) is None]
    fetched: list[Passage] = []
    if missing:
        try:
            with seam("store"):
                async with store.snapshot(query.scope) as view:
                    fetched = own_passages(await view.get(missing), query.scope)
        except (Unreachable, DeadlineExceeded):
            skip("no_recorded_conflicts")
            return None
    blocks = [
        *context,
        *(ContextBlock(n=len(context) + n, passage=each) for n, each in enumerate(fetched, start=1)),
    ]
    sides = [_candidate(side, block) for side in one.sides if (block := _holding(blocks, side))]
    if len(sides) < 2 or any(side.block.passage.chunk.meta.get("suspicion") for side in sides):
        return None
    return Conflict(first=sides[0], second=sides[1], kind=one.kind)


def _holding(blocks: Sequence[ContextBlock], side: Side) -> ContextBlock | None:
    return next(
        (
            block
            for block in blocks
            if block.passage.chunk.document_id == side.document_id and side.text in block.passage.chunk.text
        ),
        None,
    )


def _candidate(side: Side, block: ContextBlock) -> Candidate:
    start = block.passage.chunk.text.index(side.text)
    stems = stem_set(side.text, block.passage.language)
    return Candidate(
        block=block, start=start, end=start + len(side.text), text=side.text, stems=stems, around=stems
    )


def _bare(sentence: str) -> str:
    return " ".join(sentence.split())
