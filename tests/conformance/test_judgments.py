"""Everything that keeps judgments keeps the same promises."""

from __future__ import annotations

import pytest

from answerable.adapters.fakes.judgments import MemoryJudgments
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.judgments import PostgresJudgments
from answerable.core.ports import Judgments
from answerable.testing.judgments import JudgmentsContract


class TestMemoryJudgments(JudgmentsContract):
    @pytest.fixture
    def judgments(self) -> Judgments:
        return MemoryJudgments()


class TestPostgresJudgments(JudgmentsContract):
    @pytest.fixture
    def judgments(self, database: Database) -> Judgments:
        return PostgresJudgments(database)
