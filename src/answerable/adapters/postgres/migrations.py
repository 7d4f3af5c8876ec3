"""Numbered SQL files, applied in order, each once and in one transaction; forward only."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row

from answerable.adapters.postgres.errors import translated
from answerable.adapters.postgres.names import checked_schema, search_path
from answerable.adapters.postgres.roles import ensure_service_role, grant_reading
from answerable.adapters.postgres.statements import sql_folder, statements
from answerable.core.errors import ConfigError, IntegrityError
from answerable.core.identity import sha256_hex

Connection = psycopg.AsyncConnection[DictRow]
_SQL = statements("migrations")
_FILE = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_OLDEST_SERVER = 150000
_OLDEST_VECTOR = (0, 7)  # halfvec


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file of sql/migrations."""

    number: int
    name: str
    text: str

    @property
    def sha256(self) -> str:
        """A file that was applied must never change."""
        return sha256_hex(self.text)

    @property
    def label(self) -> str:
        """As in the file name: `0001_foundation`."""
        return f"{self.number:04d}_{self.name}"


def shipped() -> tuple[Migration, ...]:
    """The migrations of this version, in order."""
    found = (
        Migration(number=int(match[1]), name=match[2], text=file.read_text("utf-8"))
        for file in (sql_folder() / "migrations").iterdir()
        if (match := _FILE.fullmatch(file.name))
    )
    return tuple(sorted(found, key=lambda one: one.number))


class Migrations:
    """Brings one schema to this version, as its owner. Two at once are safe: the second waits and finds it done.

    `login` is the user of database.url where that is another than the owner: it may then become the service role.
    """

    def __init__(
        self,
        owner_url: str,
        *,
        schema: str = "answerable",
        login: str | None = None,
        files: Sequence[Migration] | None = None,
    ) -> None:
        self._owner_url = owner_url
        self._schema = checked_schema(schema)
        self._login = login
        self._files = tuple(files) if files is not None else shipped()

    async def plan(self) -> tuple[Migration, ...]:
        """What `migrate` would apply.

        Raises IntegrityError where an applied file has changed, ConfigError where the database is newer than this
        program, DatabaseUnreachable.
        """
        async with self._connected() as conn:
            return await self._pending(conn)

    async def migrate(self) -> tuple[Migration, ...]:
        """Apply what is pending and return it; a file that fails leaves nothing behind.

        Raises as `plan` does, and ConfigError where the server lacks something or the owner a right.
        """
        async with self._connected() as conn:
            await conn.execute(_SQL["lock"], {"schema": self._schema})
            try:
                path = await self._prepare(conn)
                pending = await self._pending(conn)
                for one in pending:
                    await self._apply(conn, one, path)
            finally:
                await conn.execute(_SQL["unlock"], {"schema": self._schema})
            return pending

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        with translated():
            conn = await Connection.connect(
                self._owner_url, autocommit=True, row_factory=dict_row, connect_timeout=5
            )
            async with conn:
                yield conn

    async def _prepare(self, conn: Connection) -> str:
        """The extension, the schema, the role and the ledger; returns the search path."""
        facts = await self.describe(conn)
        check_server(facts)
        if facts["vector"] is None:
            await self._create_vector(conn)
        path = search_path(self._schema, facts["vector_schema"] or "public")
        async with conn.transaction():
            await ensure_service_role(conn, schema=self._schema, login=self._login)
            if not facts["has_schema"]:
                await conn.execute(sql.SQL(_SQL["create_schema"]).format(schema=sql.Identifier(self._schema)))
            await conn.execute(_SQL["set_path"], {"path": path})
            if not await self._has_ledger(conn):
                await self._create_ledger(conn)
            await grant_reading(conn, schema=self._schema)
        return path

    async def describe(self, conn: Connection) -> DictRow:
        """The server's `version` and `version_num`, pgvector's `vector` version or None, and where they are."""
        row = await (await conn.execute(_SQL["describe_server"], {"schema": self._schema})).fetchone()
        assert row is not None  # noqa: S101 - the statement always gives a row
        return row

    async def _create_vector(self, conn: Connection) -> None:
        try:
            await conn.execute(_SQL["create_vector"])
        except psycopg.errors.InsufficientPrivilege as error:
            raise ConfigError(
                "the vector extension is not installed in this database, and its owner may not install it",
                hint="run as an administrator, in this database: CREATE EXTENSION vector;",
            ) from error

    async def _has_ledger(self, conn: Connection) -> bool:
        row = await (await conn.execute(_SQL["has_ledger"], {"schema": self._schema})).fetchone()
        return row is not None and bool(row["yes"])

    async def _create_ledger(self, conn: Connection) -> None:
        for name in ("create_ledger", "protect_ledger", "force_ledger", "open_ledger_to_owner"):
            await conn.execute(_SQL[name])
        await conn.execute(_SQL["open_ledger_to_readers"])

    async def _pending(self, conn: Connection) -> tuple[Migration, ...]:
        if not await self._has_ledger(conn):
            return self._files
        async with conn.transaction():
            await conn.execute(_SQL["set_path"], {"path": f'"{self._schema}"'})
            rows = await (await conn.execute(_SQL["applied"])).fetchall()
        return pending(self._files, rows)

    async def _apply(self, conn: Connection, one: Migration, path: str) -> None:
        async with conn.transaction():
            await conn.execute(_SQL["set_path"], {"path": path})
            await conn.execute(one.text)  # our own file
            await conn.execute(_SQL["record"], {"number": one.number, "name": one.name, "sha256": one.sha256})


def pending(files: Sequence[Migration], applied: Sequence[DictRow]) -> tuple[Migration, ...]:
    """The files not yet applied. Raises IntegrityError for a changed one, ConfigError for an unknown one."""
    known = {one.number: one for one in files}
    for row in applied:
        one = known.get(row["number"])
        if one is None:
            raise ConfigError(
                f"the database has migration {row['number']:04d}_{row['name']}, which this version does not know",
                hint="run a version at least as new as the database",
            )
        if one.sha256 != row["sha256"]:
            raise IntegrityError(
                f"migration {one.label} is not the file that was applied",
                hint="restore the file; a change of the schema is a new migration",
            )
    done = {row["number"] for row in applied}
    return tuple(one for one in files if one.number not in done)


def check_server(facts: dict[str, Any]) -> None:
    """Raise ConfigError where the server is too old, or has no pgvector or too old a one."""
    if facts["version_num"] < _OLDEST_SERVER:
        raise ConfigError(
            f"PostgreSQL {facts['version']} is too old", hint="point database.url at PostgreSQL 15 or newer"
        )
    version = facts["vector"] or facts["vector_available"]
    if version is None:
        raise ConfigError(
            "this PostgreSQL server does not offer the vector extension",
            hint="install pgvector 0.7 or newer on the server (package postgresql-NN-pgvector)",
        )
    if tuple(int(part) for part in str(version).split(".")[:2]) < _OLDEST_VECTOR:
        raise ConfigError(
            f"pgvector {version} is too old: there is no halfvec",
            hint="install pgvector 0.7 or newer, then run: ALTER EXTENSION vector UPDATE;",
        )
