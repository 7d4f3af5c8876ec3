"""One database for a module's tests, emptied between them: a tenth of the cost of a database each."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.embedded import Embedded
from answerable.testing.postgres import administer

_EMPTY_ALL = """
DO $$ BEGIN EXECUTE (
    SELECT 'TRUNCATE ' || string_agg(format('answerable.%I', tablename), ', ') || ' CASCADE'
      FROM pg_tables WHERE schemaname = 'answerable'
       AND tablename ~ '^(document|chunk|embedding|posting|index_|word|token_code|vector_set)'); END $$
"""


@pytest.fixture(scope="module")
def one_clone(embedded_server: Embedded, postgres_template: str) -> Iterator[str]:
    """The owner's URL of the module's database."""
    admin, name = embedded_server.url("postgres"), f"test_{secrets.token_hex(6)}"
    administer(admin, "CREATE DATABASE {} TEMPLATE {}", name, postgres_template)
    yield embedded_server.url(name)
    administer(admin, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
async def database(one_clone: str, embedded_server: Embedded) -> AsyncIterator[Database]:
    """Open on the module's database, which is empty."""
    with psycopg.connect(one_clone, autocommit=True) as conn:
        conn.execute(_EMPTY_ALL)
    service = make_conninfo(one_clone, user="answerable_service", password=embedded_server.service_password)
    async with Database(service) as opened:
        yield opened
