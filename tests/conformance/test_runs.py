"""Every keeper of runs keeps the same promises."""

from __future__ import annotations

import pytest

from answerable.adapters.fakes.runs import MemoryRuns
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.runs import PostgresRuns
from answerable.app.prompts.scratch_runs import ScratchRuns
from answerable.core.ports import Runs
from answerable.testing.runs import RunsContract


class TestMemoryRuns(RunsContract):
    @pytest.fixture
    def runs(self) -> Runs:
        return MemoryRuns()


class TestScratchRuns(RunsContract):
    @pytest.fixture
    def runs(self) -> Runs:
        return ScratchRuns(kept=MemoryRuns())


class TestPostgresRuns(RunsContract):
    @pytest.fixture
    def runs(self, database: Database) -> Runs:
        return PostgresRuns(database)
