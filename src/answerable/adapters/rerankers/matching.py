"""How a passage matches a question's words: how many of them it has, and how near to each other they stand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from answerable.text.stems import stems

NEAR = 4  # content words apart, at most

Weights = Mapping[str, float]  # stem → how telling it is, above 0
Positions = Mapping[str, Sequence[int]]  # stem → its places among the passage's content words, ascending


@lru_cache(maxsize=4096)  # the same passages come back for many questions: 10 MB for a tenth of the time
def content_stems(text: str, language: str) -> tuple[str, ...]:
    """The stems of the text without stop words, in order."""
    return tuple(stems(text, language))


def positions(found: Sequence[str], wanted: Weights) -> Positions:
    """Where the wanted stems stand."""
    places: dict[str, list[int]] = {}
    for place, stem in enumerate(found):
        if stem in wanted:
            places.setdefault(stem, []).append(place)
    return places


def rarity(wanted: Iterable[str], texts: Sequence[Iterable[str]]) -> Weights:
    """How telling each wanted stem is among these texts: BM25's idf, ln(1 + (N - df + .5) / (df + .5))."""
    held = [frozenset(text) for text in texts]
    counts = {stem: sum(stem in one for one in held) for stem in wanted}
    return {stem: math.log(1 + (len(held) - df + 0.5) / (df + 0.5)) for stem, df in counts.items()}


def coverage(places: Positions, weights: Weights) -> float:
    """The share of the question's words that the passage has, by their weights; in [0, 1]."""
    total = sum(weights.values())
    return sum(weights[stem] for stem in places) / total if total else 0.0


def proximity(places: Positions, question: Sequence[str], weights: Weights) -> float:
    """The share of the question's neighboring words that stand near each other here too; in [0, 1].

    Sequential dependence as in Metzler and Croft 2005, "A Markov random field model for term dependencies",
    reduced to unordered windows; a pair weighs as its two words do.
    """
    pairs = {pair for pair in pairwise(question) if pair[0] != pair[1]}
    total = sum(weights[first] + weights[second] for first, second in sorted(pairs))
    if not total:
        return 0.0
    near = [pair for pair in sorted(pairs) if _near(places.get(pair[0], ()), places.get(pair[1], ()))]
    return sum(weights[first] + weights[second] for first, second in near) / total


def _near(first: Sequence[int], second: Sequence[int]) -> bool:
    return any(abs(one - other) <= NEAR for one in first for other in second)
