"""Documents come back as they went in, whatever keeps them."""

from __future__ import annotations

import pytest

from answerable.adapters.fakes.ledger import MemoryLedger
from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.documents import PostgresDocuments
from answerable.adapters.postgres.ledger import PostgresLedger
from answerable.adapters.postgres.store import PostgresStore
from answerable.core.ports import Documents, Ledger, Store
from answerable.testing.documents import DocumentsContract
from answerable.testing.ledger import BAD, GOOD


class CountsFailures(DocumentsContract):
    @pytest.fixture
    def ledger(self) -> Ledger:
        raise NotImplementedError

    async def test_unreadable_files_are_counted(self, documents: Documents, ledger: Ledger) -> None:
        await ledger.record(tenant="acme", source="docs", states=[GOOD, BAD])
        assert (await documents.counts(tenant="acme"))["failed"] == 1
        assert (await documents.counts(tenant="other"))["failed"] == 0


class TestMemory(CountsFailures):
    @pytest.fixture
    def ledger(self) -> Ledger:
        return MemoryLedger()

    @pytest.fixture
    def store(self, ledger: MemoryLedger) -> Store:
        return MemoryStore(ledger)

    @pytest.fixture
    def documents(self, store: MemoryStore) -> Documents:
        return store


class TestPostgres(CountsFailures):
    @pytest.fixture
    def ledger(self, database: Database) -> Ledger:
        return PostgresLedger(database)

    @pytest.fixture
    def store(self, database: Database) -> Store:
        return PostgresStore(database)

    @pytest.fixture
    def documents(self, database: Database) -> Documents:
        return PostgresDocuments(database)
