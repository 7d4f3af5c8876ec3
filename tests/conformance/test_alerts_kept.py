"""Whatever keeps alerts keeps the same promises."""

from __future__ import annotations

import pytest

from answerable.adapters.fakes.alerts import MemoryAlerts
from answerable.adapters.postgres.alerts import PostgresAlerts
from answerable.adapters.postgres.database import Database
from answerable.core.ports import Alerts
from answerable.testing.alerts import AlertsContract


class TestMemory(AlertsContract):
    @pytest.fixture
    def alerts(self) -> Alerts:
        return MemoryAlerts()


class TestPostgres(AlertsContract):
    @pytest.fixture
    def alerts(self, database: Database) -> Alerts:
        return PostgresAlerts(database)
