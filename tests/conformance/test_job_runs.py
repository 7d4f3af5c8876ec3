"""Every book of jobs keeps the same promises."""

from __future__ import annotations

import pytest

from answerable.adapters.fakes.jobs import MemoryJobRuns
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.jobs import PostgresJobRuns
from answerable.core.ports import JobRuns
from answerable.testing.jobs import JobRunsContract


class TestMemoryJobRuns(JobRunsContract):
    @pytest.fixture
    def runs(self) -> JobRuns:
        return MemoryJobRuns()


class TestPostgresJobRuns(JobRunsContract):
    @pytest.fixture
    def runs(self, database: Database) -> JobRuns:
        return PostgresJobRuns(database)
