"""Token codes come back from every store that takes them."""

from __future__ import annotations

import pytest

from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.store import PostgresStore
from answerable.adapters.postgres.token_codes import PostgresTokenCodes
from answerable.core.ports import Store, TokenCodes
from answerable.testing.token_codes import TokenCodesContract


class TestMemory(TokenCodesContract):
    @pytest.fixture
    def pair(self) -> tuple[Store, TokenCodes]:
        store = MemoryStore()
        return store, store


class TestPostgres(TokenCodesContract):
    @pytest.fixture
    def pair(self, database: Database) -> tuple[Store, TokenCodes]:
        return PostgresStore(database), PostgresTokenCodes(database)
