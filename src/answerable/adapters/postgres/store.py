"""The Store on Postgres: chunks, vectors and postings of a document change in one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from psycopg.rows import DictRow

from answerable.adapters.postgres.binary import register
from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.moment import Moment
from answerable.adapters.postgres.sealing import Sealing
from answerable.adapters.postgres.segments import GROWING, TIDY
from answerable.adapters.postgres.snapshot import Known, PostgresSnapshot, SearchLimits
from answerable.adapters.postgres.statements import statements
from answerable.adapters.postgres.vocabulary import add_new
from answerable.adapters.postgres.writing import Due, document_rows, due_document, index_rows
from answerable.adapters.stored import mismatch
from answerable.core.document import Chunk, Document
from answerable.core.ports import EmbeddingModel, Indexed, Vectors
from answerable.core.provenance import writing_run
from answerable.core.query import Scope

_SQL = statements("store")
_GENERATIONS = statements("generations")
_WORDS = statements("vocabulary")
_PROVENANCE = statements("provenance")
_NOTHING: Mapping[str, Any] = {"sha256": "", "index_sha256": ""}  # of a document that is not there
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
        given = Indexed(document=document, chunks=chunks, vectors=vectors, tokens=tokens)
        (version,) = await self.replace_all([given], model=model)
        return version

    async def replace_all(self, documents: Sequence[Indexed], *, model: EmbeddingModel) -> list[int]:
        """`replace` for several documents of one tenant, each there once, in one transaction."""
        if not documents:
            return []
        due = [due_document(one, model) for one in documents]
        tenant = documents[0].document.tenant
        versions, unsealed = await self._replace(tenant, due, model)
        if unsealed:
            await self._seal(tenant, ratio=GROWING)
        return [versions[one.row["id"]] for one in due]

    async def _replace(
        self, tenant: str, given: Sequence[Due], model: EmbeddingModel
    ) -> tuple[dict[str, int], bool]:
        """The versions by id, and whether so much is unsealed that searches would feel it."""
        async with self._database.index(tenant, generation=self._generation) as (conn, name):
            register(conn)
            ids = {"tenant": name, "ids": [one.row["id"] for one in given]}
            space = await _claim_model(conn, ids, model)
            old = {row["id"]: row for row in await _all(conn, "lock_given", ids)}
            due = [one for one in given if old.get(one.row["id"], _NOTHING)["sha256"] != one.row["sha256"]]
            versions = {key: int(row["version"]) for key, row in old.items()}
            if not due:
                return versions, False
            noted = {"tenant": name, "run": writing_run(), "ids": [one.row["id"] for one in due]}
            if noted["run"]:
                await conn.execute(_PROVENANCE["note_before"], noted | {"what": "changed"})
            put = {
                row["id"]: row for row in await _all(conn, "put_documents", {"tenant": name, **document_rows(due)})
            }
            versions |= {key: int(row["version"]) for key, row in put.items()}
            if noted["run"]:
                await conn.execute(_PROVENANCE["note_written"], noted)
            new = [
                replace(one, no=put[one.row["id"]]["no"])
                for one in due
                if self._vectors_leave
                or old.get(one.row["id"], _NOTHING)["index_sha256"] != one.row["index_sha256"]
            ]
            filled = new and await _fill(
                conn, name, space, new, held=[row["no"] for row in put.values() if not row["created"]]
            )
            return versions, bool(filled)

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
                if run := writing_run():
                    await conn.execute(_PROVENANCE["note_before"], ids | {"run": run, "what": "removed"})
                lost = await _clear(conn, name, found)
                await conn.execute(_SQL["delete_documents"], {"tenant": name, "documents": found})
                await conn.execute(_SQL["change_size"], {"tenant": name, "document": found[0], **lost})
            return len(found)

    async def tend(self, *, tenant: str) -> bool:
        """Seal and tidy the postings, learn the words, and build the graph that a search of this size needs.

        True if it did any of it. For after an ingestion: all writers wait while a graph is built (about a minute
        for 200,000 chunks).
        """
        worded = await self.tend_texts(tenant=tenant)
        async with self._database.index(tenant, generation=self._generation) as (conn, name):
            size = await _one(conn, "measure_index", {"tenant": name})
            if size is None or size["dim"] is None or size["chunks"] <= self._limits.exact_chunks:
                return worded
            made = await _one(conn, "make_vector_index", {"dim": size["dim"]})
            return worded or bool(made and made["made"])

    async def tend_texts(self, *, tenant: str) -> bool:
        """Seal and tidy the postings, and learn the words of new chunks; whether there were any."""
        while await self._seal(tenant, ratio=TIDY):
            pass
        after, upto = await self._unread(tenant)
        if after >= upto:
            return False
        async with self._database.index(tenant, generation=self._generation) as (conn, name):
            register(conn)
            return await add_new(conn, name, after=after, upto=upto)

    async def _unread(self, tenant: str) -> tuple[int, int]:
        """The chunks whose words are not known yet. Waits for writers: a lower number could still come of one."""
        async with self._database.tenant(tenant) as conn:
            await conn.execute(_GENERATIONS["lock_generations"], {"tenant": tenant})
            wanted = {"tenant": tenant, "wanted": self._generation, "writing": False}
            row = await (await conn.execute(_GENERATIONS["open_index"], wanted)).fetchone()
            found = await (await conn.execute(_WORDS["find_unread"], {"tenant": row and row["name"]})).fetchone()
        return (found["after"], found["upto"]) if found else (0, 0)


async def _claim_model(conn: Connection, documents: Mapping[str, Any], model: EmbeddingModel) -> int:
    """The number of the tenant's space of vectors, which stays this model's until the transaction ends."""
    wanted = {**documents, "key": model.key, "dim": model.dim}
    space = await _one(conn, "share_model", wanted)
    if space is None:
        await conn.execute(_SQL["add_model"], wanted)
        held = await _one(conn, "lock_model", wanted)
        space = await _one(conn, "switch_model", wanted)
        if space is None:
            raise mismatch(held["key"] if held else "another model", model)
    return int(space["no"])


async def _fill(conn: Connection, tenant: str, space: int, due: Sequence[Due], *, held: Sequence[int]) -> bool:
    """Put the documents' chunks in the place of the old ones, which those of `held` may have; whether so much is
    unsealed that searches would feel it."""
    old = [one.no for one in due if one.no in held]
    lost = (await _clear(conn, tenant, old)) if old else {"chunks": 0, "terms": 0}
    chunks, terms, rows = index_rows(due)
    dim = due[0].given.vectors.shape[1]
    fresh = await _one(conn, "fill_documents", {"tenant": tenant, **rows, "model": space, "dim": dim})
    size = {"chunks": lost["chunks"] + chunks, "terms": lost["terms"] + terms}
    await conn.execute(_SQL["change_size"], {"tenant": tenant, "document": due[0].no, **size})
    return bool(fresh and (fresh["documents"] >= _FRESH_DOCUMENTS or fresh["chunks"] >= _FRESH_CHUNKS))


async def _clear(conn: Connection, tenant: str, documents: Sequence[int]) -> DictRow:
    """What the index loses, below zero."""
    row = await _one(conn, "clear_documents", {"tenant": tenant, "documents": list(documents)})
    assert row is not None  # noqa: S101 - the statement always gives a row
    return row


async def _all(conn: Connection, name: str, values: Mapping[str, Any]) -> list[DictRow]:
    return await (await conn.execute(_SQL[name], values)).fetchall()


async def _one(conn: Connection, name: str, values: Mapping[str, Any]) -> DictRow | None:
    return await (await conn.execute(_SQL[name], values)).fetchone()
