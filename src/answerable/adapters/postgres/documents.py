"""Reading documents back from Postgres."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from psycopg.rows import DictRow, class_row

from answerable.adapters.postgres.access import readable_by
from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.statements import statements
from answerable.adapters.stored import select_document
from answerable.core.document import Chunk
from answerable.core.ports import DocumentView
from answerable.core.query import Scope

_SQL = statements("documents")


class PostgresDocuments:
    """Documents. Not yours and not there are the same: NotFound. Raises DatabaseUnreachable.

    `blocked`: one document is found though an incident stands for it, for whoever looks into that or purges it.
    """

    def __init__(self, database: Database, *, blocked: bool = False) -> None:
        self._database, self._blocked = database, blocked

    async def document(self, scope: Scope, reference: str) -> DocumentView:
        """By id, uri, or unique id prefix, in that order; with text and chunks. Raises NotFound."""
        access = readable_by(scope)
        async with self._database.index(scope.tenant, readonly=True) as (conn, tenant):
            access["tenant"] = tenant
            if self._blocked:
                await conn.execute(_SQL["show_blocked"])
            rows = await _rows(conn, "match_documents", {**access, "reference": reference})
            chosen = select_document([(row["id"], row["uri"]) for row in rows], reference)
            no = next(row["no"] for row in rows if row["id"] == chosen)
            at = {**access, "no": no, "id": chosen}
            (view,) = await _views(conn, "read_document", at)
            async with conn.cursor(row_factory=class_row(Chunk), binary=True) as cursor:
                chunks = await (await cursor.execute(_SQL["read_chunks"], at)).fetchall()
        return replace(view, chunks=tuple(replace(one, headings=tuple(one.headings)) for one in chunks))

    async def documents(self, scope: Scope, *, limit: int = 100, after: str = "") -> list[DocumentView]:
        """By uri, without text and chunks; documents that share the last uri come on the same page."""
        if limit <= 0:
            return []
        async with self._database.index(scope.tenant, readonly=True) as (conn, tenant):
            wanted = {**readable_by(scope), "tenant": tenant, "limit": limit, "after": after}
            return await _views(conn, "list_documents", wanted)

    async def read(self, scope: Scope, *, limit: int = 100, after: str = "") -> list[DocumentView]:
        """As `documents`, with text and chunks."""
        if limit <= 0:
            return []
        async with self._database.index(scope.tenant, readonly=True) as (conn, tenant):
            wanted = {**readable_by(scope), "tenant": tenant, "limit": limit, "after": after}
            rows = await _rows(conn, "read_documents", wanted)
            numbers = [row["no"] for row in rows]
            cut = await _rows(conn, "read_chunks_of", {"tenant": tenant, "numbers": numbers})
        ids = {row["no"]: row["id"] for row in rows}
        chunks: dict[int, list[Chunk]] = {no: [] for no in numbers}
        for row in cut:
            no = row.pop("document")
            chunks[no].append(Chunk(document_id=ids[no], **{**row, "headings": tuple(row["headings"])}))
        return [DocumentView(chunks=tuple(chunks[row.pop("no")]), **row) for row in rows]

    async def counts(self, *, tenant: str) -> dict[str, int]:
        """documents, chunks, sources, failed (files that could not be read)."""
        async with self._database.index(tenant, readonly=True) as (conn, name):
            rows = await _rows(conn, "count_rows", {"tenant": name})
        return dict(rows[0])

    async def groups(self, *, tenant: str) -> tuple[str, ...]:
        """Every group that a document of the tenant names: for looking at an index, never for answering."""
        async with self._database.index(tenant, readonly=True) as (conn, name):
            rows = await _rows(conn, "list_groups", {"tenant": name})
        return tuple(row["name"] for row in rows)

    async def acl(self, *, tenant: str, document_id: str) -> tuple[str, ...]:
        """The groups that may read a document; none where there is no such document."""
        async with self._database.index(tenant, readonly=True) as (conn, name):
            rows = await _rows(conn, "read_acl", {"tenant": name, "id": document_id})
        return tuple(rows[0]["acl"]) if rows else ()


async def _rows(conn: Connection, name: str, values: Mapping[str, Any]) -> list[DictRow]:
    return await (await conn.execute(_SQL[name], values)).fetchall()


async def _views(conn: Connection, name: str, values: Mapping[str, Any]) -> list[DocumentView]:
    async with conn.cursor(row_factory=class_row(DocumentView)) as cursor:
        return await (await cursor.execute(_SQL[name], values)).fetchall()
