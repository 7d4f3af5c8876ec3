"""Looking after the database: its state, backups and restores. As the owner; never while answering."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row

from answerable.adapters.postgres.dump import Programs, run, schema_of, wanted
from answerable.adapters.postgres.errors import translated
from answerable.adapters.postgres.migrations import Migrations, shipped
from answerable.adapters.postgres.names import checked_schema, search_path
from answerable.adapters.postgres.roles import ensure_service_role, grant_reading
from answerable.adapters.postgres.statements import composed, statements
from answerable.core.errors import ConfigError, IntegrityError

Connection = psycopg.AsyncConnection[DictRow]
_SQL = statements("operations")


class Operations:
    """What an operator does with one schema. `binaries` is pg_dump's folder, if it is not to be looked for."""

    def __init__(
        self, owner_url: str, *, schema: str = "answerable", login: str | None = None, binaries: Path | None = None
    ) -> None:
        self._owner_url = owner_url
        self._schema = checked_schema(schema)
        self._login = login
        self._binaries = binaries
        self._migrations = Migrations(owner_url, schema=schema, login=login)

    async def status(self) -> dict[str, Any]:
        """Versions as text, `pending` migrations, exact `rows` of all tenants and `bytes` on disk, by table.

        Raises DatabaseUnreachable; ConfigError and IntegrityError as Migrations.plan does.
        """
        pending = [one.label for one in await self._migrations.plan()]
        applied = [one.label for one in shipped() if one.label not in pending]
        async with self._connected() as conn:
            facts = await self._migrations.describe(conn)
            tables = await self._all(conn, "list_tables")
            rows = {one["name"]: await self._count(conn, one["name"]) for one in tables}
        sizes = {one["name"]: int(one["partitioned_bytes"] or one["own_bytes"]) for one in tables}
        return {
            "server": facts["version"],
            "vector": facts["vector"] or "not installed",
            "schema": self._schema,
            "schema_version": applied[-1] if applied else "none",
            "pending": pending,
            "total_bytes": sum(sizes.values()),
            "rows": rows,
            "bytes": sizes,
        }

    async def backup(self, path: Path) -> None:
        """Write the whole schema, every tenant's, into one file of pg_dump's custom format, mode 0600.

        Raises ConfigError where the file is there already or no fitting pg_dump is, IntegrityError where a table
        would be left out.
        """
        if path.exists():
            raise ConfigError(f"{path} is there already", hint="choose another file name")
        async with self._connected() as conn:
            programs = await self._programs(conn)
            if closed := await self._all(conn, "list_closed_tables"):
                raise IntegrityError(f"the owner cannot read table {closed[0]['name']}", hint="see protect()")
            if not await self._is(conn, "has_objects"):
                raise ConfigError(f"there is nothing in schema {self._schema}", hint="check database.schema")
        with tempfile.TemporaryDirectory(dir=path.absolute().parent, prefix=".backup-") as beside:
            fresh = Path(beside) / path.name
            command = [str(programs.pg_dump), "--format", "custom", "--enable-row-security", "--no-password"]
            await run([*command, "--schema", self._schema, "--file", str(fresh)], url=self._owner_url)
            fresh.chmod(0o600)
            fresh.rename(path)

    async def restore(self, path: Path, *, replace: bool = False) -> None:
        """Read a backup into the empty schema, all or nothing, then apply the migrations it lacks.

        With `replace`, what is there is put aside first, dropped after success and put back after a failure.
        Raises ConfigError where the schema is not empty, the file is of another schema or of a newer version.
        """
        if not path.is_file():
            raise ConfigError(f"there is no file {path}")
        async with self._connected() as conn:
            programs = await self._programs(conn)
            programs.check_restore(server_major=_major(conn))
            contents = await run([str(programs.pg_restore), "--list", str(path)], url=None)
            self._check_contents(contents, path)
            async with self._cleared(conn, replace=replace):
                await self._restore(conn, programs, path, contents)
                await self._migrations.migrate()

    def _check_contents(self, contents: str, path: Path) -> None:
        found = schema_of(contents)
        if found != self._schema:
            raise ConfigError(
                f"{path} holds schema {found or 'none'}, not {self._schema}", hint="set database.schema to it"
            )

    @asynccontextmanager
    async def _cleared(self, conn: Connection, *, replace: bool) -> AsyncIterator[None]:
        """An empty schema inside; outside, what was there before if the block fails."""
        if await self._is(conn, "has_objects") and not replace:
            raise ConfigError(
                f"schema {self._schema} is not empty", hint="`db restore --replace` replaces all of it"
            )
        aside = f"{self._schema}_replaced"
        before = await self._is(conn, "has_schema")
        if before:
            await conn.execute(composed(_SQL["rename_schema"], {"schema": self._schema, "other": aside}))
        await conn.execute(composed(_SQL["create_schema"], {"schema": self._schema}))
        try:
            yield
        except BaseException:
            await conn.execute(composed(_SQL["drop_schema"], {"schema": self._schema}))
            if before:
                await conn.execute(composed(_SQL["rename_schema"], {"schema": aside, "other": self._schema}))
            raise
        if before:
            await conn.execute(composed(_SQL["drop_schema"], {"schema": aside}))

    async def _restore(self, conn: Connection, programs: Programs, path: Path, contents: str) -> None:
        await ensure_service_role(conn, schema=self._schema, login=self._login)
        with tempfile.NamedTemporaryFile("w", suffix=".list") as chosen:
            chosen.write(wanted(contents))
            chosen.flush()
            command = [
                str(programs.pg_restore),
                "--no-owner",
                "--single-transaction",
                "--exit-on-error",
                "--no-password",
            ]
            await run([*command, "--use-list", chosen.name, str(path)], url=self._owner_url)
        await conn.execute(_SQL["speak_as_owner"], {"path": search_path(self._schema, "public")})
        await conn.execute(_SQL["open_to_owner"])
        await grant_reading(conn, schema=self._schema)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        with translated():
            conn = await Connection.connect(
                self._owner_url, autocommit=True, row_factory=dict_row, connect_timeout=5
            )
            async with conn:
                await conn.execute(_SQL["speak_as_owner"], {"path": search_path(self._schema, "public")})
                yield conn

    async def _programs(self, conn: Connection) -> Programs:
        return await Programs.find(server_major=_major(conn), folder=self._binaries)

    async def _count(self, conn: Connection, table: str) -> int:
        statement = sql.SQL(_SQL["count_rows"]).format(table=sql.Identifier(self._schema, table))
        row = await (await conn.execute(statement)).fetchone()
        return int(row["n"]) if row else 0

    async def _all(self, conn: Connection, name: LiteralString) -> list[DictRow]:
        return await (await conn.execute(_SQL[name], {"schema": self._schema})).fetchall()

    async def _is(self, conn: Connection, name: LiteralString) -> bool:
        (row,) = await self._all(conn, name)
        return bool(row["yes"])


def _major(conn: Connection) -> int:
    return conn.info.server_version // 10000
