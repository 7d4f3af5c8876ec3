"""Where an answer meets its ports: what they raise becomes ours, what they give is looked at before it counts.

A port that gave one wrong thing is not believed in the others either: the step takes its cheaper form.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from answerable.core.document import document_id
from answerable.core.errors import Broken
from answerable.core.passage import Passage
from answerable.core.ports import Vectors
from answerable.core.query import Scope
from answerable.core.seam import seam

__all__ = ["own_passages", "seam", "sound_order", "sound_vectors"]
log = logging.getLogger(__name__)
UNIT = 0.05  # how far the length of a unit vector may be from 1: small models round
_document_id = lru_cache(maxsize=4096)(document_id)  # a question looks at a hundred passages of few documents


def sound_vectors(vectors: Vectors, *, count: int, dim: int) -> Vectors:
    """The vectors, which are `count` rows of `dim` finite numbers and about unit length. Raises Broken."""
    with seam("embedder"):
        given = np.asarray(vectors, dtype=np.float32)
        if given.shape != (count, dim):
            raise Broken(f"the embedder gave {given.shape} for {count} texts of {dim} dimensions")
        lengths = np.linalg.norm(given, axis=1)
        if not np.all(np.abs(lengths - 1.0) <= UNIT):  # nor is a length that is no number
            raise Broken("the embedder gave a vector that is no unit vector")
    return given


def own_passages(passages: Sequence[Passage], scope: Scope) -> list[Passage]:
    """The passages, each of the scope's tenant and filter, with numbers for scores. Raises Broken.

    A document's id is made of its tenant, so a passage of another tenant gives itself away.
    """
    with seam("store"):
        for one in passages:
            if _document_id(tenant=scope.tenant, source=one.source, uri=one.uri) != one.chunk.document_id:
                log.error("the store gave a passage that is not of tenant %s: %s", scope.tenant, one.chunk.id)
                raise Broken("the store gave a passage of another tenant")
            if not _is_wanted(one, scope):
                raise Broken("the store gave a passage that the filter leaves out")
            if not _is_number(one.score, *one.scores.values()):
                raise Broken("the store gave a score that is no number")
        return list(passages)


def sound_order(ordered: Sequence[Passage], candidates: Sequence[Passage], *, limit: int) -> list[Passage]:
    """The candidates in the reranker's order, with its scores and nothing else of it. Raises Broken."""
    known = {one.chunk.id: one for one in candidates}
    found: dict[str, Passage] = {}
    with seam("reranker"):
        for one in ordered[: max(0, limit)]:
            if one.chunk.id not in known or one.chunk.id in found:
                raise Broken("the reranker gave a passage that it was not given, or one twice")
            if not _is_number(one.score, *one.scores.values()) or not 0.0 <= one.score <= 1.0:
                raise Broken("the reranker gave a score that is no number from 0 to 1")
            own = known[one.chunk.id]
            found[one.chunk.id] = replace(own, score=one.score, scores={**one.scores, **own.scores})
    if known and limit > 0 and not found:
        raise Broken("the reranker gave nothing back")
    return list(found.values())


def _is_wanted(passage: Passage, scope: Scope) -> bool:
    wanted = scope.filter
    return (
        (not wanted.sources or passage.source in wanted.sources)
        and (not wanted.languages or passage.language in wanted.languages)
        and (not wanted.documents or passage.chunk.document_id in wanted.documents)
    )


def _is_number(*values: float) -> bool:
    return all(map(math.isfinite, values))
