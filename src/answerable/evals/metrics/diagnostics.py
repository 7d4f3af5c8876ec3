"""RAGChecker's measures out of its matrix (Ru et al. 2024, arXiv:2408.08067, §3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from answerable.evals.metrics.matrix import Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostics:
    """RAGChecker's measures, each in [0, 1]; None where its denominator is empty."""

    precision: float | None
    recall: float | None
    claim_recall: float | None
    context_precision: float | None
    context_utilization: float | None
    faithfulness: float | None
    hallucination: float | None
    self_knowledge: float | None
    noise_sensitivity_relevant: float | None
    noise_sensitivity_irrelevant: float | None


def diagnose(table: Matrix) -> Diagnostics:
    """The measures of RAGChecker §3.3.1-3.3.3. Recall asks for must and reference; for quotes where neither is."""
    said = _places(table, ("must", "reference")) or _places(table, ("quote",))
    found = _places(table, ("quote",)) or _places(table, ("must", "reference"))
    judged = any(one.kind != "must" for one in table.facts)  # phrases alone say nothing of a whole claim
    retrieved = [place for place in said if any(table.fact_in_chunk[place])]
    faithful = [any(row) for row in table.claim_in_chunk]
    right = table.claim_in_gold
    relevant = [any(column) for column in zip(*table.fact_in_chunk, strict=True)]
    noise = [_noise(row, relevant) for row in table.claim_in_chunk]
    wrong = [not one for one in right]
    return Diagnostics(
        precision=_share(right) if judged else None,
        recall=_share([table.fact_in_answer[place] for place in said]),
        claim_recall=_share([any(table.fact_in_chunk[place]) for place in found]),
        context_precision=_share(relevant),
        context_utilization=_share([table.fact_in_answer[place] for place in retrieved]),
        faithfulness=_share(faithful),
        hallucination=_share([not a and b for a, b in zip(faithful, wrong, strict=True)]) if judged else None,
        self_knowledge=_share([not a and not b for a, b in zip(faithful, wrong, strict=True)]) if judged else None,
        noise_sensitivity_relevant=_share([b and n == "relevant" for n, b in zip(noise, wrong, strict=True)])
        if judged
        else None,
        noise_sensitivity_irrelevant=_share([b and n == "irrelevant" for n, b in zip(noise, wrong, strict=True)])
        if judged
        else None,
    )


def _places(table: Matrix, kinds: Sequence[str]) -> list[int]:
    return [place for place, one in enumerate(table.facts) if one.kind in kinds]


def _noise(row: Sequence[bool], relevant: Sequence[bool]) -> str:
    """Where a claim comes from; a relevant chunk wins, so that the two kinds exclude each other."""
    held = [useful for inside, useful in zip(row, relevant, strict=False) if inside]
    return "relevant" if any(held) else "irrelevant" if any(row) else ""


def _share(found: Sequence[bool]) -> float | None:
    return sum(found) / len(found) if found else None
