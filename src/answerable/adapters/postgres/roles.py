"""The service role: what the service is while it works, and how a login comes to be it."""

from __future__ import annotations

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import DictRow, dict_row

from answerable.adapters.postgres.errors import translated
from answerable.adapters.postgres.names import checked_schema, service_role
from answerable.adapters.postgres.statements import composed, statements
from answerable.core.errors import ConfigError

_SQL = statements("roles")


async def ensure_service_role(conn: psycopg.AsyncConnection[DictRow], *, schema: str, login: str | None) -> None:
    """Make the role if it is missing, and let `login` (by default the owner) become it.

    Raises ConfigError that names the statements for an administrator, where the owner may not do this itself.
    """
    role = service_role(schema)
    login = login or conn.info.user
    facts = await _one(conn, "describe", role=role, login=login)
    if facts["too_strong"]:
        raise ConfigError(
            f"role {role} is a superuser or bypasses row-level security",
            hint=f"run as an administrator: ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS",
        )
    try:
        if not facts["present"]:
            await conn.execute(composed(_SQL["create"], {"role": role}))
        if login != role and not (await _one(conn, "may_set", role=role, login=login))["yes"]:
            await conn.execute(composed(_SQL["grant_membership"], {"role": role, "login": login}))
    except psycopg.errors.InsufficientPrivilege as error:
        raise ConfigError(
            f"the owner may not create role {role} or grant it to {login}",
            hint=f'run as an administrator: CREATE ROLE {role} NOLOGIN; GRANT {role} TO "{login}";',
        ) from error


async def grant_reading(conn: psycopg.AsyncConnection[DictRow], *, schema: str) -> None:
    """Let the service role look names up in the schema and read the list of migrations."""
    await conn.execute(composed(_SQL["grant_schema"], {"schema": schema, "role": service_role(schema)}))
    await conn.execute(composed(_SQL["grant_ledger"], {"role": service_role(schema)}))


async def give_login(owner_url: str, *, schema: str, password: str) -> str:
    """Let the service role log in by password, for the embedded database; returns its URL."""
    role = service_role(checked_schema(schema))
    with translated():
        async with await psycopg.AsyncConnection.connect(owner_url, row_factory=dict_row) as conn:
            await conn.execute(_SQL["lock_logins"])
            found = await (await conn.execute(_SQL["may_log_in"], {"role": role})).fetchone()
            if found is not None and not found["yes"]:
                verifier = conn.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
                statement = sql.SQL(_SQL["give_login"])
                await conn.execute(
                    statement.format(role=sql.Identifier(role), verifier=sql.Literal(verifier.decode()))
                )
    return make_conninfo(owner_url, user=role, password=password)


async def _one(conn: psycopg.AsyncConnection[DictRow], name: str, *, role: str, login: str) -> DictRow:
    row = await (await conn.execute(_SQL[name], {"role": role, "login": login})).fetchone()
    assert row is not None  # noqa: S101 - the statement always gives a row
    return row
