"""Every book of calls keeps the same promises."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from answerable.adapters.fakes.calls import MemoryCalls
from answerable.adapters.postgres.calls import PostgresCalls
from answerable.adapters.postgres.database import Database
from answerable.core.ports import Calls
from answerable.testing.calls import CallsContract


class TestMemoryCalls(CallsContract):
    @pytest.fixture
    def calls(self) -> Calls:
        return MemoryCalls()


class TestPostgresCalls(CallsContract):
    @pytest.fixture
    async def calls(self, database: Database, tmp_path: Path) -> AsyncIterator[Calls]:
        async with PostgresCalls(database, spool=tmp_path / "calls", tenant="default") as calls:
            yield calls
