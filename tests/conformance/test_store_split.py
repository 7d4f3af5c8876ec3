"""A store with its vectors outside keeps the promises of every store."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from answerable.adapters.fakes.vector_index import MemoryVectorIndex
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.stores.outbox import OutboxLimits
from answerable.adapters.stores.split import SplitStore
from answerable.core.ports import Store
from answerable.testing.postgres import administer
from answerable.testing.store import StoreContract

AT_ONCE = OutboxLimits(points=1)  # whatever is written is outside before it is searched
NEVER = OutboxLimits(points=1_000_000)  # everything is searched while it waits
_TABLES = "document, document_version, chunk, embedding, embedding_model, posting, index_size, vector_set"


@pytest.fixture(scope="module")
def one_clone(embedded_server: Embedded, postgres_template: str) -> Iterator[str]:
    """The owner's URL of one database for the module: to empty it costs a tenth of making another."""
    admin, name = embedded_server.url("postgres"), f"test_{secrets.token_hex(6)}"
    administer(admin, "CREATE DATABASE {} TEMPLATE {}", name, postgres_template)
    yield embedded_server.url(name)
    administer(admin, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
async def database(one_clone: str, embedded_server: Embedded) -> AsyncIterator[Database]:
    """The module's database, empty."""
    with psycopg.connect(one_clone, autocommit=True) as conn:
        conn.execute("SET search_path TO answerable, public")
        conn.execute(f"TRUNCATE {_TABLES} CASCADE")
    service = make_conninfo(one_clone, user="answerable_service", password=embedded_server.service_password)
    async with Database(service) as opened:
        yield opened


class TestOverMemory(StoreContract):
    @pytest.fixture
    def store(self, database: Database) -> Store:
        return SplitStore(database, MemoryVectorIndex(), outbox=AT_ONCE)


class TestBeforeAnythingIsSent(StoreContract):
    @pytest.fixture
    def store(self, database: Database) -> Store:
        return SplitStore(database, MemoryVectorIndex(), outbox=NEVER)
