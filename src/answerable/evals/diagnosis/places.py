"""Where on its way into the context a passage was lost, told from its ranks alone."""

from __future__ import annotations

from answerable.evals.diagnosis.bench import Page, Place
from answerable.evals.diagnosis.stages import Stage

NEAR = 3  # a passage asked for in its own words is among the first three, or its arm is broken


def lost_at(place: Place, page: Page, *, keep: int) -> tuple[Stage, str]:
    """The stage that lost a passage which does not fit into the context, and why."""
    ranks = told(place, keep=keep)
    if place.kept:
        return Stage.CONTEXT, f"{place.uri} is kept and does not fit: {ranks}"
    if _within(place.recut, keep) and not page.cut_as_shipped:
        return Stage.CHUNKING, f"{place.uri}, cut as it ships, would come {place.recut}. by its vector: {ranks}"
    if _within(place.fused, keep):
        return Stage.RERANKER, f"{place.uri} is fused to {place.fused} and ranked away: {ranks}"
    if broken := broken_arm(place):
        return Stage.RETRIEVAL, f"{broken}: {ranks}"
    if _within(place.dense, keep) or _within(place.lexical, keep):
        return Stage.FUSION, f"one arm has {place.uri} in front, the fusion has not: {ranks}"
    return Stage.RETRIEVAL, f"no arm has {place.uri} in front: {ranks}"


def told(place: Place, *, keep: int) -> str:
    """The ranks in words."""
    ranks = (
        ("dense", place.dense),
        ("lexical", place.lexical),
        ("fused", place.fused),
        ("reranked", place.reranked),
    )
    said = ", ".join(f"{name} {rank or 'not found'}" for name, rank in ranks)
    end = "in the context" if place.fits else "kept, not in the context" if place.kept else f"not among the {keep}"
    return f"{said}; {end}"


def broken_arm(place: Place) -> str:
    """An arm that cannot find a passage by the passage's own words is broken, whatever the question."""
    arms = (("dense", place.dense_by_itself, place.dense), ("lexical", place.lexical_by_itself, place.lexical))
    for name, alone, rank in arms:
        if not _within(alone, NEAR) and not _within(rank, NEAR):
            where = f"at {alone}" if alone else "nowhere"
            return f"the {name} arm is broken: asked in the passage's own words, it has it {where}"
    return ""


def _within(rank: int | None, limit: int) -> bool:
    return rank is not None and rank <= limit
