"""What a learned reranker knows of each candidate: numbers from 0 to 1 that search and the base reranker left."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from answerable.adapters.rerankers.matching import content_stems
from answerable.core.passage import Passage
from answerable.core.query import Query

VERSION = 1  # raise it when a number below changes its meaning: weights learned before are refused then
FEATURES = (
    "base",  # the base reranker's score
    "fused",  # the score it got
    "dense",  # cosine, below 0 is 0
    "lexical",  # BM25 over the best candidate's
    "base_rank",  # 1 / rank, here and below; 0 where the arm did not find it
    "fused_rank",
    "dense_rank",
    "lexical_rank",
    "both",  # found by both arms
    "coverage",  # as the base reranker says, 0 where it does not
    "proximity",
    "late",
    "title",  # the share of the question's stems in the title
    "section",  # and in the heading path
    "codes",  # the share of the question's codes and numbers that stand in the text letter by letter
    "fresh",  # 1 the newest candidate's date, 0 the oldest's or none
    "length",  # ln of its words, 1,000 or more are 1
    "first",  # the best of its document so far
)
_CODE = re.compile(r"[\w.-]*\d[\w.-]*\w|\d")
_LONG = math.log1p(1000)

Floats = NDArray[np.float64]


def features(query: Query, fused: Sequence[Passage], based: Sequence[Passage]) -> Floats:
    """Shape (len(based), len(FEATURES)): `based` are the candidates as the base left, `fused` as it got them."""
    came = {passage.chunk.id: passage for passage in fused}
    best = max((passage.scores.get("lexical", 0.0) for passage in based), default=0.0) or 1.0
    ranks = {
        "fused": _ranks([passage.chunk.id for passage in fused]),
        "dense": _arm_ranks(based, "dense"),
        "lexical": _arm_ranks(based, "lexical"),
    }
    fresh, first = _freshness(based), _firsts(based)
    asked, codes = frozenset(content_stems(query.text, query.language or "en")), set(_CODE.findall(query.text))
    rows = [
        {
            "base": one.score,
            "fused": came[one.chunk.id].score,
            "dense": max(0.0, one.scores.get("dense", 0.0)),
            "lexical": one.scores.get("lexical", 0.0) / best,
            "base_rank": 1.0 / rank,
            **{f"{arm}_rank": of.get(one.chunk.id, 0.0) for arm, of in ranks.items()},
            "both": float(len(one.found_by) > 1),
            **{name: one.scores.get(name, 0.0) for name in ("coverage", "proximity", "late")},
            "title": _share(asked, content_stems(one.title, one.language)),
            "section": _share(asked, content_stems(one.chunk.heading, one.language)),
            "codes": sum(code in one.chunk.text for code in codes) / len(codes) if codes else 0.0,
            "fresh": fresh(one.updated_at),
            "length": math.log1p(len(one.chunk.text.split())) / _LONG,
            "first": float(one.chunk.id in first),
        }
        for rank, one in enumerate(based, start=1)
    ]
    table = [[row[name] for name in FEATURES] for row in rows]
    return np.clip(np.array(table, dtype=np.float64).reshape(len(based), len(FEATURES)), 0.0, 1.0)


def _ranks(ids: Sequence[str]) -> Mapping[str, float]:
    return {one: 1.0 / rank for rank, one in enumerate(ids, start=1)}


def _arm_ranks(passages: Sequence[Passage], arm: str) -> Mapping[str, float]:
    found = [(one.scores[arm], one.chunk.id) for one in passages if arm in one.scores]
    return _ranks([chunk_id for _, chunk_id in sorted(found, key=lambda pair: (-pair[0], pair[1]))])


def _share(asked: Collection[str], there: Sequence[str]) -> float:
    return len(set(asked).intersection(there)) / len(asked) if asked else 0.0


def _freshness(passages: Sequence[Passage]) -> Callable[[date | None], float]:
    days = [one.updated_at.toordinal() for one in passages if one.updated_at is not None]
    oldest, newest = min(days, default=0), max(days, default=0)

    def fresh(day: date | None) -> float:
        return (day.toordinal() - oldest) / (newest - oldest) if day is not None and newest > oldest else 0.0

    return fresh


def _firsts(passages: Sequence[Passage]) -> frozenset[str]:
    found: dict[str, str] = {}
    for one in passages:
        found.setdefault(one.chunk.document_id, one.chunk.id)
    return frozenset(found.values())
