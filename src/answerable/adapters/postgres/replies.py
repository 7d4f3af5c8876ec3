"""The cache of replies in Postgres: shared by all processes, and gone with the passages it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg.rows import DictRow

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements
from answerable.core.completion import Completion, Usage
from answerable.core.errors import IntegrityError
from answerable.core.identity import sha256_hex
from answerable.core.ports import CachedReply, CacheKey, Census

_SQL = statements("replies")
_GENERATIONS = statements("generations")
_ALIKE = 5  # of one meaning that are looked at


class PostgresReplies:
    """A Replies. Rows belong to an index's generation, so a switch of the index needs no thought here.

    Raises DatabaseUnreachable, and IntegrityError for a reply that is not what its hash says.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, *, tenant: str, exact: str) -> CachedReply | None:
        """None past its time, and where a chunk it was made from is gone."""
        found = await self._find("get_reply", tenant, {"exact": exact})
        return found[0] if found else None

    async def earlier(self, *, tenant: str, question: str) -> CachedReply | None:
        """The newest."""
        found = await self._find("find_earlier", tenant, {"question": question})
        return found[0] if found else None

    async def alike(self, *, tenant: str, alike: str) -> list[CachedReply]:
        """At most five, the newest first."""
        return await self._find("find_alike", tenant, {"alike": alike, "limit": _ALIKE})

    async def put(self, reply: CachedReply, *, ttl_s: float) -> None:
        """In one statement, which looks for the chunks and takes some of the dead with it."""
        async with self._database.index(reply.key.tenant) as (conn, name):
            await conn.execute(_SQL["put_reply"], {**_row(reply), "tenant": name, "ttl_s": ttl_s}, prepare=True)

    async def forget(self, *, tenant: str, chunk_ids: Sequence[str] = ()) -> int:
        """In every generation of the index: one that is switched back to must not know more."""
        statement = _SQL["forget_made_from" if chunk_ids else "forget_all"]
        forgotten = 0
        async with self._database.tenant(tenant) as conn:
            names = await (await conn.execute(_SQL["list_indexes"], {"tenant": tenant})).fetchall()
            for row in names:
                await conn.execute(_GENERATIONS["close_index"], {"tenant": row["name"]})
                values = {"tenant": row["name"], "chunks": list(chunk_ids)}
                counted = await (await conn.execute(statement, values)).fetchone()
                forgotten += int(counted["replies"]) if counted else 0
        return forgotten

    async def census(self, *, tenant: str) -> Census:
        """Of the active index."""
        async with self._database.index(tenant, readonly=True) as (conn, name):
            row = await (await conn.execute(_SQL["count_replies"], {"tenant": name})).fetchone()
        return Census(**row) if row else Census(entries=0, bytes=0)

    async def answers(self, *, tenant: str, since: datetime) -> dict[str, int]:
        """Answers by where they came from: none, exact, semantic, shared, earlier."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await conn.execute(_SQL["count_answers"], {"tenant": tenant, "since": since})
            return {row["cache"]: row["answers"] async for row in rows}

    async def _find(self, statement: str, tenant: str, values: Mapping[str, Any]) -> list[CachedReply]:
        async with self._database.index(tenant, readonly=True) as (conn, name):
            rows = await (await conn.execute(_SQL[statement], {**values, "tenant": name}, prepare=True)).fetchall()
        return [_reply(tenant, row) for row in rows]


def _row(reply: CachedReply) -> dict[str, Any]:
    key, completion, usage = reply.key, reply.completion, reply.completion.usage
    return {
        "exact": key.exact,
        "question": key.question,
        "alike": key.alike,
        "chunks": list(key.chunk_ids),
        "text": completion.text,
        "text_sha256": sha256_hex(completion.text),
        "model": completion.model,
        "provider": completion.provider,
        "fingerprint": completion.fingerprint,
        "input": usage.input,
        "cached": usage.cached,
        "output": usage.output,
        "cost": usage.cost,
        "currency": usage.currency,
        "vector": reply.vector,
        "kept_at": reply.kept_at,
    }


def _reply(tenant: str, row: DictRow) -> CachedReply:
    if sha256_hex(row["text"]) != row["text_sha256"]:
        raise IntegrityError(
            f"the cached reply {row['exact'][:12]} is not what its hash says", hint="run `answerable cache clear`"
        )
    usage = Usage(
        input=row["input"], cached=row["cached"], output=row["output"], cost=row["cost"], currency=row["currency"]
    )
    key = CacheKey(
        tenant=tenant,
        exact=row["exact"],
        question=row["question"],
        chunk_ids=tuple(row["chunks"]),
        alike=row["alike"],
    )
    completion = Completion(
        text=row["text"],
        model=row["model"],
        provider=row["provider"],
        fingerprint=row["fingerprint"],
        usage=usage,
    )
    return CachedReply(key=key, completion=completion, kept_at=row["kept_at"], vector=bytes(row["vector"]))
