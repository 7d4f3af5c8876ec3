"""abstain.lock: the certificate as a file in git. Written by `abstain calibrate`, read at every start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from answerable.core.errors import ConfigError
from answerable.core.identity import content_id
from answerable.evals.abstain.answers import Scored, data_hash
from answerable.evals.abstain.calibration import ALL, Calibration, Group
from answerable.evals.stats.risk import SELECTION

FILE = "abstain.lock"
_KNOTS = 20
Share = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Promise(_Part):
    """One group's: among `n` calibration answers at or above the threshold, `k` were wrong."""

    group: str  # all, or a language
    threshold: Share
    n: int
    k: int
    bound: Share  # on the share of wrong answers, one-sided, exact
    answered: Share  # of all questions, at this threshold
    answered_low: Share
    answered_high: Share
    labels: int
    selection: int  # of the labels: they chose where to start


class Missing(_Part):
    """A group without a promise."""

    group: str
    labels: int
    needed: int | None  # about so many more; null: labels alone will not do


class TopicCheck(_Part):
    """What is known of one topic at the threshold for all; no promise."""

    topic: str
    n: int
    k: int
    bound: Share


class Lock(_Part):
    """At most `risk` wrong among the answers given, at this confidence; until it expires or something changes."""

    id: str
    risk: Share
    confidence: Share
    method: str = f"fixed-sequence testing, exact binomial bounds, {SELECTION:.0%} of the labels chose the start"
    by: str
    made: datetime
    expires: datetime
    data: str  # sha256 of the labeled answers
    origin: str  # where they came from
    promises: tuple[Promise, ...] = Field(min_length=1)
    missing: tuple[Missing, ...] = ()
    topics: tuple[TopicCheck, ...] = ()
    fingerprint: Mapping[str, str]  # what makes scores and answers, part by part
    knots: tuple[tuple[float, float], ...]  # score, share of the calibration's given answers at or below it
    given: int  # those answers

    def promise_for(self, language: str) -> Promise | None:
        """The one that covers an answer in this language."""
        wanted = language if self.by else ALL
        return next((one for one in self.promises if one.group == wanted), None)

    def covers(self, score: float, language: str) -> bool:
        """Whether an answer with this score is one of those that it is about: given at its threshold."""
        promise = self.promise_for(language)
        return promise is not None and score >= promise.threshold

    @property
    def strictest(self) -> float:
        """The highest threshold in it."""
        return max(one.threshold for one in self.promises)


def make_lock(
    calibration: Calibration,
    answers: Sequence[Scored],
    *,
    origin: str,
    fingerprint: Mapping[str, str],
    now: datetime,
    lasts_s: float,
) -> Lock:
    """The certificate of a calibration with at least one promise. Its id follows from what it promises."""
    digest = data_hash(answers)
    scores = _given_scores(calibration, answers)
    facts = [str(calibration.alpha), str(calibration.confidence), calibration.by, digest, *fingerprint.values()]
    return Lock(
        id=content_id("rc", *facts)[:15],
        risk=calibration.alpha,
        confidence=calibration.confidence,
        by=calibration.by,
        made=now,
        expires=now + timedelta(seconds=lasts_s),
        data=digest,
        origin=origin,
        promises=tuple(_promise(one) for one in calibration.certified),
        missing=tuple(
            Missing(group=one.name, labels=one.answered, needed=one.needed)
            for one in calibration.groups
            if one.certificate is None
        ),
        topics=tuple(TopicCheck(topic=one.name, n=one.n, k=one.k, bound=one.bound) for one in calibration.topics),
        fingerprint=dict(fingerprint),
        knots=knots(scores),
        given=len(scores),
    )


def knots(scores: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """At most 21 points of the distribution of scores, each at a score that was seen."""
    ranked = sorted(scores)
    chosen = (
        {ranked[round(place * (len(ranked) - 1) / _KNOTS)] for place in range(_KNOTS + 1)} if ranked else set()
    )
    return tuple((one, sum(other <= one for other in ranked) / len(ranked)) for one in sorted(chosen))


def write_lock(lock: Lock, path: Path) -> None:
    """Replace the file."""
    path.write_text(lock.model_dump_json(indent=2) + "\n", encoding="utf-8")


def read_lock(path: Path) -> Lock | None:
    """None where there is no file. Raises ConfigError for one that cannot be read: no promise is guessed."""
    if not path.is_file():
        return None
    try:
        return Lock.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as exc:
        first = str(exc).splitlines()[0]
        raise ConfigError(
            f"{path} cannot be read: {first}", hint="answerable abstain calibrate makes it anew; or delete it"
        ) from exc


def _given_scores(calibration: Calibration, answers: Sequence[Scored]) -> list[float]:
    """Of the answers that the promises are about."""
    least = {one.name: one.certificate.threshold for one in calibration.groups if one.certificate}
    group = {one: one.language if calibration.by else ALL for one in answers}
    return [one.score for one in answers if one.wrong is not None and one.score >= least.get(group[one], 2.0)]


def _promise(group: Group) -> Promise:
    certificate, rate = group.certificate, group.rate
    assert certificate is not None  # noqa: S101 - only certified groups come here
    assert rate is not None  # noqa: S101
    return Promise(
        group=group.name,
        threshold=certificate.threshold,
        n=certificate.n,
        k=certificate.k,
        bound=certificate.bound,
        answered=group.given / group.asked,
        answered_low=rate.low,
        answered_high=rate.high,
        labels=group.answered,
        selection=certificate.selection,
    )
