"""Migrations: in order, once, unchanged, by whoever owns the schema."""

import subprocess
import sys
from dataclasses import replace

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.migrations import Migration, Migrations, check_server, shipped
from answerable.core.errors import AnswerableError, ConfigError, DatabaseUnreachable, IntegrityError

ONE = Migration(number=1, name="one", text="CREATE TABLE one (n int);")
TWO = Migration(number=2, name="two", text="CREATE TABLE two (n int);")
BROKEN = Migration(number=3, name="broken", text="CREATE TABLE three (n int); SELECT nonsense;")


def tables(url: str, schema: str = "answerable") -> set[str]:
    with psycopg.connect(url) as conn:
        return {
            name for (name,) in conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema,))
        }


async def test_they_are_applied_in_order_and_once(empty_database):
    assert await Migrations(empty_database, files=[ONE]).migrate() == (ONE,)
    later = Migrations(empty_database, files=[ONE, TWO])
    assert await later.plan() == (TWO,)
    assert await later.migrate() == (TWO,)
    assert await later.migrate() == ()
    assert tables(empty_database) == {"schema_migration", "one", "two"}


async def test_a_plan_changes_nothing(empty_database):
    assert await Migrations(empty_database, files=[ONE]).plan() == (ONE,)
    assert tables(empty_database) == set()


async def test_a_changed_file_is_found(empty_database):
    await Migrations(empty_database, files=[ONE]).migrate()
    changed = Migrations(empty_database, files=[replace(ONE, text=ONE.text + " "), TWO])
    with pytest.raises(IntegrityError, match="0001_one"):
        await changed.plan()
    with pytest.raises(IntegrityError, match="0001_one"):
        await changed.migrate()
    assert "two" not in tables(empty_database)


async def test_a_database_newer_than_the_program_is_refused(empty_database):
    await Migrations(empty_database, files=[ONE, TWO]).migrate()
    with pytest.raises(ConfigError, match="0002_two"):
        await Migrations(empty_database, files=[ONE]).plan()


async def test_a_file_that_fails_leaves_nothing_behind_and_keeps_the_ones_before(empty_database):
    with pytest.raises(AnswerableError, match="nonsense"):
        await Migrations(empty_database, files=[ONE, BROKEN]).migrate()
    assert tables(empty_database) == {"schema_migration", "one"}
    assert await Migrations(empty_database, files=[ONE, BROKEN]).plan() == (BROKEN,)


MIGRATE = """
import asyncio, sys
from answerable.adapters.postgres.migrations import Migrations
print(len(asyncio.run(Migrations(sys.argv[1]).migrate())))
"""


def test_of_several_processes_one_applies_and_the_others_wait(empty_database):
    command = [sys.executable, "-c", MIGRATE, empty_database]
    several = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    applied = sorted(int(one.communicate(timeout=60)[0]) for one in several)
    assert applied == [0, 0, len(shipped())]
    assert [one.returncode for one in several] == [0, 0, 0]


async def test_two_schemas_live_in_one_database(empty_database):
    await Migrations(empty_database, schema="first").migrate()
    await Migrations(empty_database, schema="second").migrate()
    assert tables(empty_database, "first") == tables(empty_database, "second") != set()


async def test_no_server_is_unreachable():
    with pytest.raises(DatabaseUnreachable):
        await Migrations("postgresql:///x?host=/nowhere").plan()


# --- owners that are no superusers ---------------------------------------------------------------------------


@pytest.fixture
def plain_owner(empty_database, request):
    """The URL of a role that owns the database and may do nothing else; the roles are gone afterwards."""
    name = psycopg.conninfo.conninfo_to_dict(empty_database)["dbname"]
    owner, schema = f"{name}_owner", f"{name}_s"
    with psycopg.connect(empty_database, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'pw'").format(sql.Identifier(owner)))
        admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(name), sql.Identifier(owner)))
        yield make_conninfo(empty_database, user=owner, password="pw"), schema, admin
        admin.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
        admin.execute(sql.SQL("REASSIGN OWNED BY {} TO CURRENT_USER").format(sql.Identifier(owner)))
        admin.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(owner)))
        for role in (f"{schema}_service", owner):
            admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


async def test_a_plain_owner_is_told_what_an_administrator_must_run_and_then_migrates_and_serves(plain_owner):
    url, schema, admin = plain_owner
    migrations = Migrations(url, schema=schema)
    with pytest.raises(ConfigError, match="vector") as caught:
        await migrations.migrate()
    assert "CREATE EXTENSION vector;" in caught.value.hint
    admin.execute("CREATE EXTENSION vector")

    with pytest.raises(ConfigError, match="may not create role") as caught:
        await migrations.migrate()
    for statement in caught.value.hint.removeprefix("run as an administrator:").split(";")[:-1]:
        admin.execute(statement)

    assert await migrations.migrate() == shipped()
    async with Database(url, schema=schema) as database:
        async with database.tenant("a") as conn:
            await conn.execute("INSERT INTO principal (tenant, id) VALUES ('a', 'ann')")
            await conn.execute("SELECT make_partitions(20)")
        async with database.tenant("b") as conn:
            assert await (await conn.execute("SELECT * FROM principal")).fetchall() == []


async def test_an_owner_that_may_create_roles_needs_nobody(plain_owner):
    url, schema, admin = plain_owner
    admin.execute("CREATE EXTENSION vector")
    admin.execute(
        sql.SQL("ALTER ROLE {} CREATEROLE").format(sql.Identifier(psycopg.conninfo.conninfo_to_dict(url)["user"]))
    )
    assert await Migrations(url, schema=schema).migrate() == shipped()
    async with Database(url, schema=schema) as database, database.tenant("a") as conn:
        row = await (await conn.execute("SELECT current_user AS me")).fetchone()
    assert row == {"me": f"{schema}_service"}


