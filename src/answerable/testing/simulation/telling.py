"""What the log holds of a need: its events, as the real emission names them, and nothing of the truth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from random import Random
from typing import Any

from answerable.core.event import Event, event_id_of
from answerable.core.event_names import LINKED
from answerable.testing.simulation.lived import Need, Person, Turn
from answerable.testing.simulation.world import World

BITS = 128
TOPIC_NOISE, TURN_NOISE = 0.3, 0.055  # of a sketch's bits: between needs on one topic, between turns on one need
_ALIKE = {"rephrase": 0.85, "pushback": 0.45, "thanks": 0.1, "new_topic": 0.2, "first": 0.0}
_NOBODY = {"person": None, "conversation": "", "channel": "", "language": "", "topic": "", "outcome": "",
           "confidence": "", "index_version": ""}  # fmt: skip
PROVIDER, PROMPT = "scripted", "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Makes events of needs. Equal worlds and needs make equal events, ids too."""

    world: World

    def events(self, need: Need) -> Iterator[Event]:
        """Of its turns, and of what followed."""
        chance = Random(f"{need.id}/told")
        sketch = self._sketch(need)
        for number, turn in enumerate(need.turns):
            base = self._columns(need, turn)
            yield self._event("question.asked", turn.at, base, _asked(need, turn, number, sketch, chance))
            yield from self._answered(turn, base)
            yield from self._page(turn, base)
        yield from self._aftermath(need)

    def _answered(self, turn: Turn, base: Mapping[str, Any]) -> Iterator[Event]:
        shown = turn.outcome == "answered"
        at = turn.at + timedelta(milliseconds=min(60, turn.latency_ms))
        done = turn.at + timedelta(milliseconds=turn.latency_ms)
        found = {"candidates": 40, "kept": len(turn.documents), "top_score": round(0.4 + turn.margin, 4),
                 "margin": turn.margin, "stale_in_context": turn.stale, "documents": list(turn.documents),
                 "conflicts": [f"cf_{n}" for n in range(turn.conflicts)]}  # fmt: skip
        yield self._event("retrieval.done", at, base, found)
        if turn.cache == "none":
            money = {"tokens_in": turn.tokens_in, "tokens_cached": 0, "tokens_out": turn.tokens_out,
                     "cost": turn.cost, "currency": self.world.currency}  # fmt: skip
            call = {"use": "answer", "attempt": 2 if turn.fallback else 1, "status": "ok",
                    "ttft_ms": turn.latency_ms * 0.3, "fallback": turn.fallback, "hedge": False,
                    "reported": turn.model}  # fmt: skip
            yield self._event("model.called", done, {**base, **money, **_NOBODY}, call)
        if turn.guarded:
            hit = {"guard": "tone", "stage": "answer", "rule": "tone-1", "action": "tell", "severity": "low"}
            yield self._event("guard.hit", done, base, hit)
        whole = {**base, "latency_ms": turn.latency_ms, "first_text_ms": round(turn.latency_ms * 0.35),
                 "tokens_in": turn.tokens_in, "tokens_out": turn.tokens_out, "cost": turn.cost,
                 "currency": self.world.currency}  # fmt: skip
        yield self._event("answer.shown" if shown else "answer.abstained", done, whole, _answer(turn))

    def _page(self, turn: Turn, base: Mapping[str, Any]) -> Iterator[Event]:
        """What the page and the person on it say of the answer."""
        done = turn.at + timedelta(milliseconds=turn.latency_ms)
        if turn.displayed and base["channel"] == "web":
            yield self._event("answer.displayed", done + timedelta(milliseconds=30), base, {"ms": 30})
        if turn.opened:
            opened = {"n": turn.opened, "dwell_ms": 7000 if turn.right else 3000}
            yield self._event("citation.opened", done + timedelta(seconds=3), base, opened)
        if turn.copied:
            yield self._event("answer.copied", done + timedelta(seconds=4), base, {"n": 1, "dwell_ms": 4000})
        if turn.vote or turn.solved:
            said = {"value": turn.vote, "solved": turn.solved, "has_comment": False}
            yield self._event("feedback.given", done + timedelta(seconds=6), base, said)

    def _aftermath(self, need: Need) -> Iterator[Event]:
        last = need.turns[-1]
        base = self._columns(need, last)
        done = last.at + timedelta(milliseconds=last.latency_ms)
        if need.escalation:
            at, name = done + timedelta(seconds=need.escalated_s), f"es_{need.id}"
            yield self._event("escalation.requested", at, base, {"trigger": need.escalation, "escalation": name})
            waited = 60.0 + 5 * need.escalated_s
            yield self._event("escalation.claimed", at + timedelta(seconds=waited), base,
                              {"escalation": name, "wait_s": waited})  # fmt: skip
            outcome = {"escalation": name, "wait_s": waited + 600, "outcome": "solved", "ai_was_right": last.right,
                       "same_answer": last.right}  # fmt: skip
            yield self._event("escalation.resolved", at + timedelta(seconds=waited + 600), base, outcome)
        if need.ticket_h is not None:
            at = done + timedelta(hours=need.ticket_h)
            linked = {"same_need": True, "hours_after": need.ticket_h}
            yield self._event("ticket.linked", at, base, linked)
        if need.goal_s is not None:
            yield self._event("goal.reached", done + timedelta(seconds=need.goal_s), base, {"goal": "done"})

    def _event(self, name: str, at: datetime, base: Mapping[str, Any], props: Mapping[str, Any]) -> Event:
        return Event(name=name, at=at, id=event_id_of(at, name, base["answer"]), props=props, **base)

    def _columns(self, need: Need, turn: Turn) -> dict[str, Any]:
        number = self.world.day_of(turn.at)
        poisoned = [one for one in self.world.changes if one.kind == "poison"]
        switched = sum(number >= day for one in poisoned for day in (one.since_day, one.until_day))
        return {
            "tenant": self.world.tenant, "assistant": "support", "environment": "production",
            "person": person_key(self.world, need.person, turn.at), "conversation": need.conversation,
            "answer": answer_of(turn), "trace": turn.id.replace("-", ""), "channel": need.person.channel,
            "language": need.language, "topic": need.topic, "outcome": turn.outcome, "confidence": turn.confidence,
            "prompt_id": PROMPT, "prompt_version": turn.prompt_version, "model": turn.model, "provider": PROVIDER,
            "index_version": str(7 + switched), "code_version": "1.0", "holdout": need.person.holdout,
        }  # fmt: skip

    def _sketch(self, need: Need) -> int:
        """Of the need: the same for one that is brought again, near to others on its topic."""
        root = need.again_of or need.id
        return _topic_sketch(need.topic) ^ _flips(Random(f"{root}/sketch"), TOPIC_NOISE)


