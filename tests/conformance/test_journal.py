"""Everything that keeps traces keeps the Journal contract."""

import pytest

from answerable.adapters.entry import Keeping
from answerable.adapters.fakes.journal import MemoryJournal
from answerable.adapters.postgres.journal import PostgresJournal
from answerable.answer.record import answer_record
from answerable.testing.journal import JournalContract, measure

KEEPING = Keeping(measure=measure)


class TestPostgresJournal(JournalContract):
    @pytest.fixture
    async def journal(self, database, tmp_path):
        async with PostgresJournal(database, record=answer_record, spool=tmp_path, keeping=KEEPING) as journal:
            yield journal


class TestMemoryJournal(JournalContract):
    @pytest.fixture
    def journal(self):
        return MemoryJournal(keeping=KEEPING)
