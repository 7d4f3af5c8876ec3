"""Backups hold everything, restores bring it back, and both say clearly why not."""

import asyncio
import os

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.dump import Programs, run
from answerable.adapters.postgres.journal import PostgresJournal
from answerable.adapters.postgres.migrations import Migrations, shipped
from answerable.adapters.postgres.operations import Operations
from answerable.adapters.postgres.tokens import PostgresTokens
from answerable.answer.record import answer_record
from answerable.core.errors import AnswerableError, ConfigError, DatabaseUnreachable, IntegrityError
from answerable.testing.journal import make_answer, make_query, make_trace
from answerable.testing.tokens import ANN


@pytest.fixture
def operations(clone, embedded_server):
    return Operations(clone.owner_url, binaries=embedded_server.binaries)


async def fill(database, spool):
    """Rows of two tenants; returns a secret."""
    async with PostgresJournal(database, record=answer_record, spool=spool) as journal:
        for number, tenant in enumerate(["acme", "acme", "other"]):
            trace = make_trace(number, tenant=tenant)
            journal.write(trace, make_query(tenant=tenant), make_answer(trace), None)
    _, secret = await PostgresTokens(database).create(tenant="acme", principal=ANN, label="x")
    return secret


def policies(url):
    with psycopg.connect(url) as conn:
        return set(
            conn.execute(
                "SELECT tablename, policyname, cmd, qual FROM pg_policies WHERE schemaname = 'answerable'"
            ).fetchall()
        )


def rights(url):
    with psycopg.connect(url) as conn:
        return set(
            conn.execute(
                "SELECT relname, relrowsecurity, relforcerowsecurity, has_table_privilege(s, c.oid, 'SELECT'), "
                "has_table_privilege(s, c.oid, 'INSERT'), has_table_privilege(s, c.oid, 'UPDATE'), "
                "has_table_privilege(s, c.oid, 'DELETE') FROM pg_class c, (VALUES ('answerable_service')) v (s) "
                "WHERE relnamespace = 'answerable'::regnamespace AND relkind IN ('r', 'p')"
            ).fetchall()
        )


async def test_the_status_has_versions_sizes_and_the_rows_of_all_tenants(operations, database, tmp_path):
    await fill(database, tmp_path)
    status = await operations.status()
    assert status["server"].startswith("18.")
    assert status["vector"] == "0.8.5"
    assert (status["schema"], status["pending"], status["schema_version"]) == (
        "answerable",
        [],
        shipped()[-1].label,
    )
    assert (status["rows"]["trace"], status["rows"]["api_token"], status["rows"]["feedback"]) == (3, 1, 0)
    assert status["bytes"]["trace"] > 3 * 8192  # its partitions count
    assert status["total_bytes"] == sum(status["bytes"].values())


async def test_the_status_of_an_empty_database_names_what_is_pending(empty_database):
    status = await Operations(empty_database).status()
    assert status["pending"] == [one.label for one in shipped()]
    assert (status["schema_version"], status["vector"], status["rows"]) == ("none", "not installed", {})


async def test_a_backup_restored_elsewhere_is_the_same_in_rows_rights_and_policies(
    operations, database, clone, empty_database, embedded_server, tmp_path
):
    secret = await fill(database, tmp_path)
    file = tmp_path / "backup.dump"
    await operations.backup(file)
    assert file.stat().st_mode & 0o777 == 0o600
    with psycopg.connect(empty_database, autocommit=True) as conn:
        conn.execute("CREATE EXTENSION vector")
    there = Operations(empty_database, binaries=embedded_server.binaries)
    await there.restore(file)

    assert (await there.status())["rows"] == (await operations.status())["rows"]
    assert policies(empty_database) == policies(clone.owner_url)
    assert rights(empty_database) == rights(clone.owner_url)
    service = make_conninfo(clone.service_url, dbname=conninfo_to_dict(empty_database)["dbname"])
    async with Database(service) as restored:
        assert (await PostgresTokens(restored).check(secret)).principal == ANN
        async with PostgresJournal(restored, record=answer_record, spool=tmp_path) as journal:
            assert [one["id"] for one in await journal.traces(tenant="acme")] == ["tr_0001", "tr_0000"]
            assert (await journal.trace(tenant="other", reference="latest"))["answer"]["id"] == "an_0002"
            async with restored.tenant("acme") as conn:
                await conn.execute("SELECT make_partitions(20)")


async def test_a_restore_does_not_touch_a_schema_with_something_in_it_unless_told(operations, database, tmp_path):
    await fill(database, tmp_path)
    file = tmp_path / "backup.dump"
    await operations.backup(file)
    async with database.tenant("acme") as conn:
        await conn.execute("DELETE FROM trace")
    with pytest.raises(ConfigError, match="not empty") as caught:
        await operations.restore(file)
    assert "--replace" in caught.value.hint
    assert (await operations.status())["rows"]["trace"] == 1
    await operations.restore(file, replace=True)
    assert (await operations.status())["rows"]["trace"] == 3
    async with database.tenant("acme") as conn:
        row = await (await conn.execute("SELECT count(*) AS n FROM trace")).fetchone()
    assert row["n"] == 2


async def test_a_replacing_restore_that_fails_leaves_what_was_there(operations, database, clone, tmp_path):
    await fill(database, tmp_path)
    file = tmp_path / "backup.dump"
    await operations.backup(file)
    content = file.read_bytes()
    file.write_bytes(content[: len(content) - 2000])
    before = policies(clone.owner_url)
    with pytest.raises(AnswerableError):
        await operations.restore(file, replace=True)
    assert (await operations.status())["rows"]["trace"] == 3
    assert policies(clone.owner_url) == before
    with psycopg.connect(clone.owner_url) as conn:
        assert conn.execute("SELECT to_regnamespace('answerable_replaced')").fetchone() == (None,)


