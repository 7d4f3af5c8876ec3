"""Retrieval before generation: every case is searched, not answered, and what is found is held to the baseline.

A model is only asked where retrieval has not become worse: a dropped passage cannot be made up for by an answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from answerable.core.errors import AnswerableError
from answerable.core.evaluation import EvalCase, Row, Score
from answerable.core.passage import Passage
from answerable.core.ports import Target
from answerable.evals.gate.compare import compare
from answerable.evals.gate.decide import Decision
from answerable.evals.gate.lines import Kind, Line, Terms
from answerable.evals.gate.pairs import Pair
from answerable.evals.gate.sides import Side, changed_cases
from answerable.evals.runs.making import case_record

Rank = Callable[[EvalCase, Sequence[Passage]], Sequence[Score]]
SEARCHED = "searched"  # the outcome of a row that was not answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Searches:
    """Retrieval of head against base: the lines, and the cases that lost the most by the score that gates."""

    base: Side
    lines: tuple[Line, ...]
    lost: tuple[tuple[str, float, float], ...]  # case, base's score, head's score; the largest loss first
    asked: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """Retrieval has dropped, and nothing was generated."""

    searches: Searches
    decision: Decision
    command: str = ""


async def search_all(
    target: Target, cases: Sequence[EvalCase], *, rank: Rank, limit: int, concurrency: int
) -> tuple[Row, ...] | None:
    """A row a case with its retrieval scores; None where the target does not show what it finds.

    A case that cannot be searched is a row with an error. Raises nothing of the target's own.
    """
    turns = asyncio.Semaphore(concurrency)

    async def search(case: EvalCase) -> Row | None:
        async with turns:
            return await _row(target, case, rank=rank, limit=limit)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(search(case)) for case in cases]
    found = [row for task in tasks if (row := task.result()) is not None]
    return tuple(found) if len(found) == len(cases) else None


async def _row(target: Target, case: EvalCase, *, rank: Rank, limit: int) -> Row | None:
    began, error = time.perf_counter(), ""
    scores: tuple[Score, ...] = ()
    try:
        passages = await target.search(case, limit=limit)
        if passages is None:
            return None
        scores = tuple(rank(case, passages))
    except AnswerableError as broken:
        error = str(broken)
    return Row(
        case=case.id,
        repeat=0,
        key="",
        category=case.category,
        cluster=case.cluster_id,
        tags=case.tags,
        language=case.language,
        passed=None,
        outcome=SEARCHED,
        answer={"case": case_record(case)},
        scores=scores,
        latency_ms=(time.perf_counter() - began) * 1000,
        error=error,
    )


def compare_searches(base: Side, head: Sequence[Row], *, terms: Terms, seconds: float) -> Searches:
    """The lines of retrieval alone, over the cases that both sides have, asked and expected alike."""
    changed = changed_cases(base, replace(base, rows=tuple(head)))
    found = compare(base.rows, head, terms=terms, changed=changed)
    lines = found.of(Kind.RETRIEVAL)
    gating = next((line.name for line in lines if line.gates), "")
    pairs = (*found.pairing.pairs, *found.pairing.unmeasured)
    return Searches(base=base, lines=lines, lost=_lost(pairs, gating), asked=len(head), seconds=seconds)


def _lost(pairs: Sequence[Pair], name: str) -> tuple[tuple[str, float, float], ...]:
    found = [
        (pair.case, pair.base.scores[name], pair.head.scores[name])
        for pair in pairs
        if name in pair.base.scores and name in pair.head.scores
    ]
    lost = [one for one in found if one[2] < one[1]]
    return tuple(sorted(lost, key=lambda one: (one[2] - one[1], one[0])))
