"""Credentials in Postgres. Secrets are never stored and never compared but by their hash."""

from __future__ import annotations

import hmac

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements
from answerable.adapters.secret import new_secret, refused, secret_sha256
from answerable.core.errors import NotFound
from answerable.core.identity import random_id
from answerable.core.ports import Token
from answerable.core.query import Principal

_SQL = statements("tokens")


class PostgresTokens:
    """The Tokens port. Making and revoking a token is written into the audit log in the same transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self, *, tenant: str, principal: Principal, label: str, ttl_s: float | None = None, once: bool = False
    ) -> tuple[Token, str]:
        """The token and its secret, which is never shown again."""
        secret = new_secret()
        values = {
            "tenant": tenant,
            "id": random_id("tk"),
            "secret_sha256": secret_sha256(secret),
            "principal": principal.id,
            "roles": list(principal.roles),
            "groups": list(principal.groups),
            "label": label,
            "once": once,
            "ttl_s": ttl_s,
        }
        audit = {"action": "token.create", "detail": Jsonb({"principal": principal.id, "label": label})}
        async with self._database.tenant(tenant) as conn:
            await conn.execute(_SQL["insert_principal"], values)
            row = await (await conn.execute(_SQL["insert_token"], values)).fetchone()
            await conn.execute(_SQL["audit"], values | audit)
        assert row is not None  # noqa: S101 - an insert that returns its row
        return _token(row), secret

    async def check(self, secret: str) -> Token:
        """Raises NotAuthorized for unknown, revoked, expired and used-up ones, all with the same words."""
        digest = secret_sha256(secret)
        presented = {"secret_sha256": digest}
        async with self._database.nobody() as conn:  # whose it is, the token says
            await conn.execute(_SQL["present"], presented)
            row = await (await conn.execute(_SQL["find_token"], presented)).fetchone()
            if row is None or not hmac.compare_digest(row["secret_sha256"], digest):
                raise refused()
            await conn.execute(_SQL["become_tenant"], row)
            if await (await conn.execute(_SQL["is_live"], row)).fetchone() is None:
                raise refused()
            if row["once"] and await (await conn.execute(_SQL["use_up"], row)).fetchone() is None:
                raise refused()
        return _token(row)

    async def revoke(self, *, tenant: str, token_id: str) -> None:
        """Raises NotFound."""
        async with self._database.tenant(tenant) as conn:
            values = {"tenant": tenant, "id": token_id, "action": "token.revoke", "detail": Jsonb({})}
            if await (await conn.execute(_SQL["revoke"], values)).fetchone() is None:
                raise NotFound(f"there is no token {token_id}")
            await conn.execute(_SQL["audit"], values)

    async def tokens(self, *, tenant: str) -> list[Token]:
        """All of the tenant's, oldest first."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["list_tokens"])).fetchall()
        return [_token(row) for row in rows]


def _token(row: DictRow) -> Token:
    principal = Principal(id=row["principal_id"], groups=tuple(row["groups"]), roles=tuple(row["roles"]))
    return Token(
        id=row["id"],
        tenant=row["tenant"],
        principal=principal,
        label=row["label"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        once=row["once"],
    )
