"""The journal when things go wrong: a full queue, no database, a bad row, no disk."""

import asyncio
import json
import logging
from dataclasses import asdict, replace

import psycopg
import pytest

from answerable.adapters.entry import make_entry
from answerable.adapters.postgres.database import Database, PoolLimits
from answerable.adapters.postgres.journal import ENTRIES, PostgresJournal, Unwritten
from answerable.adapters.postgres.spool import Spool
from answerable.answer.record import answer_record
from answerable.core.errors import DatabaseUnreachable
from answerable.testing.journal import BOB, make_answer, make_query, make_trace
from answerable.testing.postgres import administer


def write(journal, number, **query):
    trace = make_trace(number)
    journal.write(trace, make_query(**query), make_answer(trace), None)


def entry(number, **changes):
    trace = make_trace(number)
    made = make_entry(trace, make_query(), make_answer(trace), None, answer_record)
    return Unwritten(entry=replace(made, **changes))


def numbers(rows):
    return sorted(int(row["id"].removeprefix("tr_")) for row in rows)


@pytest.fixture
def spool(tmp_path):
    return tmp_path / "spool"


@pytest.fixture
def make(spool):
    def make(database, **options):
        return PostgresJournal(database, record=answer_record, spool=spool, **options)

    return make


@pytest.fixture
def outage(clone, embedded_server):
    """Shut the database to everybody, and open it again."""
    admin = embedded_server.url("postgres")

    class Outage:
        def begin(self):
            administer(admin, "ALTER DATABASE {} ALLOW_CONNECTIONS false", clone.name)
            with psycopg.connect(admin, autocommit=True) as conn:
                conn.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
                    (clone.name,),
                )

        def end(self):
            administer(admin, "ALTER DATABASE {} ALLOW_CONNECTIONS true", clone.name)

    return Outage()


@pytest.fixture
async def impatient(clone):
    async with Database(clone.service_url, limits=PoolLimits(size=2, wait_s=0.3)) as database:
        yield database


async def test_what_is_written_during_an_outage_is_on_disk_and_later_in_the_database(
    impatient, make, outage, spool
):
    async with make(impatient) as journal:
        write(journal, 1)
        await journal.flush()
        outage.begin()
        for number in range(2, 40):
            write(journal, number)
            await asyncio.sleep(0.01)
        await journal.flush()
        kept = [json.loads(line) for file in spool.glob("*.jsonl") for line in file.read_text().splitlines()]
        assert sorted(one["trace_id"] for one in kept) == [f"tr_{n:04d}" for n in range(2, 40)]
        with pytest.raises(DatabaseUnreachable):
            await journal.traces(tenant="acme")
        outage.end()
        async with asyncio.timeout(60):
            while list(spool.glob("*.jsonl")):
                await asyncio.sleep(0.05)
        assert numbers(await journal.traces(tenant="acme", limit=100)) == list(range(1, 40))


async def test_a_journal_closed_during_an_outage_leaves_its_entries_to_the_next(impatient, make, outage, database):
    async with make(impatient) as journal:
        await journal.flush()
        outage.begin()
        write(journal, 1)
    outage.end()
    async with make(database) as next_one:
        async with asyncio.timeout(30):
            while not (rows := await next_one.traces(tenant="acme")):
                await asyncio.sleep(0.02)
    assert numbers(rows) == [1]


async def test_a_full_queue_goes_to_disk_and_nothing_is_lost(database, make, spool, caplog):
    async with make(database, queue=50) as journal:
        for number in range(1, 400):  # without a pause: the writer gets no turn
            write(journal, number)
        assert list(spool.glob("*.jsonl"))
        assert "the journal's queue is full" in caplog.text
        async with asyncio.timeout(60):
            await journal.flush()
            while list(spool.glob("*.jsonl")):
                await asyncio.sleep(0.02)
        assert numbers(await journal.traces(tenant="acme", limit=1000)) == list(range(1, 400))


async def test_writing_before_the_journal_is_open_and_after_it_is_closed_is_kept_too(database, make):
    journal = make(database)
    write(journal, 1)
    async with journal:
        pass
    write(journal, 2)
    async with make(database) as again:
        async with asyncio.timeout(30):
            while len(rows := await again.traces(tenant="acme")) < 2:
                await asyncio.sleep(0.02)
    assert numbers(rows) == [1, 2]


