"""Every ledger keeps the same promises."""

from __future__ import annotations

import pytest

from answerable.adapters.fakes.ledger import MemoryLedger
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.ledger import PostgresLedger
from answerable.core.ports import Ledger
from answerable.testing.ledger import LedgerContract


class TestMemoryLedger(LedgerContract):
    @pytest.fixture
    def ledger(self) -> Ledger:
        return MemoryLedger()


class TestPostgresLedger(LedgerContract):
    @pytest.fixture
    def ledger(self, database: Database) -> Ledger:
        return PostgresLedger(database)
