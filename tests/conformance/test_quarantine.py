"""Whatever keeps held documents keeps the same promises."""

from __future__ import annotations

import pytest

from answerable.adapters.fakes.quarantine import MemoryQuarantine
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.quarantine import PostgresQuarantine
from answerable.core.ports import Quarantine
from answerable.testing.quarantine import QuarantineContract


class TestMemory(QuarantineContract):
    @pytest.fixture
    def quarantine(self) -> Quarantine:
        return MemoryQuarantine()


class TestPostgres(QuarantineContract):
    @pytest.fixture
    def quarantine(self, database: Database) -> Quarantine:
        return PostgresQuarantine(database)
