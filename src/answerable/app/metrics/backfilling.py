"""Events for answers that were given before there was a log of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from answerable.adapters.postgres.past_answers import Past, PostgresPastAnswers
from answerable.app.person_keys import KeyRing
from answerable.core.event import Event
from answerable.core.ports import Events
from answerable.core.query import Principal
from answerable.monitor.past_events import past_events

ANONYMOUS = Principal().id


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfilled:
    """How many answers were told of, in how many new events."""

    answers: int
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """Persons get the pseudonyms of today: those of then had no key. `known` False: nobody is to be known."""

    past: PostgresPastAnswers
    events: Events
    ring: KeyRing
    known: bool = True

    async def run(
        self, tenant: str, since: datetime, until: datetime, *, now: datetime, seen: Callable[[int, int], None]
    ) -> Backfilled:
        """Tell of every answer of [since, until) that no event tells of; `seen` hears how many of how many.

        Raises Unreachable: what was told stays, and another run goes on where this one ended.
        """
        await self.ring.renew(now)
        answers = events = 0
        of = await self.past.count(tenant, since, until)
        async for page in self.past.pages(tenant, since, until):
            events += await self.events.append(self._told(tenant, page, now))
            answers += len(page.answers)
            seen(answers, of)
        return Backfilled(answers=answers, events=events)

    def _told(self, tenant: str, page: Past, now: datetime) -> list[Event]:
        calls, feedback = _by("trace", page.calls), _by("answer", page.feedback)
        return [
            event
            for one in page.answers
            for event in past_events(
                tenant,
                one,
                calls[one["trace"]],
                feedback[one["answer"]],
                person=self._person(tenant, one["principal"], now),
                talk=self._talk(tenant, one["conversation"], now),
            )
        ]

    def _person(self, tenant: str, principal: str, now: datetime) -> bytes | None:
        if not self.known or principal == ANONYMOUS:
            return None
        return self.ring.pseudonyms.of(tenant, principal, now)

    def _talk(self, tenant: str, conversation: str | None, now: datetime) -> str:
        if not self.known or not conversation:
            return ""
        made = self.ring.pseudonyms.of(tenant, f"conversation\x1f{conversation}", now)
        return f"co_{made.hex()}" if made else ""


def _by(name: str, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row[name]].append(row)
    return found
