"""How good a ranking is: nDCG, recall, reciprocal rank and precision of one query, each in [0, 1].

`ranked` holds ids, best first; `relevant` gives the grade of each judged id (above 0: relevant). All are None,
not 0, for a query without a relevant id: there is nothing to measure. An id ranked twice counts at its first
place. Definitions as in trec_eval.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

Grades = Mapping[str, int]


def ndcg(ranked: Sequence[str], relevant: Grades, *, k: int = 10) -> float | None:
    """Discounted gain over the best possible one, gain = grade, discount = log2(1 + rank).

    Järvelin and Kekäläinen 2002, "Cumulated gain-based evaluation of IR techniques", with the discount of
    Burges et al. 2005 that trec_eval's ndcg_cut uses.
    """
    best = _gain(sorted((grade for grade in relevant.values() if grade > 0), reverse=True)[:k])
    if best == 0.0:
        return None
    return _gain(max(0, relevant.get(one, 0)) for one in _first(ranked, k)) / best


def recall(ranked: Sequence[str], relevant: Grades, *, k: int = 10) -> float | None:
    """The share of all relevant ids that are among the first k."""
    wanted = _wanted(relevant)
    return len(wanted.intersection(_first(ranked, k))) / len(wanted) if wanted else None


def precision(ranked: Sequence[str], relevant: Grades, *, k: int = 10) -> float | None:
    """The share of the first k places that hold a relevant id; a missing place counts as a wrong one."""
    wanted = _wanted(relevant)
    return len(wanted.intersection(_first(ranked, k))) / k if wanted else None


def reciprocal_rank(ranked: Sequence[str], relevant: Grades, *, k: int = 10) -> float | None:
    """1 / rank of the first relevant id among the first k, else 0; the mean is MRR@k (Voorhees 1999, TREC-8)."""
    wanted = _wanted(relevant)
    if not wanted:
        return None
    return next((1.0 / rank for rank, one in enumerate(_first(ranked, k), start=1) if one in wanted), 0.0)


def _wanted(relevant: Grades) -> set[str]:
    return {one for one, grade in relevant.items() if grade > 0}


def _first(ranked: Sequence[str], k: int) -> list[str]:
    return list(dict.fromkeys(ranked))[:k]


def _gain(grades: Iterable[int]) -> float:
    return sum(grade / math.log2(1 + rank) for rank, grade in enumerate(grades, start=1))
