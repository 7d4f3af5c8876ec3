"""What the steps of an answer leave in its trace, as JSON-able rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from answerable.answer.abstention import Judgement
from answerable.answer.generation import Written
from answerable.core.completion import Attempt
from answerable.core.passage import Passage
from answerable.core.verdict import Verdict

_SHOWN = 20  # candidates


def candidate_rows(
    found: Sequence[Passage], top: Sequence[Passage], kept: Sequence[Passage]
) -> list[dict[str, object]]:
    """The best candidates of the fusion: their scores, and why each was kept or dropped."""
    ranks = {passage.chunk.id: rank for rank, passage in enumerate(top, start=1)}
    chosen = {passage.chunk.id for passage in kept}
    return [
        {
            "rank": rank,
            "chunk": passage.chunk.id,
            "uri": passage.uri,
            "section": passage.section,
            "found_by": list(passage.found_by),
            "scores": {name: round(value, 4) for name, value in passage.scores.items()},
            "fused": round(passage.score, 4),
            "kept": passage.chunk.id in chosen,
            "why": _why(passage, ranks.get(passage.chunk.id), kept=passage.chunk.id in chosen),
        }
        for rank, passage in enumerate(found[:_SHOWN], start=1)
    ]


def _why(passage: Passage, rank: int | None, *, kept: bool) -> str:
    if rank is None:
        return "reranked below the top, or a copy of a better one"
    if kept:
        return f"reranked to {rank}"
    if suspicion := passage.chunk.meta.get("suspicion"):
        return f"reranked to {rank}, demoted: suspicious ({suspicion})"
    return f"reranked to {rank}, behind the kept ones"


def judgement_row(judgement: Judgement, threshold: float) -> dict[str, object]:
    """Whether the passages can answer, and on what grounds."""
    return {
        "probability": round(judgement.probability, 4),
        "threshold": threshold,
        "answerable": judgement.answerable,
        "features": asdict(judgement.features),
    }


def verdict_rows(verdicts: Sequence[Verdict]) -> list[dict[str, object]]:
    """What the guards said, without those that had nothing to say."""
    return [
        {
            "name": verdict.name,
            "action": verdict.action,
            "rule": verdict.rule,
            "reason": verdict.reason,
            "score": verdict.score,
        }
        for verdict in verdicts
        if verdict.action != "allow"
    ]


def attempt_rows(attempts: Sequence[Attempt]) -> list[dict[str, Any]]:
    """Every try at a provider."""
    return [asdict(attempt) for attempt in attempts]


def generation_row(written: Written) -> dict[str, object]:
    """What the writing came to."""
    completion = written.completion
    return {
        "sentences": len(written.composition.claims),
        "withheld": [{"text": one.text, "reason": one.reason} for one in written.composition.withheld],
        "attempts": attempt_rows(completion.attempts) if completion else [],
        "model": completion.model if completion else "",
        "cache": completion.cache if completion else "",
        "finish": completion.finish if completion else "",
        "reply": completion.text if completion else "",
        "verdicts": verdict_rows(written.verdicts),
    }
