"""A simulated month as a whole: what really happened, what the log holds of it, and what was marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from answerable.core.event import Event
from answerable.core.ports import Happening
from answerable.testing.simulation.background import canaries, happenings, load_test
from answerable.testing.simulation.lived import Need
from answerable.testing.simulation.living import live
from answerable.testing.simulation.reviewing import reviews
from answerable.testing.simulation.telling import Teller, links
from answerable.testing.simulation.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """`needs` are the truth; `events` and `happenings`, both by time, are what monitoring may see."""

    world: World
    needs: Sequence[Need]
    events: Sequence[Event]
    happenings: Sequence[Happening]


def simulate(world: World) -> Month:
    """Live the world and tell of it. 50,000 needs take about half a minute of CPU time and 1 GB."""
    needs, teller = live(world), Teller(world=world)
    told = [event for need in needs for event in teller.events(need)]
    told += [*reviews(world, needs), *links(world, needs), *canaries(world), *load_test(world)]
    told.sort(key=attrgetter("at", "id"))
    return Month(world=world, needs=needs, events=told, happenings=happenings(world))
