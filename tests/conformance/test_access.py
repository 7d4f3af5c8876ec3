"""Every audit log, every list of people and every count of attempts keeps its contract."""

import pytest

from answerable.adapters.fakes.audit import MemoryAudit
from answerable.adapters.fakes.persons import MemoryAttempts, MemoryPersons
from answerable.adapters.fakes.tokens import MemoryTokens
from answerable.adapters.postgres.audit import PostgresAudit
from answerable.adapters.postgres.persons import PostgresAttempts, PostgresPersons
from answerable.adapters.postgres.tokens import PostgresTokens
from answerable.testing.audit import AuditContract
from answerable.testing.persons import AttemptsContract, PersonsContract


class TestPostgresAudit(AuditContract):
    @pytest.fixture
    def audit(self, database):
        return PostgresAudit(database)


class TestMemoryAudit(AuditContract):
    @pytest.fixture
    def audit(self):
        return MemoryAudit()


class TestPostgresPersons(PersonsContract):
    @pytest.fixture
    def tokens(self, database):
        return PostgresTokens(database)

    @pytest.fixture
    def persons(self, database):
        return PostgresPersons(database)

    @pytest.fixture
    def audit(self, database):
        return PostgresAudit(database)


class TestMemoryPersons(PersonsContract):
    @pytest.fixture
    def tokens(self):
        return MemoryTokens()

    @pytest.fixture
    def persons(self, tokens):
        return MemoryPersons(tokens)

    @pytest.fixture
    def audit(self, tokens):
        return tokens.audit


class TestPostgresAttempts(AttemptsContract):
    @pytest.fixture
    def attempts(self, database):
        return PostgresAttempts(database)


class TestMemoryAttempts(AttemptsContract):
    @pytest.fixture
    def attempts(self):
        return MemoryAttempts()
