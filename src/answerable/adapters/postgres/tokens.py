"""Credentials in Postgres. Secrets are never stored and never compared but by their hash."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from psycopg.rows import DictRow

from answerable.adapters.granted import granted
from answerable.adapters.postgres.audit import append
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements
from answerable.adapters.secret import new_secret, refused, secret_sha256
from answerable.core.errors import NotFound
from answerable.core.identity import random_id
from answerable.core.ports import Terms, Token
from answerable.core.ports.access import API
from answerable.core.query import Principal

_SQL = statements("tokens")


class PostgresTokens:
    """The Tokens port. Making and revoking a token is written into the audit log in the same transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self, *, tenant: str, principal: Principal, label: str, ttl_s: float | None = None, terms: Terms = API
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
            "kind": terms.kind,
            "scopes": list(terms.scopes),
            "idle_s": terms.idle_s,
            "made_by": terms.made_by,
            "ttl_s": ttl_s,
        }
        async with self._database.tenant(tenant) as conn:
            await conn.execute(_SQL["insert_principal"], values)
            row = await (await conn.execute(_SQL["insert_token"], values)).fetchone()
            assert row is not None  # noqa: S101 - an insert that returns its row
            token = _token(row)
            await append(
                conn,
                actor=terms.actor,
                action=f"{_noun(token.kind)}.create",
                subject=token.id,
                detail=_told(token),
            )
        return token, secret

    async def check(self, secret: str, *, kind: str = "api") -> Token:
        """Raises NotAuthorized for whatever is not a good credential of this kind, always with the same words."""
        digest = secret_sha256(secret)
        presented = {"secret_sha256": digest}
        async with self._database.nobody() as conn:  # whose it is, the token says
            await conn.execute(_SQL["present"], presented)
            row = await (await conn.execute(_SQL["find_token"], presented)).fetchone()
            if row is None or not hmac.compare_digest(row["secret_sha256"], digest) or row["kind"] != kind:
                raise refused()
            await conn.execute(_SQL["become_tenant"], row)
            live = await (await conn.execute(_SQL["is_live"], row)).fetchone()
            if live is None:
                raise refused()
            if kind == "once" and await (await conn.execute(_SQL["use_up"], row)).fetchone() is None:
                raise refused()
            if live["stale"]:
                await conn.execute(_SQL["see"], row)
        return granted(_token(row), roles=live["roles"], groups=live["groups"])

    async def live(self, *, tenant: str, token_ids: Sequence[str]) -> dict[str, Principal]:
        """Those of the credentials that still open something, with what they give now."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            wanted = {"tenant": tenant, "ids": list(token_ids)}
            rows = await (await conn.execute(_SQL["list_live"], wanted)).fetchall()
        return {
            row["id"]: granted(_token(row), roles=row["person_roles"], groups=row["person_groups"]).principal
            for row in rows
        }

    async def revoke(self, *, tenant: str, token_id: str, actor: str = "operator") -> None:
        """Raises NotFound."""
        async with self._database.tenant(tenant) as conn:
            row = await (await conn.execute(_SQL["revoke"], {"tenant": tenant, "id": token_id})).fetchone()
            if row is None:
                raise NotFound(f"there is no token {token_id}")
            await append(conn, actor=actor, action=f"{_noun(row['kind'])}.revoke", subject=token_id)

    async def tokens(self, *, tenant: str) -> list[Token]:
        """All of the tenant's, oldest first."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["list_tokens"], {"tenant": tenant})).fetchall()
        return [_token(row) for row in rows]


def _noun(kind: str) -> str:
    return {"api": "token", "session": "session", "once": "link"}[kind]


def _told(token: Token) -> dict[str, object]:
    """For the audit log: whose, and what it opens."""
    facts: dict[str, object] = {
        "principal": token.principal.id,
        "label": token.label,
        "roles": list(token.principal.roles),
    }
    scopes: dict[str, object] = {"scopes": list(token.scopes)} if token.scopes else {}
    return facts | scopes | ({"made_by": token.made_by} if token.made_by else {})


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
        kind=row["kind"],
        scopes=tuple(row["scopes"]),
        idle_s=row["idle_s"],
        seen_at=row["seen_at"],
        made_by=row["made_by"],
        used=row["used_at"] is not None,
    )
