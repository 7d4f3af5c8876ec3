"""The simulated product: one question in, one reply out, right or wrong by chances that the world sets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from random import Random
from uuid import UUID

from answerable.testing.simulation.lived import Person, Turn
from answerable.testing.simulation.world import NEW, NEW_TOPIC, POISONED, STALE, TOPICS, Topic, World

OLD_MODEL, NEW_MODEL = "scripted-large-2026-06", "scripted-large-2026-11"
_MONEY = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a reply depends on. `tries`: questions on this need so far that were not answered right."""

    at: datetime
    person: Person
    topic: str
    language: str
    answerable: bool
    tries: int
    meant: str


def topic_of(name: str) -> Topic:
    """The new one too."""
    return NEW if name == NEW_TOPIC else TOPICS[name]


def reply(world: World, asked: Asked, chance: Random) -> Turn:
    """The turn as it was, without what the person did afterwards."""
    polite = asked.meant == "thanks"  # there is nothing to be wrong about
    fate = "right" if polite else _fate(world, asked, chance)
    shown = fate in ("right", "wrong")
    poisoned = shown and fate == "wrong" and _poisoned(world, asked)
    claims = 1 + min(7, int(chance.expovariate(0.5))) if shown and not polite else 0
    weak = sum(chance.random() < (0.03 if fate == "right" or poisoned else 0.25) for _ in range(claims))
    withheld = sum(chance.random() < (0.02 if fate == "right" else 0.12) for _ in range(claims))
    read, written = _tokens(world, asked, chance, claims)
    cached = shown and fate == "right" and chance.random() < 0.08
    harm, severity = _harm(fate, topic_of(asked.topic).risky, poisoned, chance)
    swapped = world.changing("provider", asked.at)
    slow = 1.0 + (swapped.slower if swapped else 0.0)
    return Turn(
        id=str(UUID(int=chance.getrandbits(128), version=4)),
        at=asked.at,
        meant=asked.meant,
        seen=_seen(world, asked.meant, chance),
        outcome="answered" if shown else "abstained",
        right=fate == "right",
        reason="" if shown else chance.choices(("no_context", "low_score", "verify_failed"), (5, 4, 1))[0],
        harm=harm,
        severity=severity,
        confidence=_confidence(fate, poisoned, chance),
        guarded=shown and chance.random() < (0.12 if harm == "inappropriate" else 0.004),
        claims=claims,
        supported=claims - weak,
        withheld=withheld,
        documents=_documents(asked, poisoned, chance),
        stale=int(shown and asked.topic == "billing" and chance.random() < 0.2),
        conflicts=int(shown and chance.random() < (0.3 if poisoned else 0.015)),
        cache="exact" if cached else "none",
        deadline_hit=not cached and chance.random() < 0.004 * slow**3,
        fallback=not cached and chance.random() < 0.01,
        latency_ms=40 if cached else round(1000 * math.exp(chance.gauss(0.45, 0.4)) * slow),
        tokens_in=0 if cached else read,
        tokens_out=0 if cached else written,
        cost=Decimal(0) if cached else _cost(world, read, written),
        margin=round(max(0.0, chance.gauss(0.3 if shown else 0.05, 0.08)), 4),
        chars=20 + int(chance.expovariate(1 / 45)),
        model=NEW_MODEL if swapped else OLD_MODEL,
        prompt_version=_version(world, asked.at),
    )


def _fate(world: World, asked: Asked, chance: Random) -> str:
    """right, wrong or abstained."""
    draw, change, poison = chance.random(), chance.random(), chance.random()
    if not asked.answerable:
        return "abstained" if draw < 0.86 else "wrong"
    right = topic_of(asked.topic).right * (0.97 if asked.language == "es" else 1.0)
    right = _nudged(right, asked.person.skill) * (0.6 if asked.tries else 1.0)
    if draw >= right:
        return "wrong" if draw < right + (1.0 - right) * 0.55 else "abstained"
    lost = 0.0
    if (deploy := world.changing("deploy", asked.at)) and asked.language == "de":
        lost = deploy.size
    if swap := world.changing("provider", asked.at):
        lost = 1.0 - (1.0 - lost) * (1.0 - swap.size)
    if _poisoned(world, asked) and poison < _reach(world, asked):
        return "wrong"
    return "right" if change >= lost else "wrong" if change < lost * 0.5 else "abstained"


def _reach(world: World, asked: Asked) -> float:
    """The share of answers on its topic that the poisoned page gets into."""
    poison = world.changing("poison", asked.at)
    return poison.size if poison else 0.0


def _poisoned(world: World, asked: Asked) -> bool:
    return asked.topic == "warranty" and world.changing("poison", asked.at) is not None


def _nudged(share: float, odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-(math.log(share / (1.0 - share)) + odds)))


def _harm(fate: str, risky: bool, poisoned: bool, chance: Random) -> tuple[str, str]:
    """A wrong answer is incorrect only where a person would call it harmful: it says what could be acted upon."""
    draw = chance.random()
    if fate == "wrong" and draw < (0.9 if poisoned else 0.5 if risky else 0.25):
        return ("damaging", "S1") if risky or poisoned else ("incorrect", "S3")
    if fate in ("right", "wrong") and draw > 0.999:
        return "inappropriate", "S4"
    return "none", ""


def _confidence(fate: str, poisoned: bool, chance: Random) -> str:
    if fate == "right" or poisoned:
        return chance.choices(("high", "medium", "low"), (78, 17, 5))[0]
    return chance.choices(("high", "medium", "low"), (35, 35, 30))[0] if fate == "wrong" else ""


def _documents(asked: Asked, poisoned: bool, chance: Random) -> tuple[str, ...]:
    found = tuple(f"doc-{asked.topic}-{n}" for n in sorted(chance.sample(range(6), 3)))
    if poisoned:
        return (POISONED, *found[:2])
    return (STALE, *found[:2]) if asked.topic == "billing" and chance.random() < 0.2 else found


def _tokens(world: World, asked: Asked, chance: Random, claims: int) -> tuple[int, int]:
    read = 1400 + 60 * min(4, asked.tries) + int(chance.expovariate(1 / 400))
    ramp = world.changing("cost", asked.at)
    if ramp:
        gone = (world.day_of(asked.at) - ramp.since_day) / (ramp.until_day - ramp.since_day)
        read = round(read * (1.0 + ramp.size * gone))
    return read, 30 + 35 * claims + int(chance.expovariate(1 / 40))


def _cost(world: World, read: int, written: int) -> Decimal:
    return Decimal((read * world.read_cost + written * world.write_cost) / 1000).quantize(_MONEY)


def _seen(world: World, meant: str, chance: Random) -> str:
    row = world.detector[meant]
    return chance.choices(list(row), list(row.values()))[0]


def _version(world: World, at: datetime) -> str:
    deploy = world.changing("deploy", at)
    return str(2 + world.changes.index(deploy)) if deploy else "1"
