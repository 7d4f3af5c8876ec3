"""How a passage matches a question's words: how many of them it has, and how near to each other they stand."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType

from answerable.core.identity import sha256_hex
from answerable.core.passage import Passage
from answerable.text.stems import stems

_WORDS = re.compile(r"\w+")
NEAR = 4  # content words apart, at most

Weights = Mapping[str, float]  # stem → how telling it is, above 0
Positions = Mapping[str, Sequence[int]]  # stem → its places among the passage's content words, ascending


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A question's words against some passages: two scores in [0, 1] for each, in their order."""

    coverage: tuple[float, ...]
    proximity: tuple[float, ...]
    weights: Weights  # of the question's stems, in every language of the passages


def match(question: str, passages: Sequence[Passage]) -> Matched:
    """Coverage and proximity. The question is read in each passage's language, so that both are stemmed alike."""
    languages = dict.fromkeys(passage.language for passage in passages)
    asked = {language: content_stems(question, language) for language in languages}
    wanted = frozenset(stem for stems_of in asked.values() for stem in stems_of)
    found = [positions(_stems(passage), wanted) for passage in passages]
    weights = rarity(wanted, found)
    own = {language: {stem: weights[stem] for stem in stems_of} for language, stems_of in asked.items()}
    pairs = {language: neighbors(stems_of) for language, stems_of in asked.items()}
    both = list(zip(passages, found, strict=True))
    return Matched(
        coverage=tuple(coverage(places, own[one.language]) for one, places in both),
        proximity=tuple(proximity(places, pairs[one.language], own[one.language]) for one, places in both),
        weights=weights,
    )


def best(scored: Sequence[tuple[float, Passage, Mapping[str, float]]], *, limit: int) -> list[Passage]:
    """The first `limit` with their new score, and with what else was found of them among their scores."""
    return [
        replace(passage, score=score, scores=MappingProxyType({**passage.scores, **said}))
        for score, passage, said in scored[: max(0, limit)]
    ]


def distinct(passages: Sequence[Passage]) -> list[Passage]:
    """Without those whose words, case and punctuation aside, another one before them has: only the first stays.

    Not those that are merely alike: `30 days` and `14 days` in the same sentence are a conflict, not a copy.
    """
    openings = [opening(passage.chunk.text) for passage in passages]
    several = {one for one, count in Counter(openings).items() if count > 1}  # only these can be copies
    first: dict[str | int, Passage] = {}
    for place, (passage, begins) in enumerate(zip(passages, openings, strict=True)):
        first.setdefault(same_words(passage.chunk.text) if begins in several else place, passage)
    return list(first.values())


@lru_cache(maxsize=4096)  # the same passages come back for many questions: 10 MB for most of the time
def content_stems(text: str, language: str) -> tuple[str, ...]:
    """The stems of the text without stop words, in order."""
    return tuple(stems(text, language))


def opening(text: str) -> str:
    """The first word, case and punctuation aside: texts that differ in it are no copies."""
    found = _WORDS.search(text)
    return found.group().casefold() if found else ""


@lru_cache(maxsize=4096)
def same_words(text: str) -> str:
    """A key that texts share when they have the same words in the same order, case and punctuation aside."""
    return sha256_hex(" ".join(_WORDS.findall(text.casefold())) or text)


def positions(found: Sequence[str], wanted: Collection[str]) -> Positions:
    """Where the wanted stems stand."""
    places: dict[str, list[int]] = {}
    for place, stem in enumerate(found):
        if stem in wanted:
            places.setdefault(stem, []).append(place)
    return places


def rarity(wanted: Iterable[str], texts: Sequence[Positions]) -> Weights:
    """How telling each wanted stem is among these texts: BM25's idf, ln(1 + (N - df + .5) / (df + .5))."""
    counts = {stem: sum(stem in text for text in texts) for stem in wanted}
    return {stem: math.log(1 + (len(texts) - df + 0.5) / (df + 0.5)) for stem, df in counts.items()}


def coverage(places: Positions, weights: Weights) -> float:
    """The share of the question's words that the passage has, by their weights; in [0, 1]."""
    total = sum(weights.values())
    return sum(weight for stem, weight in weights.items() if stem in places) / total if total else 0.0


def neighbors(question: Sequence[str]) -> list[tuple[str, str]]:
    """The pairs of different stems that stand side by side in the question, each once."""
    return [pair for pair in dict.fromkeys(pairwise(question)) if pair[0] != pair[1]]


def proximity(places: Positions, pairs: Sequence[tuple[str, str]], weights: Weights) -> float:
    """The share of the question's neighboring words that stand near each other here too; in [0, 1].

    Sequential dependence as in Metzler and Croft 2005, "A Markov random field model for term dependencies",
    reduced to unordered windows; a pair weighs as its two words do.
    """
    total = near = 0.0
    for first, second in pairs:
        weight = weights[first] + weights[second]
        total += weight
        if _near(places.get(first, ()), places.get(second, ())):
            near += weight
    return near / total if total else 0.0


def _near(first: Sequence[int], second: Sequence[int]) -> bool:
    return any(abs(one - other) <= NEAR for one in first for other in second)


def _stems(passage: Passage) -> tuple[str, ...]:
    context = content_stems(f"{passage.title}\n{passage.chunk.heading}", passage.language)
    return context + content_stems(passage.chunk.text, passage.language)
