"""Living a world: every person brings needs, asks, is answered, and goes on, gives up, comes back or votes."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from answerable.testing.simulation.lived import Need, Person, Turn
from answerable.testing.simulation.people import at_hour, moments, persons_of
from answerable.testing.simulation.replying import Asked, reply, topic_of
from answerable.testing.simulation.world import NEW_TOPIC, TOPICS, World

MOST_TURNS = 7
GREETINGS, LOAD_TESTS = 0.015, 300
CHURN = 0.12  # of those who were failed leave for good
SAME_CONVERSATION = 0.06  # of needs: another one follows at once, in the same conversation


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Due:
    """A need that is to be brought. `again` is the one that it repeats, `follows` the conversation it is in."""

    at: datetime
    number: int
    person: Person = field(compare=False)
    again: Need | None = field(default=None, compare=False)
    follows: str = field(default="", compare=False)


def live(world: World) -> list[Need]:
    """All needs, in the order in which they were brought."""
    return sorted(_lived(world), key=lambda one: (one.at, one.id))


def _lived(world: World) -> Iterator[Need]:
    waiting, left = _first(world), dict[int, int]()  # seat → how many have left it for good
    number = len(waiting)
    heapq.heapify(waiting)
    while waiting:
        due = heapq.heappop(waiting)
        seat = due.person.number % world.persons
        if due.again is None and not due.follows and (times := left.get(seat, 0)):
            due = replace(due, person=replace(due.person, number=seat + times * world.persons))
        chance = Random(f"{world.seed}/{due.number}")
        need = bring(world, due, chance)
        yield need
        if not need.met and need.counts and chance.random() < CHURN:
            left[seat] = left.get(seat, 0) + 1  # a newcomer takes their place
        for after in _after(need, due, chance):
            heapq.heappush(waiting, replace(after, number=number))
            number += 1


def _first(world: World) -> list[Due]:
    persons, weights = persons_of(world)
    chance = Random(f"{world.seed}/who")
    who = chance.choices(persons, cum_weights=weights, k=world.needs)
    days = moments(world)
    return [
        Due(at=at_hour(day, person, Random(f"{world.seed}/hour/{n}")), number=n, person=person)
        for n, (day, person) in enumerate(zip(days, who, strict=True))
    ]


def _after(need: Need, due: Due, chance: Random) -> Iterator[Due]:
    """What follows: the same need again within a week, or another one at once."""
    again = chance.random() < (0.14 if not need.met and not need.escalation else 0.004)
    wait = timedelta(days=min(6.4, 0.3 + chance.expovariate(0.6)))
    other = chance.random() < SAME_CONVERSATION
    if again and due.again is None and need.counts:
        yield Due(at=need.last_at + wait, number=0, person=due.person, again=need)
    elif other and need.met and not need.why_not:
        at = need.last_at + timedelta(seconds=60 + chance.expovariate(1 / 150))
        yield Due(at=at, number=0, person=due.person, follows=need.conversation)


def bring(world: World, due: Due, chance: Random) -> Need:
    """One need from its first question to its end."""
    topic = due.again.topic if due.again else _topic(world, due.at, chance)
    language = due.again.language if due.again else _language(due.person, chance)
    answerable = due.again.answerable if due.again else chance.random() < topic_of(topic).answerable
    first = "new_topic" if due.follows else "first"
    asked = Asked(at=due.at, person=due.person, topic=topic, language=language, answerable=answerable, tries=0,
                  meant=first)  # fmt: skip
    turns, met = _talk(world, asked, chance)
    greeting = not due.again and not due.follows and chance.random() < GREETINGS
    needed = chance.random() < (0.45 if not answerable else 0.02)
    need = Need(
        id=f"need-{world.seed}-{due.number}",
        person=due.person,
        conversation=due.follows or f"cv_{world.seed}_{due.number}",
        topic=topic,
        language=language,
        answerable=answerable,
        turns=turns[:1] if greeting else turns,
        met=met and not needed,
        needed_person=needed,
        again_of=due.again.id if due.again else "",
        why_not="greeting" if greeting else "",
    )
    return _ended(need, chance)


def _topic(world: World, at: datetime, chance: Random) -> str:
    moved, draw = chance.random(), chance.random()
    shift = world.changing("topics", at)
    if shift and moved < shift.size:
        return NEW_TOPIC
    weekend = at.weekday() >= 5
    weights = [one.weight * (one.weekend if weekend else 1.0) for one in TOPICS.values()]
    return Random(draw).choices(list(TOPICS), weights)[0]


def _language(person: Person, chance: Random) -> str:
    return "en" if chance.random() < 0.03 else person.language


def _talk(world: World, asked: Asked, chance: Random) -> tuple[tuple[Turn, ...], bool]:
    """Turn by turn, and whether they have what they wanted."""
    turns: list[Turn] = []
    met, tries = False, 0
    while True:
        turn = _marked(reply(world, asked, chance), asked.person, chance)
        turns.append(turn)
        met = turn.right or (met and turn.meant in ("clarify", "drill_down", "thanks"))
        tries += not turn.right
        meant = _next(turn, asked.person, chance) if len(turns) < MOST_TURNS else ""
        if not meant:
            return tuple(turns), met
        wait = timedelta(seconds=turn.latency_ms / 1000 + 12 + chance.expovariate(1 / 70))
        asked = replace(
            asked, at=turn.at + wait, tries=tries if meant in ("rephrase", "pushback") else 0, meant=meant
        )


def _next(turn: Turn, person: Person, chance: Random) -> str:
    """What the person says next, by its true class; empty: they leave."""
    draw = chance.random()
    if turn.meant == "thanks":
        return ""
    if turn.right:
        for name, share in (("thanks", 0.08), ("drill_down", 0.14), ("clarify", 0.05)):
            if draw < share:
                return name
            draw -= share
        return ""
    stays = 0.35 + 0.5 * person.patience
    if draw >= stays:
        return ""
    if turn.outcome == "abstained":
        return "rephrase"
    return "" if draw >= stays * 0.72 else "pushback" if draw < stays * 0.2 else "rephrase"


def _marked(turn: Turn, person: Person, chance: Random) -> Turn:
    """The turn with what the person did on the page: few vote, and those who are annoyed more than the others."""
    vote, solved = chance.random(), chance.random()
    looks, copies, seen = chance.random(), chance.random(), chance.random()
    page = person.channel == "web"
    annoyed, arrived = not turn.right, seen >= 0.015
    value = "down" if annoyed else "up"
    if turn.outcome == "answered" and annoyed and chance.random() < 0.15:
        value = "up"  # it sounded well, and they do not know better
    return replace(
        turn,
        displayed=arrived or not page,
        opened=int(page and arrived and turn.outcome == "answered" and looks < 0.25),
        copied=page and arrived and turn.right and copies < 0.06,
        vote=value if arrived and vote < person.votes * (1.6 if annoyed else 0.8) else "",
        solved=("no" if annoyed else "yes") if arrived and solved < person.votes * 0.3 else "",
    )


def _ended(need: Need, chance: Random) -> Need:
    """How it ends outside of the conversation: handed to a person, a ticket, a goal."""
    draw, wait, ticket, goal = chance.random(), chance.expovariate(1 / 90), chance.random(), chance.random()
    hours, seconds = 0.5 + chance.expovariate(1 / 12), chance.expovariate(1 / 240)
    refused = sum(one.outcome == "abstained" for one in need.turns)
    trigger = ""
    if topic_of(need.topic).risky and draw < 0.1:
        trigger = "policy"
    elif refused >= 2 and not need.met and draw < 0.7:
        trigger = "failure"
    elif not need.met and draw < 0.13:
        trigger = "asked"
    if not trigger and not need.met and ticket < 0.05:
        return replace(need, ticket_h=min(71.0, hours))
    goal_s = seconds if need.met and goal < 0.12 else None
    met = need.met and not trigger  # what a person had to do, the product has not done
    return replace(need, met=met, escalation=trigger, escalated_s=10 + wait, goal_s=None if trigger else goal_s)
