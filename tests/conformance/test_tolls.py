"""Everything that keeps tolls keeps the same promises."""

from __future__ import annotations

import pytest

from answerable.adapters.fakes.tolls import MemoryTolls
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.tolls import PostgresTolls
from answerable.core.ports import Tolls
from answerable.testing.tolls import TollsContract


class TestMemoryTolls(TollsContract):
    @pytest.fixture
    def tolls(self) -> Tolls:
        return MemoryTolls()


class TestPostgresTolls(TollsContract):
    @pytest.fixture
    def tolls(self, database: Database) -> Tolls:
        return PostgresTolls(database)