async def test_a_batch_that_is_replayed_twice_is_there_once(database, make, spool):
    for _ in range(2):
        Spool(spool, ENTRIES).put([entry(1), entry(2)])
    async with make(database) as journal:
        async with asyncio.timeout(30):
            while list(spool.glob("*.jsonl")):
                await asyncio.sleep(0.02)
        assert numbers(await journal.traces(tenant="acme")) == [1, 2]
        assert (await journal.trace(tenant="acme", reference="tr_0001"))["steps"] == []


async def test_an_entry_that_the_database_refuses_is_set_aside_and_holds_nobody_up(database, make, spool, caplog):
    Spool(spool, ENTRIES).put([entry(1), entry(2, trace_id="x" * 300), entry(3)])
    async with make(database) as journal:
        async with asyncio.timeout(30):
            while list(spool.glob("*.jsonl")):
                await asyncio.sleep(0.02)
        assert numbers(await journal.traces(tenant="acme")) == [1, 3]
    (aside,) = (spool / "rejected").iterdir()
    assert json.loads(aside.read_text())["trace_id"] == "x" * 300
    assert "set aside" in caplog.text


async def test_a_file_in_the_spool_that_is_not_ours_is_set_aside(database, make, spool):
    Spool(spool, ENTRIES).put([entry(2)])
    (spool / "0.jsonl").write_text("not json\n")
    async with make(database) as journal:
        async with asyncio.timeout(30):
            while list(spool.glob("*.jsonl")):
                await asyncio.sleep(0.02)
        assert numbers(await journal.traces(tenant="acme")) == [2]
    assert (spool / "rejected" / "0.jsonl").read_text() == "not json\n"


async def test_without_database_and_disk_the_loss_is_said_and_the_answer_goes_on(
    impatient, make, outage, spool, caplog
):
    spool.write_text("a file where the folder should be")
    async with make(impatient) as journal:
        await journal.flush()
        outage.begin()
        write(journal, 1)
        await journal.flush()
    assert [one for one in caplog.records if one.levelno == logging.CRITICAL and "loses 1 entries" in one.message]


async def test_the_spool_is_for_its_owners_eyes_only(tmp_path):
    one = entry(1)
    file = Spool(tmp_path / "spool", ENTRIES).put([one])
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert Spool(tmp_path / "spool", ENTRIES).read(file) == [one]
    assert asdict(one.entry) == json.loads(file.read_text())


async def test_entries_of_several_tenants_in_one_batch_stay_apart(database, make):
    async with make(database) as journal:
        for number, tenant in enumerate(["acme", "other", "acme", "third"]):
            trace = make_trace(number, tenant=tenant)
            journal.write(trace, make_query(tenant=tenant), make_answer(trace), None)
        await journal.flush()
        assert numbers(await journal.traces(tenant="acme")) == [0, 2]
        assert numbers(await journal.traces(tenant="other")) == [1]


async def test_a_day_without_a_partition_is_kept_all_the_same(database, make):
    async with make(database) as journal:
        trace = make_trace(1)
        trace.started_at = trace.started_at.replace(year=2020)
        journal.write(trace, make_query(), make_answer(trace), None)
        await journal.flush()
        assert (await journal.trace(tenant="acme", reference="latest"))["id"] == trace.id


async def test_a_conversation_has_the_turns_of_its_owner_and_nobody_elses(database, make, clone):
    async with make(database) as journal:
        write(journal, 1, conversation="cv_1")
        write(journal, 2, conversation="cv_1", principal=BOB)
        write(journal, 3, conversation="cv_1")
        write(journal, 4)
        await journal.flush()
        async with database.tenant("acme") as conn:
            rows = await (await conn.execute("SELECT answer_id, role FROM turn ORDER BY created_at, n")).fetchall()
    assert [(row["answer_id"], row["role"]) for row in rows] == [
        ("an_0001", "user"),
        ("an_0001", "assistant"),
        ("an_0003", "user"),
        ("an_0003", "assistant"),
    ]
