"""The database as the service sees it: one tenant at a time, at one moment, and again after a restart."""

import asyncio

import psycopg
import pytest

from answerable.adapters.postgres.database import Database, PoolLimits, export_snapshot
from answerable.core.errors import ConfigError, DatabaseUnreachable, DeadlineExceeded

INSERT = "INSERT INTO principal (tenant, id) VALUES (%s, %s)"
COUNT = "SELECT count(*) AS n FROM principal"


async def count(conn) -> int:
    return (await (await conn.execute(COUNT)).fetchone())["n"]


async def test_a_tenant_sees_its_own_rows_and_nobody_elses(database):
    async with database.tenant("a") as conn:
        await conn.execute(INSERT, ("a", "ann"))
    async with database.tenant("b") as conn:
        assert await count(conn) == 0
    async with database.nobody() as conn:
        assert await count(conn) == 0
    async with database.tenant("a") as conn:
        assert await count(conn) == 1


async def test_a_tenant_cannot_write_rows_of_another(database):
    with pytest.raises(ConfigError, match="row-level security"):
        async with database.tenant("a") as conn:
            await conn.execute(INSERT, ("b", "ann"))


async def test_the_tenant_ends_with_the_transaction_also_on_the_same_connection(clone):
    async with Database(clone.service_url, limits=PoolLimits(size=1)) as database:
        async with database.tenant("a") as conn:
            await conn.execute(INSERT, ("a", "ann"))
            first = conn.info.backend_pid
        async with database.nobody() as conn:
            assert conn.info.backend_pid == first
            assert await count(conn) == 0


async def test_an_error_inside_rolls_back(database):
    with pytest.raises(RuntimeError):
        async with database.tenant("a") as conn:
            await conn.execute(INSERT, ("a", "ann"))
            raise RuntimeError
    async with database.tenant("a") as conn:
        assert await count(conn) == 0


async def test_a_tenant_without_a_name_is_refused(database):
    with pytest.raises(ConfigError):
        async with database.tenant(""):
            pass


async def test_readonly_transactions_refuse_to_write_and_leave_the_connection_writable(clone):
    async with Database(clone.service_url, limits=PoolLimits(size=1)) as database:
        with pytest.raises(Exception, match="read-only transaction"):
            async with database.tenant("a", readonly=True) as conn:
                await conn.execute(INSERT, ("a", "ann"))
        async with database.tenant("a") as conn:
            await conn.execute(INSERT, ("a", "ann"))


async def test_two_transactions_share_one_moment(database):
    async with database.tenant("a", readonly=True) as first:
        name = await export_snapshot(first)
        async with database.tenant("a") as writer:
            await writer.execute(INSERT, ("a", "ann"))
        async with database.tenant("a", readonly=True, snapshot=name) as second:
            assert await count(second) == await count(first) == 0
    async with database.tenant("a", readonly=True) as later:
        assert await count(later) == 1


async def test_the_owners_url_works_too_and_runs_as_the_service_role(clone):
    async with Database(clone.owner_url) as database, database.tenant("a") as conn:
        row = await (await conn.execute("SELECT current_user AS me, session_user AS login")).fetchone()
    assert row == {"me": "answerable_service", "login": "answerable_admin"}


async def test_a_service_role_that_could_see_everything_is_refused(clone):
    with psycopg.connect(clone.owner_url) as owner:  # owning one table is enough
        owner.execute("CREATE TABLE answerable.stray (n int)")
        owner.execute("GRANT CREATE ON SCHEMA answerable TO answerable_service")
        owner.execute("ALTER TABLE answerable.stray OWNER TO answerable_service")
    with pytest.raises(ConfigError, match="owns_tables"):
        await Database(clone.service_url).open()


async def test_the_pool_reconnects_after_every_connection_is_cut(database, clone):
    async with database.tenant("a") as conn:
        await conn.execute(INSERT, ("a", "ann"))
    with psycopg.connect(clone.owner_url, autocommit=True) as owner:
        owner.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND usename = 'answerable_service'"
        )
    async with database.tenant("a") as conn:
        assert await count(conn) == 1


async def test_it_revives_the_server_before_it_tries_again(clone):
    revived = []
    async with Database(clone.service_url, revive=lambda: revived.append(True)) as database:
        with psycopg.connect(clone.owner_url, autocommit=True) as owner:
            owner.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND usename = 'answerable_service'"
            )
        async with database.tenant("a") as conn:
            assert await count(conn) == 0
    assert revived == [True]


async def test_a_server_that_is_not_there_is_unreachable_and_the_reason_is_given():
    with pytest.raises(DatabaseUnreachable, match="nowhere") as caught:
        await Database("postgresql://me:secret@/x?host=/nowhere").open()
    assert "secret" not in str(caught.value)
    assert caught.value.hint


async def test_a_database_without_the_schema_says_what_to_run(empty_database):
    with psycopg.connect(empty_database, autocommit=True) as owner:
        owner.execute("CREATE EXTENSION vector")
    async with Database(empty_database, schema="answerable") as database:
        with pytest.raises(ConfigError) as caught:
            async with database.tenant("a") as conn:
                await conn.execute(COUNT)
    assert "db migrate" in caught.value.hint


async def test_a_stopped_statement_is_a_deadline(database):
    with pytest.raises(DeadlineExceeded):
        async with database.tenant("a") as conn:
            await conn.execute("SET LOCAL statement_timeout = 10")
            await conn.execute("SELECT pg_sleep(5)")


async def test_many_tenants_at_once_do_not_mix(database):
    async def work(tenant: str) -> int:
        async with database.tenant(tenant) as conn:
            await conn.execute(INSERT, (tenant, "ann"))
        async with database.tenant(tenant) as conn:
            return await count(conn)

    assert await asyncio.gather(*(work(f"t{n}") for n in range(40))) == [1] * 40


@pytest.mark.parametrize("name", ["Answerable", "pg_mine", "a b", 'x"; DROP', "", "1a", "a" * 49])
def test_only_plain_names_may_be_schemas(name):
    with pytest.raises(ConfigError):
        Database("postgresql://", schema=name)
