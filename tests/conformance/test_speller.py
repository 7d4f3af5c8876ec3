"""Every store that knows how its words are spelled keeps the same promises."""

from __future__ import annotations

from typing import cast

import pytest

from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.store import PostgresStore
from answerable.core.ports import Store
from answerable.testing.speller import SpellerContract


class TestMemorySpeller(SpellerContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()


class TestPostgresSpeller(SpellerContract):
    @pytest.fixture
    def store(self, database: Database) -> Store:
        return PostgresStore(database)

    async def tend(self, store: Store, *, tenant: str) -> None:
        assert await cast(PostgresStore, store).tend(tenant=tenant)
