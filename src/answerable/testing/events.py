"""What every Events, Tasks and PersonKeys promises. Subclass, override the fixture: every test here must pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from answerable.core.event import Event, event_id_of
from answerable.core.person_key import Rotation
from answerable.core.ports import Events, PersonKeys, Tasks
from answerable.core.task import Task, TaskState

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)  # today: there is a partition
DAY = timedelta(days=1)


def make_event(number: int = 1, *, tenant: str = "acme", name: str = "answer.shown") -> Event:
    """What happened `number` minutes after noon, with nothing left out."""
    at = NOON + timedelta(minutes=number)
    return Event(
        name=name, tenant=tenant, at=at, id=event_id_of(at, tenant, name, str(number)), assistant="help",
        environment="prod", person=bytes(range(16)), conversation="co_1", task="ta_1", turn="tu_1",
        answer=f"an_{number}", trace=f"tr_{number}", channel="page", language="de", topic="returns",
        outcome="answered", confidence="high", degraded=("no_rerank", "small_model"), prompt_id="answer",
        prompt_version="3", prompt_sha256="a" * 64, model="m-1", provider="p", index_version="7",
        code_version="1.2.3", rollout="ro_1", holdout=True, latency_ms=1234, first_text_ms=0, tokens_in=2_000,
        tokens_cached=5, tokens_out=300, cost=Decimal("0.001234"), currency="EUR",
        props={"claims": 3, "documents": ["doc_1", "é"], "cache": "none", "deadline_hit": False},
    )  # fmt: skip


def bare_event(number: int = 1) -> Event:
    """What says the least: nobody, nothing known."""
    at = NOON + timedelta(minutes=number)
    return Event(name="answer.abstained", tenant="acme", at=at, id=event_id_of(at, "bare", str(number)))


def make_task(number: int = 1, *, tenant: str = "acme", closed: bool = True) -> Task:
    """One that was opened `number` minutes after noon and, if so, closed a day later."""
    at = NOON + timedelta(minutes=number)
    return Task(
        id=f"ta_{number:04d}", tenant=tenant, person=b"\x00\xff", conversation="co_1", opened_at=at,
        last_at=at + timedelta(minutes=5), closed_at=at + DAY if closed else None, turns=3,
        state=TaskState.CONFIRMED, p_complete=0.25, why_not="staff", outcome="answered", escalation="asked",
        reopens="ta_0", reopened_at=at, topic="returns", language="en", channel="page", prompt_id="answer",
        prompt_version="3", model="m", rollout="ro_1", holdout=True, follow_ups={"first": 1, "rephrase": 2},
        cost=Decimal("0.5"), currency="EUR", unpriced=1, answers=("an_1", "an_2"), votes={"up": 1},
    )  # fmt: skip


async def all_of(
    events: Events, *, tenant: str = "acme", names: tuple[str, ...] = (), until: datetime = NOON + DAY
) -> list[Event]:
    """What was written since noon."""
    return [one async for one in events.read(tenant=tenant, since=NOON, until=until, names=names)]


async def all_closed(tasks: Tasks, *, tenant: str = "acme", days: int = 2) -> list[Task]:
    """What was closed in so many days since noon."""
    return [one async for one in tasks.closed(tenant=tenant, since=NOON, until=NOON + days * DAY)]


class EventsContract:
    """What every Events keeps."""

    @pytest.fixture
    def events(self) -> Events:
        """An open, empty one; override."""
        raise NotImplementedError

    async def test_what_was_written_comes_back_whole(self, events: Events) -> None:
        for one in (make_event(1), bare_event(2)):
            events.write(one)
        await events.flush()
        assert await all_of(events) == [make_event(1), bare_event(2)]

    async def test_the_same_id_twice_is_one_event_and_the_first_stays(self, events: Events) -> None:
        assert await events.append([make_event(1), make_event(2), make_event(1)]) == 2
        assert await events.append([replace(make_event(1), topic="other"), make_event(3)]) == 1
        events.write(make_event(2))
        await events.flush()
        assert await all_of(events) == [make_event(1), make_event(2), make_event(3)]
        assert await events.append([]) == 0

    async def test_they_come_by_time_then_id_from_a_moment_to_another(self, events: Events) -> None:
        twins = sorted(
            (replace(make_event(5), id=event_id_of(NOON, str(n))) for n in range(3)), key=lambda one: one.id
        )
        await events.append([make_event(9), *reversed(twins), make_event(1)])
        assert [one.id for one in await all_of(events)] == [
            make_event(1).id, *(one.id for one in twins), make_event(9).id,
        ]  # fmt: skip
        until = make_event(5).at
        assert await all_of(events, until=until) == [make_event(1)]
        later = [one async for one in events.read(tenant="acme", since=make_event(9).at, until=NOON + DAY)]
        assert later == [make_event(9)]

    async def test_those_of_some_names_can_be_had_alone(self, events: Events) -> None:
        await events.append([make_event(1), bare_event(2)])
        assert await all_of(events, names=("answer.abstained", "goal.reached")) == [bare_event(2)]
        assert await all_of(events, names=("goal.reached",)) == []

    async def test_a_tenant_sees_its_own(self, events: Events) -> None:
        theirs = replace(make_event(1), tenant="other")
        assert await events.append([make_event(1), theirs]) == 2  # even with the same id
        assert await all_of(events, tenant="other") == [theirs]
        assert await all_of(events, tenant="third") == []


class TasksContract:
    """What every Tasks keeps."""

    @pytest.fixture
    def tasks(self) -> Tasks:
        """An empty one; override."""
        raise NotImplementedError

    async def test_what_was_put_comes_back_whole(self, tasks: Tasks) -> None:
        least = Task(
            id="ta_9", tenant="acme", person=None, conversation="", opened_at=NOON, last_at=NOON, closed_at=NOON
        )
        await tasks.put([make_task(1), make_task(2, closed=False), least])
        assert await all_closed(tasks) == [least, make_task(1)]
        assert await tasks.open_tasks(tenant="acme") == [make_task(2, closed=False)]

    async def test_one_that_is_put_again_takes_the_place_of_the_old(self, tasks: Tasks) -> None:
        await tasks.put([make_task(1, closed=False)])
        later = replace(make_task(1), turns=7, state=TaskState.REOPENED, votes={}, person=None)
        await tasks.put([make_task(1), later])
        assert await all_closed(tasks) == [later]
        assert await tasks.open_tasks(tenant="acme") == []
        await tasks.put([])

    async def test_closed_ones_come_by_time_from_a_moment_to_another(self, tasks: Tasks) -> None:
        await tasks.put([make_task(number) for number in (3, 1, 2)])
        assert [one.turns for one in await all_closed(tasks)] == [3, 3, 3]
        since, until = make_task(2).closed_at, make_task(3).closed_at
        assert since is not None
        assert until is not None
        found = [one async for one in tasks.closed(tenant="acme", since=since, until=until)]
        assert found == [make_task(2)]

    async def test_open_ones_come_the_longest_without_a_turn_first(self, tasks: Tasks) -> None:
        await tasks.put([make_task(number, closed=False) for number in (3, 1, 2)])
        assert [one.id for one in await tasks.open_tasks(tenant="acme")] == ["ta_0001", "ta_0002", "ta_0003"]

    async def test_a_tenant_sees_its_own(self, tasks: Tasks) -> None:
        await tasks.put([make_task(1), make_task(1, tenant="other"), make_task(2, tenant="other", closed=False)])
        assert await all_closed(tasks) == [make_task(1)]
        assert await all_closed(tasks, tenant="other") == [make_task(1, tenant="other")]
        assert await tasks.open_tasks(tenant="acme") == []


class PersonKeysContract:
    """What every PersonKeys keeps."""

    rotation = Rotation(every_s=30 * DAY.total_seconds(), link_s=35 * DAY.total_seconds())

    @pytest.fixture
    def keys(self) -> PersonKeys:
        """An empty one; override."""
        raise NotImplementedError

    async def test_the_key_of_now_and_the_next_are_there_and_stay_the_same(self, keys: PersonKeys) -> None:
        assert await keys.found(tenant="acme") == []
        first = await keys.kept(tenant="acme", rotation=self.rotation, now=NOON)
        starts, ends = self.rotation.span(NOON)
        assert [(one.starts, one.ends) for one in first] == [(starts, ends), self.rotation.span(ends)]
        assert len({one.secret for one in first}) == 2
        assert await keys.kept(tenant="acme", rotation=self.rotation, now=ends - DAY) == first
        assert await keys.found(tenant="acme") == first

    async def test_a_key_is_destroyed_a_while_after_its_time(self, keys: PersonKeys) -> None:
        first, second = await keys.kept(tenant="acme", rotation=self.rotation, now=NOON)
        still = await keys.kept(tenant="acme", rotation=self.rotation, now=first.ends + 35 * DAY)
        assert still[:2] == [first, second]
        later = await keys.kept(tenant="acme", rotation=self.rotation, now=first.ends + 35.01 * DAY)
        assert first not in later
        assert second in later

    async def test_tenants_have_keys_of_their_own(self, keys: PersonKeys) -> None:
        ours = await keys.kept(tenant="acme", rotation=self.rotation, now=NOON)
        theirs = await keys.kept(tenant="other", rotation=self.rotation, now=NOON)
        assert {one.secret for one in ours}.isdisjoint(one.secret for one in theirs)
        assert await keys.found(tenant="acme") == ours
