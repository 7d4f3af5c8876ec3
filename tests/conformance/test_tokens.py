"""Everything that keeps credentials keeps the Tokens contract."""

import pytest

from answerable.adapters.fakes.tokens import MemoryTokens
from answerable.adapters.postgres.tokens import PostgresTokens
from answerable.testing.tokens import TokensContract


class TestPostgresTokens(TokensContract):
    @pytest.fixture
    def tokens(self, database):
        return PostgresTokens(database)


class TestMemoryTokens(TokensContract):
    @pytest.fixture
    def tokens(self):
        return MemoryTokens()
