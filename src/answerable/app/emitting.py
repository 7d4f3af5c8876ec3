"""What happens with answers, on its way into the log of the product: who is known in it, and who counts."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from answerable.app.person_keys import KeyRing
from answerable.config.event_log import EventsSection
from answerable.core.answer import Answer
from answerable.core.errors import Broken
from answerable.core.event import Event, event_id, event_id_of
from answerable.core.ports import Events, Feedback
from answerable.core.query import EVALUATION, Principal, Query, Way
from answerable.core.seam import seam
from answerable.core.trace import Trace
from answerable.monitor.emitting import Asker, Place, Reading, Turn, events_of
from answerable.monitor.signals import Signal, event_of

ANONYMOUS = Principal().id  # whoever is not told apart is nobody in particular
_REASONS = ("wrong", "incomplete", "outdated", "unclear")  # what our pages offer; other words would be a person's
_LINKS = 20_000  # persons whose link was told by this process

Read = Callable[[Query, Trace, Answer], Reading]


def unread(query: Query, trace: Trace, answer: Answer) -> Reading:
    """Nothing is made of it."""
    return Reading()


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Who does not count, by the configuration."""

    rules: EventsSection

    def why_not(self, principal: Principal, key: str, way: Way) -> str:
        """staff, bot or load_test; empty: it counts."""
        rules, ids = self.rules, {principal.id, key}
        if not ids.isdisjoint(rules.load_tests):
            return "load_test"
        if not ids.isdisjoint(rules.bots):
            return "bot"
        roles, groups = set(principal.roles), set(principal.groups)
        inside = not roles.isdisjoint(rules.staff_roles) or not groups.isdisjoint(rules.staff_groups)
        return "staff" if inside or way.inside else ""


@dataclass(slots=True, kw_only=True)
class Emission:
    """Tells the log; nothing in it waits but `flush`. What breaks in it costs nobody an answer."""

    events: Events
    ring: KeyRing
    place: Place
    counted: Counted
    read: Read = unread
    now: Callable[[], datetime] = _now
    _linked: set[bytes] = field(default_factory=set)
    _waiting: deque[tuple[Trace, Query, Answer]] = field(default_factory=deque)

    def asked(self, trace: Trace, query: Query, answer: Answer) -> None:
        """A question and what came of it; worked on once the loop has nothing better to do. Of a measurement
        there is nothing to tell."""
        if query.principal.id == EVALUATION:
            return
        self._waiting.append((trace, query, answer))
        asyncio.get_running_loop().call_soon(self.work)

    def work(self) -> None:
        """Tell of every question that waits."""
        while self._waiting:
            self._told(*self._waiting.popleft())

    def _told(self, trace: Trace, query: Query, answer: Answer) -> None:
        with suppress(Broken), seam("log of events"):
            at, way = trace.started_at, query.way
            person = self._person(trace.tenant, query.principal, way, at)
            asker = Asker(
                person=person,
                conversation=self._talk(trace.tenant, query, at) if person else "",
                why_not=self.counted.why_not(query.principal, query.key, way),
            )
            reading = self.read(query, trace, answer)
            turn = Turn(query=query, answer=answer, trace=trace, asker=asker, place=self.place, reading=reading)
            for one in events_of(turn):
                self.events.write(one)

    def rated(self, tenant: str, by: Principal, way: Way, said: Feedback, record: Mapping[str, Any]) -> None:
        """What a person thought of an answer; every time they say so, for the last counts."""
        reasons = sorted({one if one in _REASONS else "other" for one in said.reasons})
        props = {
            "value": said.value or "",
            "solved": said.solved or "",
            "reasons": reasons,
            "has_comment": bool(said.comment),
        }
        at = self.now()
        self._tell(self._of(record, "feedback.given", tenant, by, way, at, event_id(at), props))

    def signalled(
        self, tenant: str, by: Principal, way: Way, record: Mapping[str, Any], signals: Sequence[Signal]
    ) -> None:
        """What a client saw of the answer of this record: the same signal again is the same event."""
        for one in signals:
            name, props = event_of(one, str(record["id"]))
            made = event_id_of(one.at, tenant, str(record["id"]), str(one.id))
            self._tell(self._of(record, name, tenant, by, way, one.at, made, props))

    def stopped(self, tenant: str, by: Principal, way: Way, answer_id: str) -> None:
        """A person stopped an answer while it was written."""
        record = {"id": answer_id}
        self._tell(self._of(record, "generation.stopped", tenant, by, way, self.now(), event_id(self.now()), {}))

    async def flush(self) -> None:
        """Wait until what was told is written, or on disk."""
        self.work()
        await self.events.flush()

    def _of(
        self,
        record: Mapping[str, Any],
        name: str,
        tenant: str,
        by: Principal,
        way: Way,
        at: datetime,
        made: Any,
        props: Mapping[str, Any],
    ) -> Event:
        prompt = record.get("prompt") or {}
        return Event(
            name=name,
            tenant=tenant,
            at=at,
            id=made,
            assistant=self.place.assistant,
            environment=self.place.environment,
            code_version=self.place.code_version,
            person=self._person(tenant, by, way, at),
            answer=str(record["id"]),
            trace=str(record.get("trace", "")),
            channel=way.channel,
            language=str(record.get("language", "")),
            outcome=str(record.get("outcome", "")),
            prompt_id=str(prompt.get("id", "")),
            prompt_version=str(prompt.get("version", "")),
            model=str(record.get("model", "")),
            props=props,
        )

    def _tell(self, event: Event) -> None:
        with suppress(Broken), seam("log of events"):
            self.events.write(event)

    def _person(self, tenant: str, principal: Principal, way: Way, at: datetime) -> bytes | None:
        """A pseudonym; None where nobody is to be known, or can be. A new one is linked to the one before it."""
        if self.counted.rules.person == "off" or not way.tracked or principal.id == ANONYMOUS:
            return None
        person = self.ring.pseudonyms.of(tenant, principal.id, at)
        if person is not None and person not in self._linked:
            if len(self._linked) >= _LINKS:
                self._linked.clear()
            self._linked.add(person)
            if link := self.ring.pseudonyms.link(tenant, principal.id, at):
                self.events.write(link)
        return person

    def _talk(self, tenant: str, query: Query, at: datetime) -> str:
        if not query.conversation:
            return ""
        made = self.ring.pseudonyms.of(tenant, f"conversation\x1f{query.conversation}", at)
        return f"co_{made.hex()}" if made else ""
