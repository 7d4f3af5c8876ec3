"""Judged pairs against the index as it stands: each question with the chunks that hold its gold words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from answerable.adapters.stored import passage
from answerable.app.gold_pages import bare
from answerable.app.lab_pairs import Origin, gather_pairs
from answerable.app.system import System
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk
from answerable.core.errors import NotFound
from answerable.core.pairs import Pair
from answerable.core.passage import Passage
from answerable.core.ports import DocumentView
from answerable.core.query import Query
from answerable.evals.pairs import locate

_PATIENCE_S = 3600.0  # no deadline of an answer counts here
_HALF = 0.5  # of the gold words that a chunk must hold to count as saying them


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One question. `gold` are the searched chunks that hold at least half of one of its quotes."""

    pair: Pair
    query: Query
    gold: tuple[Passage, ...]

    @property
    def ids(self) -> frozenset[str]:
        """Of the gold chunks."""
        return frozenset(one.chunk.id for one in self.gold)


async def judged_pairs(system: System, origin: Origin) -> tuple[list[Judged], list[str]]:
    """Those of which every quote stands in the index, by id; and why the others are left out."""
    pairs = sorted(await gather_pairs(system, origin), key=lambda one: one.id)
    views = await _views(system, sorted({span.document for pair in pairs for span in pair.spans}))
    texts = {uri: view.text for uri, view in views.items()}
    found, left_out = list[Judged](), list[str]()
    for pair in pairs:
        places = locate(pair, texts)
        if len(places) < len(pair.spans):
            left_out.append(f"{pair.id}: not all of its words are in the index")
            continue
        gold = {one.chunk.id: one for place in places for one in _holding(views, *place)}
        found.append(Judged(pair=pair, query=_query(system, pair), gold=tuple(gold.values())))
    return found, left_out


def _query(system: System, pair: Pair) -> Query:
    return system.with_deadline(system.query(pair.question, language=pair.language), Deadline.after(_PATIENCE_S))


async def _views(system: System, uris: Sequence[str]) -> dict[str, DocumentView]:
    found = {}
    for uri in uris:
        try:
            found[uri] = await system.documents.document(system.scope(), uri)
        except NotFound:
            continue  # told with the pair
    return found


def _holding(views: Mapping[str, DocumentView], uri: str, start: int, end: int) -> list[Passage]:
    view = views[uri]
    chunks = [one for one in view.chunks if one.level == 0 and _overlap(one, start, end) >= _HALF]
    return [passage(bare(view), one, version=view.version) for one in chunks]


def _overlap(chunk: Chunk, start: int, end: int) -> float:
    """The share of [start, end) that the chunk holds."""
    return max(0, min(end, chunk.end) - max(start, chunk.start)) / max(1, end - start)
