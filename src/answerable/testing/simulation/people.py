"""Who asks, drawn from a world: languages, hours, patience, and the few who are no customers."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from answerable.testing.simulation.lived import Person
from answerable.testing.simulation.world import LANGUAGES, World

_WEEKDAYS = (1.0, 1.05, 1.0, 1.0, 0.95, 0.45, 0.35)
STAFF, BOTS, UNTRACKED, BY_API = 0.015, 0.004, 0.04, 0.1


def persons_of(world: World) -> tuple[list[Person], list[float]]:
    """Everybody, and how often each one asks, cumulated: few ask much, many ask once."""
    chance = Random(f"{world.seed}/persons")
    made, weights, total = [], [], 0.0
    for number in range(world.persons):
        person = _person(number, chance, world)
        total += chance.gammavariate(0.8, 1.0) * (6.0 if person.why_not == "bot" else 1.0)
        made.append(person)
        weights.append(total)
    return made, weights


def _person(number: int, chance: Random, world: World) -> Person:
    kind = chance.random()
    why_not = "staff" if kind < STAFF else "bot" if kind < STAFF + BOTS else ""
    return Person(
        number=number,
        language=chance.choices(list(LANGUAGES), list(LANGUAGES.values()))[0],
        hour=min(22.0, max(6.0, chance.gauss(*((10.5, 2.0) if chance.random() < 0.6 else (16.0, 2.8))))),
        skill=chance.gauss(0.0, 0.4),
        votes=min(0.9, chance.betavariate(0.25, 4.0)),
        patience=chance.betavariate(3.0, 2.0),
        channel="api" if why_not == "bot" or chance.random() < BY_API else "web",
        tracked=chance.random() >= UNTRACKED,
        why_not=why_not,
        holdout=chance.random() < world.holdout,
    )


def moments(world: World) -> list[datetime]:
    """When needs come, in order, by weekday; the hour is the person's and comes later."""
    chance = Random(f"{world.seed}/moments")
    days = list(range(world.days))
    shares = [_WEEKDAYS[(world.start + timedelta(days=day)).weekday()] for day in days]
    drawn = sorted(chance.choices(days, shares, k=world.needs))
    return [world.start + timedelta(days=day) for day in drawn]


def at_hour(day: datetime, person: Person, chance: Random) -> datetime:
    """A moment of the day near the person's hour."""
    hour = person.hour + chance.gauss(0.0, 1.8)
    return day + timedelta(seconds=round(min(23.9, max(0.1, hour)) * 3600 + chance.random() * 60, 3))
