"""Can the passages answer the question at all? Decided before anything is generated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from answerable.answer.question import coverage, stem_set
from answerable.core.passage import Passage
from answerable.core.query import Query
from answerable.text.sentence_stems import sentence_stems


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What retrieval tells about answerability."""

    cosine: float | None  # of the nearest kept passage, in [-1, 1]; None where the dense arm did not run
    sentence: float  # idf-weighted share of the question in the best three neighboring sentences, in [0, 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """`probability` that the passages hold the answer; calibrated on public questions, not on yours."""

    probability: float
    answerable: bool
    off_topic: bool
    features: Features


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A threshold, and the id of the risk certificate that it comes from, if it still holds."""

    threshold: float
    certificate: str = ""
    expires: datetime | None = None  # of the certificate, with its time zone

    def certificate_at(self, now: datetime) -> str:
        """The certificate's id; empty where there is none, or where it has ended while the process ran."""
        return self.certificate if self.expires is None or now <= self.expires else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerability:
    """A logistic model over Features. Where the numbers come from: docs/decisions/0006-answerability.md."""

    bias: float = -6.75
    cosine: float = 8.13
    sentence: float = 4.79
    lexical_bias: float = -3.68  # without the dense arm
    lexical_sentence: float = 6.37
    threshold: float = 0.3
    certificate: str = ""  # the risk certificate that the threshold comes from
    expires: datetime | None = None  # of the certificate
    bars: Mapping[str, Bar] = field(default_factory=dict)  # by language, in the place of the two above
    off_topic: float = 0.25  # cosine below which the question is not about the documents at all

    def bar(self, language: str) -> Bar:
        """What a question in this language has to reach."""
        own = Bar(threshold=self.threshold, certificate=self.certificate, expires=self.expires)
        return self.bars.get(language) or own

    def judge(self, query: Query, passages: Sequence[Passage], weights: Mapping[str, float]) -> Judgement:
        """The judgement on the kept passages; no passages are no answer."""
        found = features(passages, weights)
        # four digits, as the trace keeps: a threshold that was calibrated on traces means the same here
        probability = round(self._probability(found), 4) if passages else 0.0
        return Judgement(
            probability=probability,
            answerable=probability >= self.bar(query.language).threshold,
            off_topic=not passages or (found.cosine is not None and found.cosine < self.off_topic),
            features=found,
        )

    def _probability(self, found: Features) -> float:
        if found.cosine is None:
            logit = self.lexical_bias + self.lexical_sentence * found.sentence
        else:
            logit = self.bias + self.cosine * found.cosine + self.sentence * found.sentence
        return 1.0 / (1.0 + math.exp(-logit))


def features(passages: Sequence[Passage], weights: Mapping[str, float]) -> Features:
    """What the kept passages say of the question whose stems have these weights."""
    cosines = [passage.scores["dense"] for passage in passages if "dense" in passage.scores]
    return Features(
        cosine=max(cosines, default=None),
        sentence=max((_best_window(passage, weights) for passage in passages), default=0.0),
    )


def _best_window(passage: Passage, weights: Mapping[str, float]) -> float:
    heading = stem_set(" ".join((passage.title, *passage.chunk.headings)), passage.language)
    parts = [one for _, _, one in sentence_stems(passage.chunk.text, passage.language)]
    windows = [heading.union(*parts[place : place + 3]) for place in range(len(parts))]
    return max((coverage(weights, window) for window in windows), default=0.0)