def person_key(world: World, person: Person, at: datetime) -> bytes | None:
    """As the log knows a person at a moment; None where they do not want to be."""
    return _key(world, person, _span(world, at)) if person.tracked else None


def links(world: World, needs: Iterable[Need]) -> Iterator[Event]:
    """That who came under a new key is the one of the key before, as it is told when they first come under it."""
    first = _span(world, world.start)
    seen = {(one.person.number, _span(world, turn.at)): one.person for one in needs for turn in one.turns}
    for (_, span), person in sorted(seen.items(), key=lambda each: each[0]):
        if person.tracked and span > first:
            at = datetime.fromtimestamp(span * world.rotate_days * 86_400, UTC)
            own, earlier = _key(world, person, span), _key(world, person, span - 1).hex()
            made = event_id_of(at, world.tenant, LINKED, own.hex(), earlier)
            yield Event(name=LINKED, tenant=world.tenant, at=at, id=made, person=own, props={"earlier": earlier})


def _span(world: World, at: datetime) -> int:
    return int(at.timestamp() // (world.rotate_days * 86_400))


def _key(world: World, person: Person, span: int) -> bytes:
    return blake2b(f"{world.seed}/{person.number}/{span}".encode(), digest_size=16).digest()


def answer_of(turn: Turn) -> str:
    """The id of the reply to a turn."""
    return f"an_{turn.id}"


def _asked(need: Need, turn: Turn, number: int, sketch: int, chance: Random) -> dict[str, Any]:
    alike = _ALIKE.get(turn.meant, 0.6)
    known = "" if turn.meant == "thanks" else f"v{sketch ^ _flips(chance, TURN_NOISE):032x}"
    return {
        "chars": turn.chars,
        "language_confidence": 0.99,
        "intent": "question",
        "follow_up": turn.seen,
        "similarity_to_previous": round(min(1.0, max(0.0, alike + chance.gauss(0, 0.06))), 3) if number else 0.0,
        "novelty": round(abs(chance.gauss(0.75 if need.topic == "customs" else 0.35, 0.12)), 3),
        "why_not": need.why_not or need.person.why_not,
        "need": known,
    }


def _answer(turn: Turn) -> dict[str, Any]:
    if turn.outcome == "answered":
        return {
            "claims": turn.claims,
            "claims_supported": turn.supported,
            "claims_withheld": turn.withheld,
            "citations": max(turn.claims, 1) if turn.claims else 0,
            "stale_citations": turn.stale,
            "conflicts": turn.conflicts,
            "cache": turn.cache,
            "deadline_hit": turn.deadline_hit,
            "documents": list(turn.documents[:2]),
        }
    return {"reason": turn.reason, "score": turn.margin, "documents": list(turn.documents)}


@lru_cache(maxsize=256)
def _topic_sketch(topic: str) -> int:
    return int.from_bytes(blake2b(topic.encode(), digest_size=BITS // 8).digest(), "big")


def _flips(chance: Random, share: float) -> int:
    """A mask of bits, about this share of them set."""
    count = max(0, round(chance.gauss(BITS * share, (BITS * share * (1 - share)) ** 0.5)))
    return sum(1 << bit for bit in chance.sample(range(BITS), count))
