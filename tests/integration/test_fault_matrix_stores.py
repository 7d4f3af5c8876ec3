"""The fault matrix where a real Postgres is in it: the database for everything at once, and the journal's own."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from tests.integration.faulty import DEADLINE_S, TENANT, Asking, asker_of, fill, project_of
from tests.services.databases import one_clone

from answerable.adapters.postgres.database import Database, PoolLimits
from answerable.adapters.postgres.journal import PostgresJournal
from answerable.adapters.postgres.store import PostgresStore
from answerable.answer.record import answer_record
from answerable.core.outcome import Outcome
from answerable.testing.faults import BY_ID, CELLS, Component, Fault
from answerable.testing.faults.database import EmptiedStore, FaultyDatabase
from answerable.testing.faults.harm import Harm
from answerable.testing.faults.observed import differences
from answerable.testing.postgres import in_thread

__all__ = ["one_clone"]  # a fixture


def cells_of(component: Component) -> list[object]:
    return [pytest.param(one, id=one.id) for one in CELLS if one.component is component]


@pytest.fixture(scope="module")
def address(one_clone, embedded_server) -> str:
    """The service's, of a database that has the pages."""
    url = make_conninfo(one_clone, user="answerable_service", password=embedded_server.service_password)

    async def filled() -> None:
        async with Database(url) as database:
            await fill(PostgresStore(database))

    in_thread(filled())
    return url


@pytest.fixture
async def database(address) -> AsyncIterator[Database]:
    async with Database(address, limits=PoolLimits(size=3, wait_s=1.0)) as one:
        yield one


@pytest.fixture
def project(tmp_path):
    return project_of(tmp_path)


@pytest.fixture
async def asker(project, database):
    async with asker_of(project, PostgresStore(database)) as one:
        yield one


@pytest.fixture(scope="module")
def healthy(address, tmp_path_factory):
    """The answer without any fault."""
    project = project_of(tmp_path_factory.mktemp("project"))

    async def asked():
        async with Database(address) as database, asker_of(project, PostgresStore(database)) as one:
            return (await Asking(deadline_s=30.0).of(one)).answer

    found = in_thread(asked())
    assert (found.outcome, found.degraded) == (Outcome.ANSWERED, ())
    return found


# --- database ---


@pytest.mark.parametrize("cell", cells_of(Component.DATABASE))
async def test_a_fault_of_the_database(cell, asker, healthy, database, tmp_path):
    faulty = PostgresStore(FaultyDatabase(database, Harm(fault=cell.fault, slow_s=2 * DEADLINE_S)))
    store = EmptiedStore(inner=PostgresStore(database)) if cell.fault is Fault.EMPTY else faulty
    asking = replace(asker, retriever=replace(asker.retriever, store=store))
    seen = await Asking().of(asking)
    assert differences(cell, seen, healthy=healthy) == ()
    assert (await Asking(deadline_s=30.0).of(asker)).answer.text == healthy.text  # nothing is left in disorder


async def test_connections_that_are_ended_in_the_middle_cost_one_question_at_the_most(asker, healthy, one_clone):
    with psycopg.connect(one_clone, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = 'answerable_service'"
        )
    after = [(await Asking(deadline_s=30.0).of(asker)).answer.outcome for _ in range(2)]
    assert after[-1] is Outcome.ANSWERED


async def test_locked_tables_are_waited_for_no_longer_than_the_deadline(asker, healthy, one_clone):
    with psycopg.connect(one_clone) as holder:
        holder.execute("LOCK TABLE answerable.document, answerable.chunk IN ACCESS EXCLUSIVE MODE")
        seen = await Asking().of(asker)
        holder.rollback()
    assert differences(BY_ID["database-timeout"], seen, healthy=healthy) == ()
    assert (await Asking(deadline_s=30.0).of(asker)).answer.text == healthy.text


# --- telemetry ---


@pytest.fixture
def spool(tmp_path):
    return tmp_path / "spool"


@asynccontextmanager
async def journal_over(database, spool) -> AsyncIterator[PostgresJournal]:
    async with PostgresJournal(database, record=answer_record, spool=spool, close_s=0.1) as one:
        yield one


def waiting(spool) -> list[str]:
    """The traces on disk, those that were set aside too."""
    files = [*spool.glob("*.jsonl"), *spool.glob("rejected/*.jsonl")]
    return [json.loads(line)["trace_id"] for file in files for line in file.read_text().splitlines()]


async def written(database, trace_id) -> int:
    async with database.tenant(TENANT, readonly=True) as conn:
        row = await (await conn.execute("SELECT count(*) AS n FROM trace WHERE id = %s", (trace_id,))).fetchone()
    return row["n"]


@pytest.mark.parametrize("cell", cells_of(Component.TELEMETRY))
async def test_a_fault_of_the_journal(cell, asker, healthy, database, spool):
    faulty = FaultyDatabase(database, Harm(fault=cell.fault, slow_s=0.3), good=0)
    if cell.fault is Fault.EMPTY:  # nobody takes what is written
        journal = PostgresJournal(database, record=answer_record, spool=spool)
        seen = await Asking().of(replace(asker, journal=journal))
    else:
        async with journal_over(faulty, spool) as journal:
            seen = await Asking().of(replace(asker, journal=journal))
    kept = waiting(spool).count(seen.answer.trace_id) + await written(database, seen.answer.trace_id)
    assert differences(cell, replace(seen, recorded=kept), healthy=healthy) == ()
    assert bool(list(spool.glob("rejected/*.jsonl"))) is (cell.fault is Fault.GARBAGE)


async def test_what_waited_on_disk_is_written_when_the_database_is_back(asker, database, spool):
    async with journal_over(FaultyDatabase(database, Harm(fault=Fault.ERROR)), spool) as journal:
        answer = (await Asking().of(replace(asker, journal=journal))).answer
        await journal.flush()
    assert waiting(spool) == [answer.trace_id]
    async with journal_over(database, spool), asyncio.timeout(30):
        while not await written(database, answer.trace_id):
            await asyncio.sleep(0.02)


async def test_with_the_disk_full_as_well_the_loss_is_said_and_the_answer_stands(
    asker, healthy, database, spool, caplog
):
    spool.write_text("a file where the folder should be")
    async with journal_over(FaultyDatabase(database, Harm(fault=Fault.ERROR)), spool) as journal:
        seen = await Asking().of(replace(asker, journal=journal))
    assert differences(BY_ID["telemetry-error"], replace(seen, recorded=1), healthy=healthy) == ()
    assert [one for one in caplog.records if one.levelno == logging.CRITICAL and "loses 1 entries" in one.message]


async def test_a_journal_that_breaks_in_its_own_way_costs_nobody_the_answer(asker, healthy):
    class Breaks:
        def write(self, trace, query, answer, rendered):
            raise KeyError("what is this?")

    seen = await Asking().of(replace(asker, journal=Breaks()))
    assert differences(BY_ID["telemetry-error"], replace(seen, recorded=1), healthy=healthy) == ()
