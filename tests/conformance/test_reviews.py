"""Everything that keeps reviews keeps the Reviews contract, and nothing that was said can be rewritten."""

import psycopg
import pytest

from answerable.adapters.fakes.journal import MemoryJournal
from answerable.adapters.fakes.reviews import MemoryReviews
from answerable.adapters.postgres.journal import PostgresJournal
from answerable.adapters.postgres.reviews import PostgresReviews
from answerable.answer.record import answer_record
from answerable.testing.reviews import ReviewsContract, make_reading, planned

TABLES = ("review_reading", "review_item", "review_batch")


class TestMemoryReviews(ReviewsContract):
    @pytest.fixture
    def journal(self):
        return MemoryJournal()

    @pytest.fixture
    def reviews(self, journal):
        return MemoryReviews(journal)


class TestPostgresReviews(ReviewsContract):
    @pytest.fixture
    async def journal(self, database, tmp_path):
        async with PostgresJournal(database, record=answer_record, spool=tmp_path) as journal:
            yield journal

    @pytest.fixture
    def reviews(self, database):
        return PostgresReviews(database)


async def test_not_even_the_owner_rewrites_what_was_said_unless_it_says_maintenance_aloud(clone, database):
    reviews = PostgresReviews(database)
    await planned(reviews)
    await reviews.record(make_reading())
    with psycopg.connect(clone.owner_url, autocommit=True) as owner:
        owner.execute("SELECT set_config('search_path', 'answerable, public', false)")
        for table in TABLES:
            for statement in ("UPDATE {} SET tenant = 'other'", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
                with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="append-only"):
                    owner.execute(statement.format(table))
        owner.execute("SELECT set_config('answerable.maintenance', 'on', false)")
        assert owner.execute("DELETE FROM review_reading").rowcount == 1


async def test_the_service_has_no_right_to_rewrite_it(clone, database):
    await planned(PostgresReviews(database))
    with psycopg.connect(clone.service_url, autocommit=True) as service:
        service.execute("SELECT set_config('search_path', 'answerable, public', false)")
        service.execute("SELECT set_config('answerable.tenant', 'acme', false)")
        for table in TABLES:
            for statement in ("UPDATE {} SET tenant = 'acme'", "DELETE FROM {}", "TRUNCATE {}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    service.execute(statement.format(table))


async def test_without_a_tenant_nothing_of_it_is_there(clone, database):
    reviews = PostgresReviews(database)
    await planned(reviews)
    await reviews.record(make_reading())
    with psycopg.connect(clone.service_url) as service:
        service.execute("SELECT set_config('search_path', 'answerable, public', false)")
        counted = [service.execute(f"SELECT count(*) FROM {table}").fetchone() for table in TABLES]
    assert counted == [(0,)] * 3
