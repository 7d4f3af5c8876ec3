"""A world to simulate: how many ask what, how good the answers are, and what changes on the way. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Literal

from answerable.core.event_names import FOLLOW_UPS

Kind = Literal["deploy", "provider", "topics", "poison", "cost"]
_DAY = timedelta(days=1)
LANGUAGES: Mapping[str, float] = MappingProxyType({"en": 0.5, "de": 0.35, "es": 0.15})
POISONED, STALE = "doc-warranty-poisoned", "doc-billing-2023"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What needs are about. `answerable`: the share of them that the documents can answer."""

    weight: float
    right: float = 0.86  # of answerable needs: the first answer is right
    answerable: float = 0.94
    weekend: float = 1.0  # times the weight on Saturday and Sunday
    risky: bool = False


TOPICS: Mapping[str, Topic] = MappingProxyType(
    {
        "returns": Topic(weight=0.22, right=0.9),
        "shipping": Topic(weight=0.22, weekend=1.3),
        "billing": Topic(weight=0.14, right=0.82),
        "account": Topic(weight=0.14, weekend=1.2),
        "warranty": Topic(weight=0.12),
        "products": Topic(weight=0.1, answerable=0.85),
        "contracts": Topic(weight=0.03, right=0.8, risky=True),
        "gift-cards": Topic(weight=0.03, answerable=0.1),  # a gap: nearly nothing is written about it
    }
)
NEW_TOPIC = "customs"
NEW = Topic(weight=1.0, right=0.75, answerable=0.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that becomes different for a while. Days count from the world's start and may be broken.

    `size` by kind: deploy and provider: the share of right answers that are right no longer (deploy: of German
    ones); topics: the share of needs that are about the new topic; poison: the share of answers on warranties that
    repeat the page; cost: by how much more tokens a call reads at the end of the ramp, 1.0 is twice as many.
    `blame` is whose doing it is, as drift triage names it; empty: it harms nobody, and no alarm should follow.
    """

    name: str
    kind: Kind
    since_day: float
    until_day: float
    size: float
    blame: str
    slower: float = 0.0  # provider: latency times (1 + slower)
    ended: str = ""  # what ended it, for people


MONTH: tuple[Change, ...] = (
    Change(name="harmless deploy", kind="deploy", since_day=7.40, until_day=35.0, size=0.0, blame=""),
    Change(name="deploy that spoils German", kind="deploy", since_day=10.58, until_day=13.40, size=0.35,
           blame="us", ended="deployed back"),
    Change(name="provider swap", kind="provider", since_day=16.45, until_day=19.45, size=0.15, slower=0.6,
           blame="provider", ended="the provider took it back"),
    Change(name="poisoned page", kind="poison", since_day=22.35, until_day=23.60, size=0.6, blame="data",
           ended="quarantined"),
    Change(name="topic shift", kind="topics", since_day=25.33, until_day=30.0, size=0.2, blame="users",
           ended="the interest faded"),
    Change(name="cost ramp", kind="cost", since_day=31.0, until_day=35.0, size=1.5, blame="us"),
)  # fmt: skip


def sighted(sensitivity: float = 0.82, false: float = 0.04) -> Mapping[str, Mapping[str, float]]:
    """A detector of follow-ups: true class → class it says → chance.

    `sensitivity` is of rephrase, the other classes are seen in 1 − `false` of cases and else taken for a rephrase;
    a rephrase that is missed is taken for a drill-down (two of three) or a new topic.
    """
    seen: dict[str, dict[str, float]] = {}
    for name in FOLLOW_UPS:
        seen[name] = {name: 1.0 - false, "rephrase": false}
    missed = 1.0 - sensitivity
    seen["rephrase"] = {"rephrase": sensitivity, "drill_down": missed * 2 / 3, "new_topic": missed / 3}
    seen["first"] = {"first": 1.0}  # nothing came before it: there is nothing to mistake it for
    return MappingProxyType(seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewing:
    """People who read a sample, and err. Chances are of one answer to be drawn, by stratum."""

    rest: float = 0.02
    guarded: float = 0.5
    disliked: float = 0.3
    low_confidence: float = 0.06
    risky: float = 0.15
    sees_yes: float = 0.97  # says yes where yes is true
    sees_no: float = 0.97
    sees_harm: float = 0.95  # of harmful answers
    invents_harm: float = 0.001  # of the others
    minutes: float = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that a simulated stretch of production is made from; equal worlds give equal events.

    `needs` is how many are brought; the same ones again and those that follow at once are not counted.
    `detector`: how follow-ups are seen, as `sighted` says. Money in `currency` for a thousand tokens.
    """

    seed: int = 1
    tenant: str = "default"
    start: datetime = field(default_factory=lambda: datetime(2026, 10, 5, tzinfo=UTC))  # a Monday
    days: int = 35
    needs: int = 54_000
    persons: int = 18_000
    changes: tuple[Change, ...] = MONTH
    detector: Mapping[str, Mapping[str, float]] = field(default_factory=sighted)
    reviewing: Reviewing = field(default_factory=Reviewing)
    currency: str = "EUR"
    read_cost: float = 0.002
    write_cost: float = 0.008
    rotate_days: float = 30.0  # how long one key makes the persons' pseudonyms, as [telemetry.events] rotate says
    holdout: float = 0.0  # the share of persons who get no answer, to learn what answers prevent

    @property
    def end(self) -> datetime:
        """When nobody brings a need any more; what follows from those brought goes on for some days."""
        return self.start + timedelta(days=self.days)

    def clean(self) -> World:
        """The same one without anything that changes."""
        return replace(self, changes=())

    def at_day(self, day: float) -> datetime:
        """The moment, to the second."""
        return self.start + timedelta(seconds=round(day * 86_400))

    def day_of(self, at: datetime) -> float:
        """Days since the start."""
        return (at - self.start) / _DAY

    def changing(self, kind: Kind, at: datetime) -> Change | None:
        """What of this kind is under way; of two the later one."""
        day = self.day_of(at)
        found = None
        for one in self.changes:
            if one.kind == kind and one.since_day <= day < one.until_day:
                found = one
        return found
