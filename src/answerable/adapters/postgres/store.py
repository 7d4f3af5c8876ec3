"""The Store on Postgres: chunks, vectors and postings of a document change in one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from psycopg.rows import DictRow

from answerable.adapters.postgres.binary import register
from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.moment import Moment
from answerable.adapters.postgres.sealing import Sealing
from answerable.adapters.postgres.segments import GROWING, TIDY
from answerable.adapters.postgres.snapshot import Known, PostgresSnapshot, SearchLimits
from answerable.adapters.postgres.statements import statements
from answerable.adapters.postgres.vocabulary import add_document, add_missing
from answerable.adapters.postgres.writing import document_row, index_hash, index_rows
from answerable.adapters.stored import check_storable, mismatch
from answerable.core.document import Chunk, Document
from answerable.core.ports import EmbeddingModel, Vectors
from answerable.core.query import Scope

_SQL = statements("store")
_CODES = statements("codes")
_FRESH_DOCUMENTS = 64  # a search reads all of what is unsealed: about 15 µs a document
_FRESH_CHUNKS = 1_024


class PostgresStore:
    """A Store. docs/decisions: 0015-index-tables.md, 0017-dense-search.md, 0133-packed-postings.md."""

    def __init__(
        self,
        database: Database,
        *,
        limits: SearchLimits | None = None,
        generation: str = "",
        vectors_leave: bool = False,
    ) -> None:
        self._database = database
        self._vectors_leave = vectors_leave  # for an outside index: then every change writes them anew
        self._limits = limits or SearchLimits()
        self._generation = generation  # what is written; searches are always of the active index
        self._known = Known()

    @asynccontextmanager
    async def snapshot(self, scope: Scope) -> AsyncIterator[PostgresSnapshot]:
        """One consistent view inside one scope. Raises DatabaseUnreachable at its first search."""
        moment = Moment(self._database, scope.tenant, ef_search=self._limits.ef_search)
        try:
            yield PostgresSnapshot(moment, scope, limits=self._limits, known=self._known)
        finally:
            await moment.close()

    async def replace(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: Vectors,
        *,
        model: EmbeddingModel,
        tokens: Sequence[bytes] = (),
    ) -> int:
        """A new version when the text is another; nothing is written when nothing is.

        Only chunks of level 0 are searched. Raises ModelMismatch, DatabaseUnreachable, and ParseError for text
        that cannot be stored.
        """
        version, unsealed = await self._replace(document, chunks, vectors, model, tokens)
        if unsealed:
            await self._seal(document.tenant, ratio=GROWING)
        return version

    async def _replace(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: Vectors,
        model: EmbeddingModel,
        tokens: Sequence[bytes],
    ) -> tuple[int, bool]:
        """The version, and whether so much is unsealed that searches would feel it."""
        check_storable(document, chunks, vectors, model, tokens)
        row = document_row(document, index_sha256=index_hash(document, chunks, vectors, model, tokens))
        async with self._database.index(document.tenant, generation=self._generation) as (conn, tenant):
            register(conn)
            row["tenant"] = tenant
            space = await _claim_model(conn, row, model)
            old = await _one(conn, "lock_document", row)
            if old and old["sha256"] == row["sha256"]:
                return int(old["version"]), False
            new = await _one(conn, "put_document", row) or {}
            at = {"tenant": tenant, "document": new["no"], "version": new["version"]}
            await conn.execute(_SQL["put_version"], {**row, **at, "text": document.text})
            unsealed = False
            if old is None or self._vectors_leave or old["index_sha256"] != row["index_sha256"]:
                lost = [] if new["created"] else await _clear(conn, tenant, [new["no"]])
                terms, rows = index_rows(document, chunks, vectors)
                fresh = await _one(conn, "fill_document", {**at, **rows, "model": space, "dim": model.dim}) or {}
                if tokens:
                    await conn.execute(_CODES["put_codes"], {**at, "n": rows["n"], "codes": list(tokens)})
                await add_document(conn, tenant, document, chunks)
                gained = {"document": new["no"], "chunks": len(rows["vectors"].values), "terms": terms}
                await _change_size(conn, tenant, [*lost, gained])
                unsealed = fresh["documents"] >= _FRESH_DOCUMENTS or fresh["chunks"] >= _FRESH_CHUNKS
            return int(new["version"]), unsealed

    async def _seal(self, tenant: str, *, ratio: int) -> bool:
        async with self._database.index(tenant, generation=self._generation) as (conn, name):
            return await Sealing(conn, name).run(ratio=ratio)

    async def remove(self, *, tenant: str, document_ids: Sequence[str]) -> int:
        """Everything of theirs goes, older versions too."""
        async with self._database.index(tenant, generation=self._generation) as (conn, name):
            register(conn)
            ids = {"tenant": name, "ids": list(document_ids)}
            found = [row["no"] async for row in await conn.execute(_SQL["lock_documents"], ids)]
            if found:
                lost = await _clear(conn, name, found)
                await conn.execute(_SQL["delete_documents"], {"tenant": name, "documents": found})
                await _change_size(conn, name, lost)
            return len(found)

    async def tend(self, *, tenant: str) -> bool:
        """Seal and tidy the postings, and build the graph that a search of this size needs: True if it did.

        For after an ingestion: all writers wait while a graph is built (about a minute for 200,000 chunks).
        """
        while await self._seal(tenant, ratio=TIDY):
            pass
        async with self._database.index(tenant, generation=self._generation) as (conn, name):
            register(conn)
            worded = await add_missing(conn, name)
            size = await _one(conn, "measure_index", {"tenant": name})
            if size is None or size["dim"] is None or size["chunks"] <= self._limits.exact_chunks:
                return worded
            made = await _one(conn, "make_vector_index", {"dim": size["dim"]})
            return worded or bool(made and made["made"])


async def _claim_model(conn: Connection, document: Mapping[str, Any], model: EmbeddingModel) -> int:
    """The number of the tenant's space of vectors, which stays this model's until the transaction ends."""
    wanted = {"tenant": document["tenant"], "id": document["id"], "key": model.key, "dim": model.dim}
    space = await _one(conn, "share_model", wanted)
    if space is None:
        await conn.execute(_SQL["add_model"], wanted)
        held = await _one(conn, "lock_model", wanted)
        space = await _one(conn, "switch_model", wanted)
        if space is None:
            raise mismatch(held["key"] if held else "another model", model)
    return int(space["no"])


async def _clear(conn: Connection, tenant: str, documents: Sequence[int]) -> list[DictRow]:
    """What the index loses, by document, below zero."""
    cursor = await conn.execute(_SQL["clear_documents"], {"tenant": tenant, "documents": list(documents)})
    return await cursor.fetchall()


async def _change_size(conn: Connection, tenant: str, changes: Sequence[Mapping[str, Any]]) -> None:
    columns = {name: [one[name] for one in changes] for name in ("document", "chunks", "terms")}
    await conn.execute(_SQL["change_size"], {"tenant": tenant, **columns})


async def _one(conn: Connection, name: str, values: Mapping[str, Any]) -> DictRow | None:
    return await (await conn.execute(_SQL[name], values)).fetchone()
