"""Tenancy is carried by the database: what the program forgets, row-level security does not."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from answerable.adapters.postgres.ledger import PostgresLedger
from answerable.core.query import Scope
from answerable.testing.ledger import GOOD
from answerable.testing.samples import SMALL, a_document, a_vector, put

TABLES = (
    "document", "document_version", "chunk", "embedding", "posting_fresh", "posting_segment", "posting_block",
    "posting_gone", "embedding_model", "index_size", "source",
    "source_file", "ingest_run", "embedding_cache", "quarantine", "conflict",
)  # fmt: skip

READ_BACK = ("document", "document_version", "chunk", "embedding", "posting_fresh", "source_file", "ingest_run")


@pytest.fixture
async def two_tenants(store, database):
    """The same texts, files and runs for two tenants."""
    ledger = PostgresLedger(database)
    for tenant in ("acme", "other"):
        await put(store, a_document("cat\n\ndog", tenant=tenant))
        await ledger.record(tenant=tenant, source="docs", states=[GOOD])
        await ledger.start_run(tenant=tenant, source="docs")
        await ledger.cache(tenant=tenant, model=SMALL, vectors={"a" * 64: a_vector("x")})


@pytest.fixture
def service(clone, two_tenants):
    """A plain connection as the service role, with no tenant set."""
    with psycopg.connect(clone.service_url) as conn:
        conn.execute("SELECT set_config('search_path', 'answerable, public', false)")
        yield conn


def counts(conn) -> dict[str, int]:
    return {name: conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in TABLES}


def test_without_a_tenant_every_table_is_empty(service):
    assert set(counts(service).values()) == {0}


def test_an_empty_tenant_is_none(service):
    service.execute("SELECT set_config('answerable.tenant', '', false)")
    assert set(counts(service).values()) == {0}


@pytest.mark.parametrize("tenant", ["acme", "other"])
def test_with_a_tenant_only_its_rows_are_there_whatever_the_query(service, tenant):
    service.execute("SELECT set_config('answerable.tenant', %s, false)", (tenant,))
    seen = counts(service)
    assert all(seen[name] for name in READ_BACK)
    for name in TABLES:
        foreign = service.execute(f"SELECT count(*) FROM {name} WHERE tenant <> %s", (tenant,)).fetchone()[0]
        assert foreign == 0
    assert seen["chunk"] == 2


def test_rows_cannot_be_written_into_another_tenant(service):
    service.execute("SELECT set_config('answerable.tenant', 'acme', false)")
    for statement in (
        "INSERT INTO source (tenant, id) VALUES ('other', 'x')",
        "INSERT INTO posting_fresh (tenant, document, part, chunks, lengths, postings)"
        " VALUES ('other', 1, 0, '{}', '', '')",
        "INSERT INTO posting_block (segment, bucket, tenant, postings) VALUES (1, 1, 'other', '')",
        "INSERT INTO posting_gone (tenant, chunk) VALUES ('other', 1)",
        "INSERT INTO embedding (tenant, model, dim, chunk, document, vector) VALUES ('other', 1, 1, 1, 1, '[1]')",
        "UPDATE chunk SET tenant = 'other'",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), service.transaction():
            service.execute(statement)


def test_another_tenants_rows_cannot_be_changed_or_deleted(service, owner_rows):
    service.execute("SELECT set_config('answerable.tenant', 'acme', false)")
    for name in ("posting_fresh", "posting_block", "posting_segment", "embedding", "chunk", "document"):
        service.execute(f"DELETE FROM {name} WHERE tenant = 'other'")
    service.commit()
    assert owner_rows("SELECT count(*) FROM chunk WHERE tenant = 'other'") == [(2,)]
    assert owner_rows("SELECT count(*) FROM embedding WHERE tenant = 'other'") == [(2,)]


async def test_a_search_whose_scope_names_another_tenant_than_its_transaction_finds_nothing(
    database, store, two_tenants
):
    """As if the program had mixed two tenants up: statements ask for `other`, the transaction is `acme`'s."""
    async with store.snapshot(Scope(tenant="acme")) as view:
        await view.get([])  # the transaction is open, as acme
        conn, index = view._moment._opened
        view._moment._opened = conn, replace(index, tenant="other")
        assert await view.dense(a_vector("x"), limit=10) == []
        assert await view.lexical("cat", limit=10) == []
