"""Which store the configuration names, and whether its parts are in step."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.store import PostgresStore
from answerable.adapters.stores.drift import Reconciler
from answerable.adapters.stores.outbox import OutboxLimits
from answerable.adapters.stores.pinecone import Serverless, open_pinecone
from answerable.adapters.stores.qdrant import open_qdrant
from answerable.adapters.stores.split import SplitStore
from answerable.adapters.stores.weaviate import open_weaviate
from answerable.app.project import Project
from answerable.core.identity import sha256_hex
from answerable.core.ports import Embedder, Ledger, VectorIndex, Vectors

TendedStore = PostgresStore | SplitStore


@asynccontextmanager
async def open_store(project: Project, database: Database) -> AsyncIterator[TendedStore]:
    """The store; an outside index is not reached before the first search. Raises ConfigError."""
    index = make_index(project)
    try:
        yield store_over(project, database, index)
    finally:
        if index is not None:
            await index.aclose()


def store_over(
    project: Project, database: Database, index: VectorIndex | None, *, generation: str = ""
) -> TendedStore:
    """A store of one generation of the index, the active one when empty."""
    if index is None:
        return PostgresStore(database, generation=generation)
    limits = replace(OutboxLimits(), grace_s=project.settings.store.grace)
    return SplitStore(database, index, outbox=limits, generation=generation)


def index_of(store: TendedStore) -> VectorIndex | None:
    """Where the store's vectors lie; None: in Postgres."""
    return store.index if isinstance(store, SplitStore) else None


def make_index(project: Project) -> VectorIndex | None:
    """The outside index; None where the vectors lie in Postgres. Raises ConfigError."""
    section = project.settings.store
    key, timeout = project.secret(section.api_key), section.timeout
    match section.kind:
        case "qdrant":
            return open_qdrant(url=section.url, api_key=key, prefix=section.prefix, timeout_s=timeout)
        case "weaviate":
            return open_weaviate(
                url=section.url, grpc=section.grpc, api_key=key, prefix=section.prefix, timeout_s=timeout
            )
        case "pinecone":
            place = Serverless(cloud=section.cloud, region=section.region)
            return open_pinecone(
                url=section.url, api_key=key, prefix=section.prefix, timeout_s=timeout, serverless=place
            )
        case "pgvector":
            return None


def make_reconciler(
    database: Database, store: TendedStore, *, embedder: Embedder, ledger: Ledger, tenant: str
) -> Reconciler:
    """Finds and repairs drift of the active index; vectors come from ingestion's cache, else they are made."""

    async def make_vectors(texts: Sequence[str]) -> Vectors:
        keys = [sha256_hex(text) for text in texts]
        known = await ledger.cached(tenant=tenant, model=embedder.model, keys=keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        made = await embedder.embed(list(missing.values()), kind="passage")
        known |= dict(zip(missing, made, strict=True))
        return np.stack([known[key] for key in keys]).astype(np.float32)

    return Reconciler(database=database, index=index_of(store), make_vectors=make_vectors, model=embedder.model)
