"""Whatever keeps conflicts keeps the same promises."""

from __future__ import annotations

import pytest

from answerable.adapters.fakes.conflicts import MemoryConflicts
from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.postgres.conflicts import PostgresConflicts
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.store import PostgresStore
from answerable.core.ports import Conflicts, Store
from answerable.testing.conflicts import ConflictsContract


class TestMemory(ConflictsContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()

    @pytest.fixture
    def conflicts(self, store: MemoryStore) -> Conflicts:
        return MemoryConflicts(store, groups=("public", "staff"))


class TestPostgres(ConflictsContract):
    @pytest.fixture
    def store(self, database: Database) -> Store:
        return PostgresStore(database)

    @pytest.fixture
    def conflicts(self, store: Store, database: Database) -> Conflicts:
        return PostgresConflicts(database)
