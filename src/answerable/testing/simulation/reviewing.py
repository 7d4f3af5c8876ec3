"""People who read a sample of the answers, drawn with known chances, and err with known ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from random import Random

from answerable.core.event import Event, event_id_of
from answerable.testing.simulation.lived import Need, Turn
from answerable.testing.simulation.replying import topic_of
from answerable.testing.simulation.telling import answer_of, person_key
from answerable.testing.simulation.world import World


def stratum_of(need: Need, turn: Turn) -> str:
    """The first that fits, as metrics.md orders them."""
    if turn.guarded:
        return "guarded"
    if turn.vote == "down" or turn.solved == "no":
        return "disliked"
    if turn.confidence == "low":
        return "low_confidence"
    return "risky" if topic_of(need.topic).risky else "rest"


def reviews(world: World, needs: Iterable[Need]) -> Iterator[Event]:
    """What was said of the drawn answers, the morning after; weights are 1 / chance of being drawn."""
    for need in needs:
        if not need.counts:
            continue
        for turn in need.turns:
            chance = Random(f"{turn.id}/review")
            stratum = stratum_of(need, turn)
            share = getattr(world.reviewing, stratum)
            if chance.random() < share:
                yield _review(world, need, turn, stratum, 1.0 / share, chance)


def _review(world: World, need: Need, turn: Turn, stratum: str, weight: float, chance: Random) -> Event:
    at = turn.at.replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(
        days=2, seconds=chance.randrange(7200)
    )
    supported = turn.supported == turn.claims
    harm = turn.harm if chance.random() < world.reviewing.sees_harm else "none"
    if turn.harm == "none" and turn.outcome == "answered" and chance.random() < world.reviewing.invents_harm:
        harm = "incorrect"
    right = _said(turn.right, world, chance)
    return Event(
        name="review.completed",
        at=at,
        id=event_id_of(at, "review.completed", turn.id),
        tenant=world.tenant,
        assistant="support",
        environment="production",
        person=person_key(world, need.person, turn.at),
        conversation=need.conversation,
        answer=answer_of(turn),
        channel=need.person.channel,
        language=need.language,
        topic=need.topic,
        outcome=turn.outcome,
        prompt_id="answer",
        prompt_version=turn.prompt_version,
        model=turn.model,
        props={
            "criteria": {"grounded": "yes" if supported else "no", "complete": right, "relevant": right},
            "verdict": right,
            "severity": turn.severity if harm == turn.harm else "",
            "minutes": round(max(0.3, chance.gauss(world.reviewing.minutes, 0.8)), 2),
            "blind": True,
            "second_reader": False,
            "stratum": stratum,
            "inclusion_weight": round(weight, 6),
            "completed": _said(need.met, world, chance),
            "harm": harm,
            "needed_person": _said(need.needed_person, world, chance),
            "answerable": _said(need.answerable, world, chance),
        },
    )


def _said(true: bool, world: World, chance: Random) -> str:
    seen = chance.random() < (world.reviewing.sees_yes if true else world.reviewing.sees_no)
    return "yes" if true == seen else "no"
