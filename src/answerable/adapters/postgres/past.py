"""What runs changed and where a document is used, read from Postgres; and the end of a document's traces in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements
from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.errors import NotFound
from answerable.core.identity import sha256_hex
from answerable.core.past import Before, Change, RunRow, Share, Traces, Use, Version

_SQL = statements("provenance")
_DOCUMENTS = statements("documents")
_QUARANTINE = statements("quarantine")
_DOCUMENT = ("source", "uri", "title", "status", "language", "owner", "trust", "media_type", "meta")


class PostgresPast:
    """Of the index that is searched, or of the `generation` named. Raises DatabaseUnreachable."""

    def __init__(self, database: Database, *, generation: str = "") -> None:
        self._database = database
        self._generation = generation

    async def runs(self, *, tenant: str, source: str = "", limit: int = 20) -> list[RunRow]:
        """Newest first."""
        values = {"tenant": tenant, "source": source, "limit": limit}
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["list_runs"], values)).fetchall()
        counted = await self._counted(tenant, [row["id"] for row in rows])
        nothing = {"changes": 0, "lost": 0}
        return [RunRow(**{**row, **counted.get(row["id"], nothing)}) for row in rows]

    async def run(self, *, tenant: str, reference: str) -> tuple[str, str]:
        """Id and source, by the id or a unique beginning of it. Raises NotFound."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            values = {"tenant": tenant, "reference": reference}
            rows = await (await conn.execute(_SQL["find_runs"], values)).fetchall()
        if len(rows) != 1:
            raise NotFound(
                f"{'several runs begin' if rows else 'no run begins'} with {reference!r}",
                hint="`answerable source runs` lists them",
            )
        return str(rows[0]["id"]), str(rows[0]["source"])

    async def changes(self, *, tenant: str, run: str) -> list[Change]:
        """What a run did, in its order."""
        async with self._database.index(tenant, generation=self._generation, readonly=True) as (conn, name):
            rows = await (await conn.execute(_SQL["read_changes"], {"tenant": name, "run": run})).fetchall()
        return [_change(row, tenant) for row in rows]

    async def versions(self, *, tenant: str, document_id: str) -> list[Version]:
        """Who wrote which version, newest first."""
        async with self._database.index(tenant, generation=self._generation, readonly=True) as (conn, name):
            values = {"tenant": name, "document_id": document_id}
            rows = await (await conn.execute(_SQL["list_versions"], values)).fetchall()
        return [Version(**{**row, "text_sha256": row["text_sha256"] or ""}) for row in rows]

    async def uses(self, *, tenant: str, document_id: str) -> list[Use]:
        """Every answer that had it before it, newest first."""
        values = {"tenant": tenant, "source": Jsonb([{"document": document_id}])}
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["answers_by"], values)).fetchall()
        return [
            Use(
                answer=row["id"],
                trace=row["trace_id"],
                at=row["created_at"],
                principal=row["principal_id"],
                conversation=row["conversation"],
                outcome=row["outcome"],
                cited=row["cited"],
                question=row["question"] or "",
            )
            for row in rows
        ]

    async def traces(self, *, tenant: str, document_id: str) -> Traces:
        """How much of it there is, table by table."""
        async with self._database.index(tenant, generation=self._generation, readonly=True) as (conn, name):
            values = {"tenant": name, "document_id": document_id}
            row = await (await conn.execute(_SQL["held_in"], values)).fetchone()
        return Traces(rows=dict(row or {}))

    async def embedded(self, *, tenant: str, document_id: str) -> list[str]:
        """The keys of the cached vectors that are this document's alone."""
        async with self._database.index(tenant, generation=self._generation, readonly=True) as (conn, name):
            values: dict[str, Any] = {"tenant": name, "document_id": document_id}
            own = await (await conn.execute(_SQL["texts_of"], values)).fetchall()
            values |= {"titles": [row["title"] for row in own], "texts": [row["text"] for row in own]}
            others = await (await conn.execute(_SQL["shared_texts"], values)).fetchall()
        return sorted({_key(row) for row in own} - {_key(row) for row in others})

    async def forget(self, *, tenant: str, document_id: str, keys: Sequence[str]) -> int:
        """What is left of a document that is removed: earlier texts, cached vectors, what is held of it. How many
        cached vectors went."""
        async with self._database.index(tenant, generation=self._generation) as (conn, name):
            values = {"tenant": name, "document_id": document_id}
            await conn.execute(_SQL["forget_document"], values)
            await conn.execute(_SQL["forget_file"], values)
        async with self._database.tenant(tenant) as conn:
            values = {"tenant": tenant, "document_id": document_id}
            await conn.execute(_QUARANTINE["empty_held"], values)
            gone = await (
                await conn.execute(_SQL["forget_vectors"], {"tenant": tenant, "keys": list(keys)})
            ).fetchone()
        return int(gone["gone"]) if gone else 0

    async def groups(self, *, tenant: str) -> tuple[str, ...]:
        """Every group that a document names: for looking at an index, never for answering."""
        async with self._database.index(tenant, generation=self._generation, readonly=True) as (conn, name):
            rows = await (await conn.execute(_DOCUMENTS["list_groups"], {"tenant": name})).fetchall()
        return tuple(row["name"] for row in rows)

    async def asked_often(self, *, tenant: str, days: int, times: int, limit: int) -> list[str]:
        """Questions of the last days by how often they came, case and blanks aside."""
        values = {"tenant": tenant, "days": days, "times": times, "limit": limit}
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["asked_often"], values)).fetchall()
        return [row["question"] for row in rows]

    async def shares(self, *, tenant: str, hours: int, least: int) -> list[Share]:
        """Documents that stand in the answers of the last hours: how many of them cite each, and since when it is
        in the index in this text."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            values: dict[str, Any] = {"tenant": tenant, "hours": hours, "least": least}
            rows = await (await conn.execute(_SQL["count_cited"], values)).fetchall()
        async with self._database.index(tenant, generation=self._generation, readonly=True) as (conn, name):
            values = {"tenant": name, "ids": [row["document"] for row in rows]}
            known = {row["id"]: row for row in await (await conn.execute(_SQL["stored"], values)).fetchall()}
        return [
            Share(
                document=row["document"],
                source=known[row["document"]]["source"],
                uri=known[row["document"]]["uri"],
                title=known[row["document"]]["title"],
                trust=known[row["document"]]["trust"],
                owner=known[row["document"]]["owner"] or "",
                stored_at=known[row["document"]]["stored_at"],
                cited=row["cited"],
                answers=row["answers"],
                before=row["before"],
                answers_before=row["answers_before"],
            )
            for row in rows
            if row["document"] in known
        ]

    async def expire(self, *, tenant: str, seconds: float) -> None:
        """Earlier texts older than this go."""
        async with self._database.index(tenant, generation=self._generation) as (conn, name):
            await conn.execute(_SQL["forget_before"], {"tenant": name, "seconds": seconds})

    async def _counted(self, tenant: str, runs: Sequence[str]) -> dict[str, dict[str, int]]:
        async with self._database.index(tenant, generation=self._generation, readonly=True) as (conn, name):
            rows = await (
                await conn.execute(_SQL["count_changes"], {"tenant": name, "runs": list(runs)})
            ).fetchall()
        return {row["run"]: {"changes": row["changes"], "lost": row["lost"]} for row in rows}


def _key(row: Mapping[str, Any]) -> str:
    """Of the text that was embedded for a chunk."""
    document = Document(source="", uri="", title=row["title"], text="", tenant="")
    chunk = Chunk(document_id="", start=0, end=0, text=row["text"], headings=tuple(row["headings"]))
    return sha256_hex(embedding_text(document, chunk))


def _change(row: DictRow, tenant: str) -> Change:
    untouched = row["now_sha256"] is None if row["what"] == "removed" else row["now_sha256"] == row["sha256"]
    return Change(
        document_id=row["document_id"],
        source=row["source"],
        uri=row["uri"],
        what=row["what"],
        version=row["version"],
        text_sha256=row["text_sha256"] or "",
        before=_before(row, tenant) if row["before"] else None,
        untouched=untouched,
        now=row["now_sha256"] is not None,
        later_run=row["later_run"] or "",
        title=row["title"] or "",
        trust=row["trust"] or "internal",
        owner=row["owner"] or "",
    )


def _before(row: DictRow, tenant: str) -> Before:
    known, text = row["before"]["document"], row["before_text"]
    days = {name: _day(known[name]) for name in ("updated_at", "review_by")}
    values = {name: known[name] for name in _DOCUMENT} | days
    document = Document(**{**values, "tenant": tenant, "text": text, "acl": tuple(known["acl"])})
    chunks = [
        Chunk(
            document_id=row["document_id"],
            start=one["start_at"],
            end=one["end_at"],
            text=text[one["start_at"] : one["end_at"]],
            headings=tuple(one["headings"]),
            level=one["level"],
            parent=one["parent"],
            tokens=one["tokens"],
            meta=one["meta"],
        )
        for one in row["before"]["chunks"]
    ]
    return Before(document=document, chunks=tuple(chunks))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