async def test_a_backup_of_an_older_version_is_migrated_forward(embedded_server, empty_database, tmp_path):
    await Migrations(empty_database, files=shipped()[:1]).migrate()
    older = Operations(empty_database, binaries=embedded_server.binaries)
    await older.backup(tmp_path / "old.dump")
    await older.restore(tmp_path / "old.dump", replace=True)
    assert (await older.status())["pending"] == []


async def test_a_plain_owner_can_back_up_and_restore_every_tenants_rows(
    clone, embedded_server, tmp_path, database
):
    await fill(database, tmp_path)
    owner = f"{clone.name}_owner"
    with psycopg.connect(clone.owner_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'pw'").format(sql.Identifier(owner)))
        admin.execute(sql.SQL("GRANT answerable_service TO {}").format(sql.Identifier(owner)))
        admin.execute(
            sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(clone.name), sql.Identifier(owner))
        )
        await Operations(clone.owner_url, binaries=embedded_server.binaries).backup(tmp_path / "1.dump")
        admin.execute("DROP SCHEMA answerable CASCADE")
        url = make_conninfo(clone.owner_url, user=owner, password="pw")
        plain = Operations(url, binaries=embedded_server.binaries)
        await plain.restore(tmp_path / "1.dump")
        await plain.backup(tmp_path / "2.dump")
        await plain.restore(tmp_path / "2.dump", replace=True)
        rows = (await plain.status())["rows"]
        admin.execute(sql.SQL("REASSIGN OWNED BY {} TO CURRENT_USER").format(sql.Identifier(owner)))
        admin.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(owner)))
        admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(owner)))
    assert (rows["trace"], rows["api_token"]) == (3, 1)


async def test_a_table_that_the_owner_could_not_read_stops_the_backup(operations, clone, tmp_path):
    with psycopg.connect(clone.owner_url, autocommit=True) as conn:
        conn.execute("DROP POLICY maintenance ON answerable.feedback")
    with pytest.raises(IntegrityError, match="feedback"):
        await operations.backup(tmp_path / "backup.dump")
    assert list(tmp_path.iterdir()) == []


async def test_a_file_that_is_there_is_not_written_over(operations, tmp_path):
    (tmp_path / "backup.dump").write_text("mine")
    with pytest.raises(ConfigError, match="is there already"):
        await operations.backup(tmp_path / "backup.dump")
    assert (tmp_path / "backup.dump").read_text() == "mine"


async def test_there_is_no_backup_of_nothing(empty_database, embedded_server, tmp_path):
    with pytest.raises(ConfigError, match="nothing"):
        await Operations(empty_database, binaries=embedded_server.binaries).backup(tmp_path / "backup.dump")


async def test_a_file_that_is_no_backup_or_of_another_schema_is_refused(
    operations, clone, embedded_server, tmp_path
):
    (tmp_path / "text").write_text("not a backup")
    with pytest.raises(AnswerableError, match="pg_restore"):
        await operations.restore(tmp_path / "text", replace=True)
    with pytest.raises(ConfigError, match="no file"):
        await operations.restore(tmp_path / "nothing")
    await operations.backup(tmp_path / "backup.dump")
    with pytest.raises(ConfigError, match="holds schema answerable"):
        await Operations(clone.owner_url, schema="other", binaries=embedded_server.binaries).restore(
            tmp_path / "backup.dump"
        )


async def test_programs_older_than_the_server_are_refused_with_both_versions(tmp_path):
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.13'\n")
    old.chmod(0o755)
    with pytest.raises(ConfigError, match=r"PostgreSQL 99; pg_dump here: 15") as caught:
        await Programs.find(server_major=99, folder=tmp_path)
    assert "postgresql-client-99" in caught.value.hint
    assert (await Programs.find(server_major=15, folder=tmp_path)).pg_dump == old


async def test_the_nearest_version_is_chosen_and_one_that_an_old_server_would_not_understand_is_refused(
    tmp_path, monkeypatch
):
    for folder, major in (("new", 21), ("near", 20)):
        program = tmp_path / folder / "pg_dump"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {major}.1'\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'near'}:{os.defpath}")
    programs = await Programs.find(server_major=20, folder=tmp_path / "new")
    assert (programs.major, programs.pg_restore) == (20, tmp_path / "near" / "pg_restore")
    programs.check_restore(server_major=17)
    with pytest.raises(ConfigError, match="pg_restore 20 cannot write to PostgreSQL 16") as caught:
        programs.check_restore(server_major=16)
    assert "postgresql-client-16" in caught.value.hint


async def test_the_password_is_not_on_the_command_line(clone, tmp_path):
    shown = tmp_path / "show"
    shown.write_text('#!/bin/sh\necho "$@ PGPASSWORD=$PGPASSWORD"\n')
    shown.chmod(0o755)
    said = await run([str(shown)], url="postgresql://me:hidden@host/x")
    arguments, _, password = said.partition(" PGPASSWORD=")
    assert "hidden" not in arguments
    assert password.strip() == "hidden"


async def test_no_server_is_unreachable():
    with pytest.raises(DatabaseUnreachable):
        await asyncio.wait_for(Operations("postgresql:///x?host=/nowhere").status(), 30)
