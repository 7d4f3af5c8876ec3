"""Every cache of replies keeps the same promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from answerable.adapters.fakes.replies import MemoryReplies
from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.replies import PostgresReplies
from answerable.adapters.postgres.store import PostgresStore
from answerable.core.errors import IntegrityError
from answerable.core.ports import Replies, Store
from answerable.testing.postgres import Clone
from answerable.testing.replies import CATS, DAY_S, RepliesContract, a_reply
from answerable.testing.samples import put


class TestMemoryReplies(RepliesContract):
    @pytest.fixture
    def pair(self) -> tuple[Replies, Store]:
        store = MemoryStore()
        return MemoryReplies(store), store


class TestPostgresReplies(RepliesContract):
    @pytest.fixture
    def pair(self, database: Database) -> tuple[Replies, Store]:
        return PostgresReplies(database), PostgresStore(database)

    async def test_a_row_that_was_changed_is_no_reply_and_none_names_its_question(
        self, database: Database, clone: Clone
    ) -> None:
        replies, reply = PostgresReplies(database), a_reply("one", question="Do cats sleep?")
        await put(PostgresStore(database), CATS)
        await replies.put(reply, ttl_s=DAY_S)
        async with await psycopg.AsyncConnection.connect(clone.owner_url) as conn:
            row = await (await conn.execute("SELECT row_to_json(r)::text FROM answerable.reply AS r")).fetchone()
            await conn.execute("UPDATE answerable.reply SET text = 'Cats never sleep [1].'")
        assert row is not None
        assert "Do cats sleep" not in row[0]
        with pytest.raises(IntegrityError, match="not what its hash says"):
            await replies.get(tenant="acme", exact=reply.key.exact)

    async def test_rows_go_in_the_transaction_that_takes_their_chunks(
        self, database: Database, clone: Clone
    ) -> None:
        replies, store = PostgresReplies(database), PostgresStore(database)
        await put(store, CATS)
        await replies.put(a_reply("one"), ttl_s=DAY_S)
        async with await psycopg.AsyncConnection.connect(clone.owner_url, autocommit=True) as conn:
            counting = "SELECT count(*) FROM answerable.reply"
            assert await (await conn.execute(counting)).fetchone() == (1,)
            await store.remove(tenant="acme", document_ids=[CATS.id])
            assert await (await conn.execute(counting)).fetchone() == (0,)

    async def test_answers_are_counted_by_where_they_came_from(self, database: Database, clone: Clone) -> None:
        row = (
            "INSERT INTO answerable.answer"
            " (tenant, id, trace_id, principal_id, outcome, language, created_at, record)"
            " SELECT 'acme', id, 't', 'p', outcome, 'en', now() - age::interval, record::jsonb FROM (VALUES"
            """ ('a', 'answered', '0', '{"cache": "exact"}'), ('b', 'partial', '0', '{}'),"""
            """ ('c', 'abstained', '0', '{}'), ('d', 'answered', '2 days', '{"cache": "exact"}'))"""
            " AS v (id, outcome, age, record)"
        )
        async with await psycopg.AsyncConnection.connect(clone.owner_url, autocommit=True) as conn:
            await conn.execute(row)
        since = datetime.now(UTC) - timedelta(days=1)
        counted = await PostgresReplies(database).answers(tenant="acme", since=since)
        assert counted == {"exact": 1, "none": 1}
        assert await PostgresReplies(database).answers(tenant="other", since=since) == {}