async def test_a_login_of_its_own_may_serve_without_owning_anything(clone):
    login = f"{clone.name}_login"
    with psycopg.connect(clone.owner_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'pw'").format(sql.Identifier(login)))
        await Migrations(clone.owner_url, login=login).migrate()
        url = make_conninfo(clone.owner_url, user=login, password="pw")
        async with Database(url) as database, database.tenant("a") as conn:
            row = await (await conn.execute("SELECT current_user AS me, session_user AS login")).fetchone()
        admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(login)))
    assert row == {"me": "answerable_service", "login": login}


# --- what every table must be ----------------------------------------------------------------------------------


def test_every_table_is_under_forced_row_level_security_with_a_policy(clone):
    with psycopg.connect(clone.owner_url) as conn:
        rows = conn.execute(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, "
            "       EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid), "
            "       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant' "
            "               AND a.attnotnull) "
            "FROM pg_class c WHERE c.relnamespace = 'answerable'::regnamespace AND c.relkind IN ('r', 'p')"
        ).fetchall()
    assert len(rows) > 40  # with the partitions
    assert [name for name, forced, _, _ in rows if not forced] == []
    assert [name for name, _, policy, _ in rows if not policy] == []
    # The queue's library knows no tenants: its policies go by the queue's name, which is the tenant's.
    queue = [f"procrastinate_{name}" for name in ("events", "jobs", "periodic_defers", "workers")]
    assert sorted(name for name, _, _, tenant in rows if not tenant) == [*queue, "schema_migration"]


def test_no_view_or_function_gets_around_it(clone):
    with psycopg.connect(clone.owner_url) as conn:
        views = conn.execute(
            "SELECT FROM pg_class WHERE relnamespace = 'answerable'::regnamespace AND relkind IN ('v', 'm')"
        ).fetchall()
        definers = conn.execute(
            "SELECT proname, proconfig, has_function_privilege('public', oid, 'EXECUTE') FROM pg_proc "
            "WHERE pronamespace = 'answerable'::regnamespace AND prosecdef ORDER BY proname"
        ).fetchall()
    assert views == []
    # A new one belongs here only after somebody has looked at what it lets the service do.
    fixed = ['search_path="answerable", "public", pg_temp']
    # forget_person and purge_old delete and pseudonymize, inside of the tenant that the transaction is for.
    # forget_events, purge_events and drop_empty_days do the same of the log; a day is dropped when it is empty.
    names = (
        "audit_append", "drop_empty_days", "forget_events", "forget_person", "make_partitions",
        "make_vector_index", "purge_events", "purge_old",
    )  # fmt: skip
    assert definers == [(name, fixed, False) for name in names]


def test_the_service_role_is_weak_and_owns_nothing(clone):
    with psycopg.connect(clone.owner_url) as conn:
        role = conn.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles "
            "WHERE rolname = 'answerable_service'"
        ).fetchone()
        owned = conn.execute(
            "SELECT count(*) FROM pg_class WHERE relowner = 'answerable_service'::regrole"
        ).fetchone()
        callable_ = conn.execute(
            "SELECT has_function_privilege('answerable_service', 'answerable.protect(regclass,text)', 'EXECUTE')"
        ).fetchone()
    assert role == (False, False, False, False)
    assert owned == (0,)
    assert callable_ == (False,)


@pytest.mark.parametrize(("table", "inserts"), [("feedback", True), ("audit", False)])
def test_histories_are_append_only_for_the_service(clone, table, inserts):
    with psycopg.connect(clone.owner_url) as conn:
        rights = [
            conn.execute(
                "SELECT has_table_privilege('answerable_service', %s, %s)", (f"answerable.{table}", right)
            ).fetchone()[0]
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
        ]
    assert rights == [True, inserts, False, False, False]  # the audit log is written by a function alone


async def test_the_service_cannot_touch_a_partition_behind_its_parents_back(database):
    with pytest.raises(ConfigError, match="permission denied"):
        async with database.tenant("a") as conn:
            await conn.execute("SELECT * FROM trace_default")


async def test_partitions_are_made_once_and_a_day_that_already_has_rows_keeps_them(database):
    async with database.tenant("a") as conn:
        await conn.execute(
            "INSERT INTO step SELECT 'a', 'tr_1', now() + interval '20 days', 0, 'x', 0, 0, 'ok', '{}'"
        )
        made = (await (await conn.execute("SELECT make_partitions(25) AS n")).fetchone())["n"]
        again = (await (await conn.execute("SELECT make_partitions(25) AS n")).fetchone())["n"]
        kept = await (await conn.execute("SELECT count(*) AS n FROM step")).fetchone()
    assert (made, again, kept["n"]) == (3 * 11 - 1, 0, 1)


# --- the server --------------------------------------------------------------------------------------------

FACTS = {"version_num": 150000, "version": "15.0", "vector": "0.7.0", "vector_available": "0.8.0"}


def test_the_oldest_supported_server_will_do():
    check_server(FACTS)
    check_server(FACTS | {"vector": None})


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"version_num": 140012, "version": "14.12"}, "14.12"),
        ({"vector": "0.6.2"}, "0.6.2"),
        ({"vector": None, "vector_available": "0.6.2"}, "0.6.2"),
        ({"vector": None, "vector_available": None}, "does not offer"),
    ],
)
def test_an_older_server_is_refused_by_name(facts, said):
    with pytest.raises(ConfigError, match=said):
        check_server(FACTS | facts)
