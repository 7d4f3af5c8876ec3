"""Two searches become one list: by scores brought to one scale, or by ranks.

Nothing here depends on the order in which either search gave its passages, nor on which of the two is named first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from answerable.core.passage import Passage

DEPTH = 100  # how far down each search is looked at
RRF_K = 60  # Cormack et al. 2009

_Arm = Mapping[str, Passage]  # by chunk id, best first


def fuse(
    dense: Sequence[Passage], lexical: Sequence[Passage], *, weight: float = 0.5, limit: int
) -> list[Passage]:
    """The best `limit`, best first: weight · dense + (1 - weight) · lexical, each arm's scores scaled to [0, 1].

    An arm's scores are scaled so that its best is 1 and its worst of the first 100 is 0 (min-max); a passage that
    an arm did not find gets 0 from it. `weight` is in [0, 1]. Ties go by chunk id. Bruch et al. 2023, "An analysis
    of fusion functions for hybrid retrieval"; measured in docs/decisions/0022-fusion.md.
    """
    near, worded = _arm(dense), _arm(lexical)
    return _merge(near, worded, _scaled(near), _scaled(worded), weight=weight, limit=limit)


def fuse_ranks(
    dense: Sequence[Passage], lexical: Sequence[Passage], *, weight: float = 0.5, limit: int
) -> list[Passage]:
    """The best `limit` by reciprocal rank fusion with k = 60, scaled so that first in both arms is 1.

    Cormack, Clarke and Büttcher 2009, "Reciprocal rank fusion outperforms Condorcet". For searches whose scores
    mean nothing; where they do, `fuse` was better on every set measured.
    """
    near, worded = _arm(dense), _arm(lexical)
    return _merge(near, worded, _by_rank(near), _by_rank(worded), weight=weight, limit=limit)


def _arm(passages: Sequence[Passage]) -> _Arm:
    """One arm's first 100, best first; a chunk that was given twice keeps its better score."""
    found: dict[str, Passage] = {}
    named = [(passage.chunk.id, passage) for passage in passages]
    for chunk_id, passage in sorted(named, key=lambda one: (-one[1].score, one[0])):
        found.setdefault(chunk_id, passage)
    return dict(list(found.items())[:DEPTH])


def _scaled(arm: _Arm) -> dict[str, float]:
    scores = [passage.score for passage in arm.values()]
    low, high = min(scores, default=0.0), max(scores, default=0.0)
    if high == low:  # one passage, or all alike: found is all that can be said
        return dict.fromkeys(arm, 1.0)
    return {chunk_id: (passage.score - low) / (high - low) for chunk_id, passage in arm.items()}


def _by_rank(arm: _Arm) -> dict[str, float]:
    return {chunk_id: (RRF_K + 1) / (RRF_K + rank) for rank, chunk_id in enumerate(arm, start=1)}


def _merge(
    near: _Arm,
    worded: _Arm,
    dense: Mapping[str, float],
    lexical: Mapping[str, float],
    *,
    weight: float,
    limit: int,
) -> list[Passage]:
    if not 0.0 <= weight <= 1.0:
        raise ValueError(f"weight is {weight}, not in [0, 1]")
    scores = {
        chunk_id: weight * dense.get(chunk_id, 0.0) + (1.0 - weight) * lexical.get(chunk_id, 0.0)
        for chunk_id in {**near, **worded}
    }
    best = sorted(scores, key=lambda chunk_id: (-scores[chunk_id], chunk_id))[: max(0, limit)]
    return [_merged(near.get(one), worded.get(one), score=scores[one]) for one in best]


def _merged(dense: Passage | None, lexical: Passage | None, *, score: float) -> Passage:
    arms = {name: one for name, one in (("dense", dense), ("lexical", lexical)) if one is not None}
    kept = next(iter(arms.values()))
    said = {name: one.score for name, one in arms.items()}
    return replace(kept, score=score, found_by=tuple(arms), scores=MappingProxyType(said))
