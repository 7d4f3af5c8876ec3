"""Everything that keeps budgets keeps the same promises."""

from __future__ import annotations

import pytest

from answerable.adapters.fakes.budgets import MemoryBudgets
from answerable.adapters.postgres.budgets import PostgresBudgets
from answerable.adapters.postgres.database import Database
from answerable.core.ports import Budgets
from answerable.testing.budgets import BudgetsContract


class TestMemoryBudgets(BudgetsContract):
    @pytest.fixture
    def budgets(self) -> Budgets:
        return MemoryBudgets()

    @pytest.fixture
    def brief(self) -> Budgets:
        return MemoryBudgets(lease_s=0.0)


class TestPostgresBudgets(BudgetsContract):
    @pytest.fixture
    def budgets(self, database: Database) -> Budgets:
        return PostgresBudgets(database)

    @pytest.fixture
    def brief(self, database: Database) -> Budgets:
        return PostgresBudgets(database, lease_s=0.0)
