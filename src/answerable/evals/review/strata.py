"""Which answers of a period are uncertain, gave a signal, or are rare, by rules that look at the answers alone.

A stratum is decided for every answer before anything is drawn: only so is the chance of being drawn known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from answerable.answer.verification import check_text
from answerable.core.outcome import Outcome
from answerable.text.stems import stems

RANDOM, UNCERTAIN, SIGNALS, TAIL = "random", "uncertain", "signals", "tail"
NEW = "new"  # the typical answer of a kind of input that no case of the evaluation is near to
NEAR = 0.1  # of the threshold, in probability
LOW_OVERLAP = 0.8  # of a sentence's content with its quotes; 0.7 is what is shown at all
REPHRASED_S = 600.0
REPHRASED_SHARE = 0.5  # of the shorter question's content words
RARE_SHARE = 0.05  # of the period's answers: a language or a source
RAREST_TOPICS = 0.2  # the least cited pages, together at most this share of the answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawable:
    """One answer of the period as the sampling sees it."""

    answer_id: str
    trace_id: str
    strata: tuple[str, ...]  # random, and those it belongs to besides
    outcome: str
    language: str
    topic: str  # the uri of the first page it cites; empty: none
    score: float | None  # the estimated probability that the passages held the answer


def drawable(asked: Sequence[Mapping[str, Any]], *, outcomes: Collection[str], until: datetime) -> list[Drawable]:
    """The answers given before `until` that some criterion applies to, by answer id.

    `asked` is everything that was asked, oldest first: what cannot be drawn still tells who asked again.
    """
    answered = [
        one
        for one in asked
        if one["outcome"] in outcomes and one["answer"] and datetime.fromisoformat(one["started_at"]) < until
    ]
    rephrased, tail = _rephrased(asked), _tail(answered)
    found = []
    for one in answered:
        belongs = {
            UNCERTAIN: is_uncertain(one),
            SIGNALS: gave_signal(one) or one["answer_id"] in rephrased,
            TAIL: one["answer_id"] in tail,
        }
        strata = (RANDOM, *(name for name, member in belongs.items() if member))
        found.append(_drawable(one, strata))
    return sorted(found, key=lambda one: one.answer_id)


def with_new_kinds(population: Sequence[Drawable], kinds: Sequence[Sequence[str]]) -> list[Drawable]:
    """The same with NEW at one answer of each kind: the most typical of the kind's traces that is there."""
    there = {one.trace_id for one in population}
    chosen = {found for traces in kinds if (found := next((one for one in traces if one in there), ""))}
    return [replace(one, strata=(*one.strata, NEW)) if one.trace_id in chosen else one for one in population]


def _drawable(one: Mapping[str, Any], strata: tuple[str, ...]) -> Drawable:
    return Drawable(
        answer_id=one["answer_id"],
        trace_id=one["id"],
        strata=strata,
        outcome=one["outcome"],
        language=one["language"],
        topic=_topic(one),
        score=(one["answerable"] or {}).get("probability"),
    )


def is_uncertain(asked: Mapping[str, Any]) -> bool:
    """Near the threshold of abstention, of low confidence, or with a sentence that its quotes hardly hold."""
    judged, answer = asked["answerable"] or {}, asked["answer"]
    if "probability" in judged and abs(judged["probability"] - judged["threshold"]) < NEAR:
        return True
    return (answer.get("confidence") or {}).get("level") == "low" or _lowest_overlap(answer) < LOW_OVERLAP


def gave_signal(asked: Mapping[str, Any]) -> bool:
    """Disliked, with sentences withheld, made the cheaper way, in conflict, or handed to a person."""
    troubled = asked["outcome"] in (Outcome.CONFLICT, Outcome.ESCALATED)
    return troubled or asked["feedback"] == "down" or bool(asked["withheld"]) or bool(asked["degraded"])


def _lowest_overlap(answer: Mapping[str, Any]) -> float:
    """Of its sentences with their quotes, in [0, 1]; 1 where none could be compared."""
    quotes = {one["n"]: one["quote"] for one in answer.get("sources", ())}
    lowest = 1.0
    for claim in answer.get("claims", ()):
        start, end = claim["span"]
        source = " ".join(quotes[n] for n in claim["citations"] if n in quotes)
        if source and claim["kind"] == "fact":
            support = check_text(answer["text"][start:end], source, language=answer["language"])
            lowest = min(lowest, 1.0 if support.overlap is None else support.overlap)
    return lowest


def _topic(asked: Mapping[str, Any]) -> str:
    sources = asked["answer"].get("sources") or [{}]
    return str(sources[0].get("uri", ""))


def _rephrased(asked: Sequence[Mapping[str, Any]]) -> set[str]:
    """Answers after which the same person soon asked much the same again."""
    found, last = set(), dict[str, Mapping[str, Any]]()
    for one in asked:
        before = last.get(one["principal"])
        if before is not None and _seconds_between(before, one) <= REPHRASED_S and _much_the_same(before, one):
            found.add(before["answer_id"])
        last[one["principal"]] = one
    return found


def _seconds_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> float:
    times = (datetime.fromisoformat(one["started_at"]) for one in (after, before))
    return (next(times) - next(times)).total_seconds()


def _much_the_same(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    one, other = (set(stems(asked["question"], asked["language"])) for asked in (before, after))
    return bool(one and other) and len(one & other) / min(len(one), len(other)) >= REPHRASED_SHARE


def _tail(answered: Sequence[Mapping[str, Any]]) -> set[str]:
    """Answers in a rare language, from a rare source, or on one of the rarest topics."""
    languages = Counter(one["language"] for one in answered)
    sources = Counter(_source(one) for one in answered)
    topics = _rare_topics(Counter(topic for one in answered if (topic := _topic(one))), len(answered))
    rare = RARE_SHARE * len(answered)
    return {
        one["answer_id"]
        for one in answered
        if languages[one["language"]] < rare or sources[_source(one)] < rare or _topic(one) in topics
    }


def _source(asked: Mapping[str, Any]) -> str:
    sources = asked["answer"].get("sources") or [{}]
    return str(sources[0].get("source", ""))


def _rare_topics(counts: Counter[str], total: int) -> set[str]:
    """The rarest, whole ranks at a time, as long as they are together no more than their share."""
    found: set[str] = set()
    left = RAREST_TOPICS * total
    for count in sorted(set(counts.values())):
        rank = {topic for topic, times in counts.items() if times == count}
        left -= count * len(rank)
        if left < 0:
            break
        found |= rank
    return found
