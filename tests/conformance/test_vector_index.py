"""Every vector index keeps the same promises."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.services.pinecone import serving_pinecone
from tests.services.weaviate import serving_weaviate

from answerable.adapters.fakes.vector_index import MemoryVectorIndex
from answerable.adapters.stores.pinecone import open_pinecone
from answerable.adapters.stores.qdrant import open_qdrant
from answerable.adapters.stores.weaviate import open_weaviate
from answerable.core.ports import VectorIndex
from answerable.testing.vector_index import VectorIndexContract


class TestMemory(VectorIndexContract):
    @pytest.fixture
    def index(self) -> VectorIndex:
        return MemoryVectorIndex()


class TestQdrantLocalMode(VectorIndexContract):
    @pytest.fixture
    async def index(self) -> AsyncIterator[VectorIndex]:
        opened = open_qdrant(path=":memory:")
        yield opened
        await opened.aclose()


class TestWeaviateProtocol(VectorIndexContract):
    @pytest.fixture
    async def index(self) -> AsyncIterator[VectorIndex]:
        async with serving_weaviate(api_key="key") as server:
            opened = open_weaviate(url=server.url, grpc=server.grpc, api_key="key")
            yield opened
            await opened.aclose()


class TestPineconeProtocol(VectorIndexContract):
    @pytest.fixture
    async def index(self) -> AsyncIterator[VectorIndex]:
        async with serving_pinecone(lag_s=0.01) as server:  # a write is not seen at once
            opened = open_pinecone(url=server.url, api_key="key")
            yield opened
            await opened.aclose()
