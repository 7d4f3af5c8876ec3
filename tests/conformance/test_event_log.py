"""Every log of events and every keeper of tasks keeps the same promises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from answerable.adapters.fakes.events import MemoryEvents
from answerable.adapters.fakes.person_keys import MemoryPersonKeys
from answerable.adapters.fakes.tasks import MemoryTasks
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.events import PostgresEvents
from answerable.adapters.postgres.person_keys import PostgresPersonKeys
from answerable.adapters.postgres.tasks import PostgresTasks
from answerable.core.ports import Events, PersonKeys, Tasks
from answerable.testing.events import EventsContract, PersonKeysContract, TasksContract, all_of, make_event


class TestMemoryEvents(EventsContract):
    @pytest.fixture
    def events(self) -> Events:
        return MemoryEvents()

    async def test_a_wrong_event_is_an_error_in_tests(self) -> None:
        wrong = replace(make_event(), props={"question": "who?"})
        with pytest.raises(ValueError, match="no prop 'question'"):
            MemoryEvents().write(wrong)
        with pytest.raises(ValueError, match=r"no event 'answer\.sung'"):
            await MemoryEvents().append([replace(make_event(), name="answer.sung")])


class TestPostgresEvents(EventsContract):
    @pytest.fixture
    async def events(self, database: Database, tmp_path: Path) -> AsyncIterator[Events]:
        async with PostgresEvents(database, spool=tmp_path) as events:
            yield events

    async def test_in_production_what_is_wrong_is_dropped_and_logged(
        self, events: PostgresEvents, database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        wrong = replace(make_event(1), props={**make_event(1).props, "question": "who?"})
        events.write(wrong)
        events.write(replace(make_event(2), name="answer.sung"))
        await events.flush()
        assert await all_of(events) == [make_event(1)]
        assert "no prop 'question'" in caplog.text
        assert "no event 'answer.sung'" in caplog.text
        closed = PostgresEvents(database, spool=tmp_path / "other")
        closed.write(make_event(3))  # never opened: straight to the spool, and whole from there
        async with PostgresEvents(database, spool=tmp_path / "other"):
            while list((tmp_path / "other").glob("*.jsonl")):
                await asyncio.sleep(0.01)
        assert await all_of(events) == [make_event(1), make_event(3)]


class TestMemoryTasks(TasksContract):
    @pytest.fixture
    def tasks(self) -> Tasks:
        return MemoryTasks()


class TestPostgresTasks(TasksContract):
    @pytest.fixture
    def tasks(self, database: Database) -> Tasks:
        return PostgresTasks(database)


class TestMemoryPersonKeys(PersonKeysContract):
    @pytest.fixture
    def keys(self) -> PersonKeys:
        return MemoryPersonKeys()


class TestPostgresPersonKeys(PersonKeysContract):
    @pytest.fixture
    def keys(self, database: Database) -> PersonKeys:
        return PostgresPersonKeys(database)
