"""Whatever keeps incidents keeps the same promises."""

from __future__ import annotations

import pytest

from answerable.adapters.fakes.incidents import MemoryIncidents
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.incidents import PostgresIncidents
from answerable.core.ports import Incidents
from answerable.testing.incidents import IncidentsContract


class TestMemory(IncidentsContract):
    @pytest.fixture
    def incidents(self) -> Incidents:
        return MemoryIncidents()


class TestPostgres(IncidentsContract):
    @pytest.fixture
    def incidents(self, database: Database) -> Incidents:
        return PostgresIncidents(database)
