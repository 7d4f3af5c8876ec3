"""Following the gold spans of failing cases through the present index: where each was lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from answerable.answer.followup import standalone
from answerable.app.gold_pages import holds, passages_of
from answerable.app.library import Library
from answerable.app.system import System
from answerable.app.targets import OURS
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk
from answerable.core.evaluation import GoldSpan, Row, Run
from answerable.core.passage import Passage
from answerable.core.query import Query
from answerable.evals.metrics.gold import HELD, Gold, coverage
from answerable.evals.runs.attribution import Lost, Way, lost_at, wants_attribution

_PATIENCE_S = 30.0


async def attribute(system: System, run: Run, rows: Sequence[Row]) -> dict[str, Lost]:
    """By row key, of the failing rows with gold spans; none where another system was asked.

    The index and the search are the present ones: after a change of either it says what would be lost now.
    """
    if run.target != OURS:
        return {}
    found = {}
    async with Library(system=system) as library:
        for row in rows:
            if wants_attribution(row):
                found[row.key] = lost_at(await _ways(library, row))
    return found


async def _ways(library: Library, row: Row) -> list[Way]:
    case: Mapping[str, Any] = row.answer["case"]
    query = _query(library.system, case, row)
    candidates = (await library.system.asker.retriever.find(query, standalone(query))).passages
    context = [_shown(one) for one in row.answer.get("passages", ())]
    spans = [GoldSpan(document=one["document"], quote=one["quote"]) for one in case["expect"]["spans"]]
    return [await _way(library, one, candidates, context) for one in spans]


async def _way(library: Library, span: GoldSpan, candidates: Sequence[Passage], context: Sequence[Passage]) -> Way:
    view = await library.indexed(span.document)
    gold = Gold(place=span.document, quote=span.quote)
    return Way(
        in_corpus=view is not None and holds(view.text, span.quote),
        whole=view is not None and any(holds(one.chunk.text, span.quote) for one in passages_of(view)),
        found=coverage(gold, candidates) >= HELD,
        kept=coverage(gold, context) >= HELD,
    )


def _query(system: System, case: Mapping[str, Any], row: Row) -> Query:
    query = system.query(case["question"], groups=case.get("groups", ()), language=row.language)
    return replace(query, filter=system.filter(case.get("filters", {})), deadline=Deadline.after(_PATIENCE_S))


def _shown(record: Mapping[str, Any]) -> Passage:
    """A passage as the row keeps it."""
    chunk = Chunk(document_id=record["document"], start=0, end=len(record["text"]), text=record["text"])
    return Passage(chunk=chunk, score=record["score"], title=record["title"], uri=record["uri"])
