"""What ingestion remembers, in Postgres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements
from answerable.core.errors import NotFound
from answerable.core.identity import random_id
from answerable.core.ports import EmbeddingModel, FileState, Vector

_SQL = statements("ledger")
_STORED = np.dtype("<f4")  # full precision: a cached vector is the one that was computed


class PostgresLedger:
    """A Ledger: of files by index, the active one or the `generation` named; of all else by tenant.

    Raises DatabaseUnreachable.
    """

    def __init__(self, database: Database, *, generation: str = "") -> None:
        self._database = database
        self._generation = generation

    async def files(self, *, tenant: str, source: str) -> dict[str, FileState]:
        """By uri."""
        async with (
            self._database.index(tenant, generation=self._generation, readonly=True) as (conn, name),
            conn.cursor(row_factory=class_row(FileState)) as cursor,
        ):
            await cursor.execute(_SQL["list_files"], {"tenant": name, "source": source})
            return {state.uri: state async for state in cursor}

    async def record(self, *, tenant: str, source: str, states: Sequence[FileState]) -> None:
        """Insert or update by uri; of two states of one uri the last counts."""
        latest = {state.uri: state for state in states}.values()
        names = ("uri", "sha256", "document_id", "size", "mtime_ns", "error")
        columns = {name: [getattr(state, name) for state in latest] for name in names}
        async with self._database.index(tenant, generation=self._generation) as (conn, name):
            await conn.execute(_SQL["record_files"], {"tenant": name, "source": source, **columns})

    async def forget(self, *, tenant: str, source: str, uris: Sequence[str]) -> None:
        """Unknown uris are no error."""
        async with self._database.index(tenant, generation=self._generation) as (conn, name):
            await conn.execute(_SQL["forget_files"], {"tenant": name, "source": source, "uris": list(uris)})

    async def cached(self, *, tenant: str, model: EmbeddingModel, keys: Sequence[str]) -> dict[str, Vector]:
        """The vectors, float32, shape (dim,), as they were given."""
        wanted = {"tenant": tenant, "model": model.key, "keys": list(keys)}
        async with self._database.tenant(tenant) as conn, conn.cursor(binary=True) as cursor:
            await cursor.execute(_SQL["find_vectors"], wanted)
            rows = await cursor.fetchall()
        return {row["sha256"]: np.frombuffer(row["vector"], dtype=_STORED).astype(np.float32) for row in rows}

    async def cache(self, *, tenant: str, model: EmbeddingModel, vectors: Mapping[str, Vector]) -> None:
        """Keep the vectors; a key that is there already keeps its vector."""
        packed = [vector.astype(_STORED).tobytes() for vector in vectors.values()]
        values = {"tenant": tenant, "model": model.key, "keys": list(vectors), "vectors": packed}
        async with self._database.tenant(tenant) as conn:
            await conn.execute(_SQL["keep_vectors"], values)

    async def cached_codes(self, *, tenant: str, form: str, keys: Sequence[str]) -> dict[str, bytes]:
        """Token codes, as they were given."""
        wanted = {"tenant": tenant, "form": form, "keys": list(keys)}
        async with self._database.tenant(tenant) as conn, conn.cursor(binary=True) as cursor:
            await cursor.execute(_SQL["find_codes"], wanted)
            return {row["sha256"]: row["code"] for row in await cursor.fetchall()}

    async def cache_codes(self, *, tenant: str, form: str, codes: Mapping[str, bytes]) -> None:
        """Keep the codes; a key that is there already keeps its code."""
        values = {"tenant": tenant, "form": form, "keys": list(codes), "codes": list(codes.values())}
        async with self._database.tenant(tenant) as conn:
            await conn.execute(_SQL["keep_codes"], values)

    async def start_run(self, *, tenant: str, source: str) -> str:
        """A new run's id."""
        run = random_id("run")
        async with self._database.tenant(tenant) as conn:
            await conn.execute(_SQL["add_source"], {"tenant": tenant, "source": source})
            await conn.execute(_SQL["start_run"], {"tenant": tenant, "run": run, "source": source})
        return run

    async def finish_run(
        self, *, tenant: str, run: str, counts: Mapping[str, int], errors: Mapping[str, str]
    ) -> None:
        """Raises NotFound for a run that the tenant never started."""
        values = {"tenant": tenant, "run": run, "counts": Jsonb(dict(counts)), "errors": Jsonb(dict(errors))}
        async with self._database.tenant(tenant) as conn:
            if await (await conn.execute(_SQL["finish_run"], values)).fetchone() is None:
                raise NotFound(f"no ingest run {run}")
