"""Can the passages answer the question at all? Decided before anything is generated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from answerable.answer.question import coverage, passage_stems, stem_set
from answerable.core.passage import Passage
from answerable.core.query import Query
from answerable.text.sentences import sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What retrieval tells about answerability; each in [0, 1] but for the cosine in [-1, 1]."""

    cosine: float  # of the nearest passage; 0 where the dense arm did not run
    sentence: float  # idf-weighted share of the question in the best three neighboring sentences
    passage: float  # the same in the best passage
    rarest: float  # weight share of the most telling stem that no kept passage holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """`probability` that the passages hold the answer; calibrated on public questions, not on yours."""

    probability: float
    answerable: bool
    off_topic: bool
    features: Features


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerability:
    """A logistic model over Features. The numbers and their figures: docs/decisions/0006-answerability.md."""

    bias: float = -3.2
    cosine: float = 4.0
    sentence: float = 2.0
    passage: float = 2.0
    rarest: float = -1.5
    threshold: float = 0.5
    off_topic: float = 0.12  # below it the question is not about the documents at all

    def judge(self, query: Query, passages: Sequence[Passage], weights: Mapping[str, float]) -> Judgement:
        """The judgement on the kept passages, best first; no passages are no answer."""
        found = features(passages, weights)
        if not passages:
            return Judgement(probability=0.0, answerable=False, off_topic=True, features=found)
        logit = (
            self.bias
            + self.cosine * found.cosine
            + self.sentence * found.sentence
            + self.passage * found.passage
            + self.rarest * found.rarest
        )
        probability = 1.0 / (1.0 + math.exp(-logit))
        return Judgement(
            probability=probability,
            answerable=probability >= self.threshold,
            off_topic=probability < self.off_topic,
            features=found,
        )


def features(passages: Sequence[Passage], weights: Mapping[str, float]) -> Features:
    """What the kept passages say of the question whose stems have these weights."""
    total = sum(weights.values())
    held = [passage_stems(passage) for passage in passages]
    known = frozenset().union(*held) if held else frozenset[str]()
    missed = [weight for one, weight in weights.items() if one not in known]
    return Features(
        cosine=max((passage.scores.get("dense", 0.0) for passage in passages), default=0.0),
        sentence=max((_best_window(passage, weights) for passage in passages), default=0.0),
        passage=max((coverage(weights, one) for one in held), default=0.0),
        rarest=max(missed, default=0.0) / total if total else 0.0,
    )


def _best_window(passage: Passage, weights: Mapping[str, float]) -> float:
    text = passage.chunk.text
    heading = stem_set(" ".join((passage.title, *passage.chunk.headings)), passage.language)
    parts = [stem_set(text[start:end], passage.language) for start, end in sentences(text, passage.language)]
    windows = [heading.union(*parts[place : place + 3]) for place in range(len(parts))]
    return max((coverage(weights, window) for window in windows), default=0.0)
