"""What else is in the log: canaries, a load test; and the happenings that mark what was changed and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from answerable.core.event import Event, event_id_of
from answerable.core.ports import Happening
from answerable.testing.simulation.replying import NEW_MODEL, OLD_MODEL
from answerable.testing.simulation.telling import PROVIDER
from answerable.testing.simulation.world import POISONED, Change, World

CANARIES, LOAD_DAY, LOADED = 30, 9.08, 300


def canaries(world: World) -> Iterator[Event]:
    """Every day at five each case of the canary set is asked once, with a frozen context."""
    chance = Random(f"{world.seed}/canaries")
    for day in range(world.days):
        at = world.start + timedelta(days=day, hours=5)
        swap = world.changing("provider", at)
        for number in range(CANARIES):
            passed = chance.random() < 0.98 * (1.0 - (swap.size if swap else 0.0))
            far = max(0.0, chance.gauss(0.25 if swap else 0.08, 0.04))
            said = {"case": f"canary-{number}", "route": "answer", "passed": passed, "distance": round(far, 4),
                    "reported": NEW_MODEL if swap else OLD_MODEL, "chars": 200 + int(60 * far)}  # fmt: skip
            yield _bare(world, "canary.result", at + timedelta(seconds=2 * number), str(number), said)


def load_test(world: World) -> Iterator[Event]:
    """Somebody tries by night how much it bears: it must count nowhere."""
    for number in range(LOADED if world.days > LOAD_DAY else 0):
        at = world.at_day(LOAD_DAY) + timedelta(seconds=number)
        yield _bare(world, "question.asked", at, str(number), {"chars": 40, "why_not": "load_test"})
        yield _bare(world, "answer.shown", at + timedelta(milliseconds=900), str(number), {"claims": 1})


def _bare(world: World, name: str, at: datetime, part: str, props: dict[str, object]) -> Event:
    talk = "" if name == "canary.result" else f"load-{world.seed}-{part}"
    return Event(
        name=name,
        at=at,
        id=event_id_of(at, name, world.tenant, str(world.seed), part),
        tenant=world.tenant,
        assistant="support",
        environment="production",
        conversation=talk,
        answer=f"an_{talk}" if talk else "",
        language="en",
        outcome="answered" if talk else "",
        props=props,
    )


def happenings(world: World) -> list[Happening]:
    """In order of time."""
    found = [one for change in world.changes for one in _marks(world, change)]
    return sorted(found, key=lambda one: one.at)


def _marks(world: World, change: Change) -> Iterator[Happening]:
    since, until = world.at_day(change.since_day), world.at_day(change.until_day)
    ends = change.until_day < world.days
    if change.kind == "deploy":
        version = str(2 + world.changes.index(change))
        yield _deploy(world, change, since, version)
        if ends:
            yield _deploy(world, change, until, "back")
    elif change.kind == "provider":
        yield _model(world, since, OLD_MODEL, NEW_MODEL)
        if ends:
            yield _model(world, until, NEW_MODEL, OLD_MODEL)
    elif change.kind == "poison" and ends:
        said = {"id": "qu_poisoned", "document": POISONED, "source": "wiki", "uri": "wiki/warranty",
                "trust": "open", "reasons": "reported"}  # fmt: skip
        yield Happening(name="document.quarantined", tenant=world.tenant, at=until, props=said,
                        id=f"ev_{world.seed}_quarantined")  # fmt: skip


def _deploy(world: World, change: Change, at: datetime, version: str) -> Happening:
    said = {"prompts": version, "models": "m1", "config": "c1", "index": "i1", "code": "1.0",
            "what": "prompts", "commit": f"commit-{version}", "first": False}  # fmt: skip
    name = f"ev_{world.seed}_{change.name.replace(' ', '-')}_{version}"
    return Happening(name="deploy.marked", tenant=world.tenant, at=at, props=said, id=name)


def _model(world: World, at: datetime, old: str, new: str) -> Happening:
    said = {"provider": PROVIDER, "endpoint": "main", "use": "answer", "asked": "large", "what": "model",
            "old": old, "new": new, "since": str(at), "calls": 20}  # fmt: skip
    name = f"ev_{world.seed}_model_{new}"
    return Happening(name="model.changed", tenant=world.tenant, at=at, props=said, id=name)
