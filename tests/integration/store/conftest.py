"""A store on a real Postgres, and raw looks into its tables."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.store import PostgresStore
from answerable.testing.postgres import Clone


@pytest.fixture
def store(database: Database) -> PostgresStore:
    return PostgresStore(database)


@pytest.fixture
def owner_rows(clone: Clone) -> Callable[[str], list[tuple]]:
    """What a query gives a superuser, who sees every tenant."""

    def fetch(query: str) -> list[tuple]:
        with psycopg.connect(clone.owner_url) as conn:
            conn.execute("SET search_path = answerable, public")
            return conn.execute(query).fetchall()

    return fetch
