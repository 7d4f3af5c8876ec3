"""A store with its vectors outside keeps the promises of every store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from tests.services.databases import database, one_clone
from tests.services.pinecone import serving_pinecone
from tests.services.weaviate import serving_weaviate

from answerable.adapters.fakes.vector_index import MemoryVectorIndex
from answerable.adapters.postgres.database import Database
from answerable.adapters.stores.outbox import OutboxLimits
from answerable.adapters.stores.pinecone import open_pinecone
from answerable.adapters.stores.qdrant import open_qdrant
from answerable.adapters.stores.split import SplitStore
from answerable.adapters.stores.weaviate import open_weaviate
from answerable.core.errors import Unreachable
from answerable.core.ports import Hit, Space, Store, Vector
from answerable.core.query import Scope
from answerable.testing.samples import a_document, a_vector, put
from answerable.testing.store import StoreContract

__all__ = ["database", "one_clone"]  # fixtures

AT_ONCE = OutboxLimits(points=1)  # whatever is written is outside before it is searched


class TestOverMemory(StoreContract):
    @pytest.fixture
    def store(self, database: Database) -> Store:
        return SplitStore(database, MemoryVectorIndex(), outbox=AT_ONCE)


class Hanging(MemoryVectorIndex):
    """A service that takes a question and never answers it."""

    async def search(
        self, space: Space, vector: Vector, *, limit: int, conditions: Sequence[Sequence[str]]
    ) -> list[Hit]:
        await asyncio.Event().wait()
        return []


async def test_a_service_that_hangs_is_unreachable_and_words_are_still_found(database: Database) -> None:
    store = SplitStore(database, Hanging(), outbox=AT_ONCE, patience_s=0.01)
    document = a_document("Within 30 days.")
    await put(store, document)
    async with store.snapshot(Scope(tenant=document.tenant)) as view:
        with pytest.raises(Unreachable, match=r"memory did not search within 0\.01 s"):
            await view.dense(a_vector("days"), limit=3)
        assert len(await view.lexical("days", limit=3)) == 1


class TestOverQdrantLocalMode(StoreContract):
    @pytest.fixture
    async def store(self, database: Database) -> AsyncIterator[Store]:
        opened = SplitStore(database, open_qdrant(path=":memory:"), outbox=AT_ONCE)
        yield opened
        await opened.aclose()


class TestOverWeaviateProtocol(StoreContract):
    @pytest.fixture
    async def store(self, database: Database) -> AsyncIterator[Store]:
        async with serving_weaviate() as server:
            opened = SplitStore(database, open_weaviate(url=server.url, grpc=server.grpc), outbox=AT_ONCE)
            yield opened
            await opened.aclose()


class TestOverPineconeProtocol(StoreContract):
    @pytest.fixture
    async def store(self, database: Database) -> AsyncIterator[Store]:
        async with serving_pinecone(lag_s=0.005) as server:  # a write is not seen at once
            opened = SplitStore(database, open_pinecone(url=server.url, api_key="key"), outbox=AT_ONCE)
            yield opened
            await opened.aclose()
