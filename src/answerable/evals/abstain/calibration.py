"""From labeled answers to a promise: at most alpha wrong among the answers given; or what is missing for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from answerable.evals.abstain.answers import Scored
from answerable.evals.stats.estimate import Interval
from answerable.evals.stats.proportions import upper_bound, wilson
from answerable.evals.stats.risk import Certificate, NotCertifiable, certify

ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One language, or all. Without a certificate: `needed` more labels, about; None: labels alone will not do."""

    name: str
    asked: int  # questions
    answered: int  # of them got an answer at some threshold: the labels
    certificate: Certificate | None
    rate: Interval | None = None  # of answers among all that is asked, at the threshold
    given: int = 0  # questions answered at the threshold
    needed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What is known of one topic at the threshold for all. A check and no promise: the same labels chose it."""

    name: str
    n: int  # answers given
    k: int  # wrong
    bound: float  # on the share of wrong ones, one-sided, exact, for all topics together


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What could be promised. The groups' certificates hold together with the confidence asked for."""

    alpha: float
    confidence: float
    by: str  # "" | language
    groups: tuple[Group, ...]
    topics: tuple[Topic, ...] = ()

    @property
    def certified(self) -> tuple[Group, ...]:
        """The groups with a promise."""
        return tuple(one for one in self.groups if one.certificate)


def calibrate(
    answers: Sequence[Scored], *, alpha: float, confidence: float, by: str = "", seed: int = 0
) -> Calibration:
    """One threshold for all, or `by` language one for each: Bonferroni splits the error among the groups."""
    parts = _split(answers, by)
    delta = (1.0 - confidence) / len(parts)
    groups = tuple(_group(name, own, alpha=alpha, delta=delta, seed=seed) for name, own in parts.items())
    topics = () if by else _topics(answers, groups[0], confidence=confidence)
    return Calibration(alpha=alpha, confidence=confidence, by=by, groups=groups, topics=topics)


def _split(answers: Sequence[Scored], by: str) -> dict[str, list[Scored]]:
    if not by or not answers:
        return {ALL: list(answers)}
    return {
        name: [one for one in answers if one.language == name] for name in sorted({a.language for a in answers})
    }


def _group(name: str, asked: Sequence[Scored], *, alpha: float, delta: float, seed: int) -> Group:
    labels = [one for one in asked if one.wrong is not None]
    found = certify(
        [one.score for one in labels], [bool(one.wrong) for one in labels], alpha=alpha, delta=delta, seed=seed
    )
    group = Group(name=name, asked=len(asked), answered=len(labels), certificate=None)
    if isinstance(found, NotCertifiable):
        return replace(group, needed=found.labels_needed)
    given = sum(one.score >= found.threshold for one in labels)
    return replace(group, certificate=found, given=given, rate=wilson(given, len(asked)))


def _topics(answers: Sequence[Scored], whole: Group, *, confidence: float) -> tuple[Topic, ...]:
    names = sorted({one.topic for one in answers if one.topic})
    if len(names) < 2 or whole.certificate is None:
        return ()
    side = 1.0 - (1.0 - confidence) / len(names)
    found = []
    for name in names:
        given = [one for one in answers if one.topic == name and one.wrong is not None]
        wrong = [bool(one.wrong) for one in given if one.score >= whole.certificate.threshold]
        n, k = len(wrong), sum(wrong)
        found.append(Topic(name=name, n=n, k=k, bound=upper_bound(k, n, confidence=side)))
    return tuple(found)
