"""What the tables hold after writes, removals and failures: no row without its document, no count that drifts."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from answerable.adapters.postgres.documents import PostgresDocuments
from answerable.adapters.postgres.snapshot import SearchLimits
from answerable.adapters.postgres.store import PostgresStore
from answerable.core.errors import AnswerableError
from answerable.core.query import Scope
from answerable.testing.samples import ACME, SMALL, a_document, a_vector, paragraphs, put, texts

INDEX = ("document", "document_version", "chunk", "embedding", "posting_fresh")


def index_counts(owner_rows) -> dict[str, int]:
    return {name: owner_rows(f"SELECT count(*) FROM {name}")[0][0] for name in INDEX}


def sizes(owner_rows) -> dict[str, tuple[int, int]]:
    return {
        tenant: (chunks, terms)
        for tenant, chunks, terms in owner_rows(
            "SELECT tenant, sum(chunks)::int, sum(terms)::int FROM index_size GROUP BY tenant"
        )
    }


def true_sizes(owner_rows) -> dict[str, tuple[int, int]]:
    return {
        tenant: (chunks, terms)
        for tenant, chunks, terms in owner_rows(
            "SELECT tenant, count(*)::int, sum(length)::int FROM chunk WHERE level = 0 GROUP BY tenant"
        )
    }


async def test_removing_leaves_no_row_of_the_documents(store, owner_rows):
    documents = [a_document("cat dog\n\nbird", uri=f"{n}.md") for n in range(3)]
    for document in documents:
        await put(store, document)
        await put(store, replace(document, text="another text"))
    await store.remove(tenant="acme", document_ids=[one.id for one in documents])
    assert index_counts(owner_rows) == dict.fromkeys(INDEX, 0)
    assert sizes(owner_rows) == {"acme": (0, 0)}


async def test_replacing_leaves_no_row_of_the_old_version_but_its_text(store, owner_rows):
    await put(store, a_document("cat dog bird\n\nfish\n\nowl"))
    await put(store, a_document("mouse"))
    assert index_counts(owner_rows) == {
        "document": 1, "document_version": 2, "chunk": 1, "embedding": 1, "posting_fresh": 1
    }  # fmt: skip
    assert owner_rows("SELECT version, text FROM document_version ORDER BY 1")[0] == (
        1,
        "cat dog bird\n\nfish\n\nowl",
    )


async def test_the_same_again_writes_nothing(store, owner_rows):
    document = a_document("cat dog")
    await put(store, document)
    before = owner_rows("SELECT xmin::text, no FROM document UNION ALL SELECT xmin::text, no FROM chunk")
    await put(store, document)
    assert owner_rows("SELECT xmin::text, no FROM document UNION ALL SELECT xmin::text, no FROM chunk") == before


async def test_a_change_of_access_does_not_touch_the_index(store, owner_rows):
    document = a_document("cat dog")
    await put(store, document)
    before = owner_rows("SELECT xmin::text, no FROM chunk")
    await put(store, replace(document, acl=("hr",), status="archived"))
    assert owner_rows("SELECT xmin::text, no FROM chunk") == before


async def test_the_size_of_the_index_never_drifts(store, owner_rows):
    async def churn(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for step in range(12):
            document = a_document(
                "\n\n".join(f"word{n} cat" * int(rng.integers(1, 4)) for n in range(int(rng.integers(0, 5)))),
                uri=f"{rng.integers(4)}.md",
                tenant=("acme", "other")[step % 2],
            )
            if rng.random() < 0.25:
                await store.remove(tenant=document.tenant, document_ids=[document.id])
            else:
                await put(store, document)

    await asyncio.gather(*(churn(seed) for seed in range(4)))
    wanted = true_sizes(owner_rows)
    assert {key: value for key, value in sizes(owner_rows).items() if value != (0, 0)} == wanted
    orphans = "SELECT count(*) FROM embedding x WHERE NOT EXISTS (SELECT FROM chunk c WHERE c.no = x.chunk)"
    assert owner_rows(orphans) == [(0,)]
    missing = (
        "SELECT count(*) FROM chunk c WHERE level = 0 AND NOT EXISTS (SELECT FROM embedding WHERE chunk = c.no)"
    )
    assert owner_rows(missing) == [(0,)]


async def test_a_write_that_fails_halfway_leaves_the_old_version(store, owner_rows):
    document = a_document("cat")
    await put(store, document)
    new = replace(document, text="dog")
    with pytest.raises(AnswerableError, match="NaN"):
        await store.replace(new, paragraphs(new), np.full((1, 8), np.nan, dtype=np.float32), model=SMALL)
    async with store.snapshot(ACME) as view:
        assert texts(await view.lexical("cat", limit=5)) == ["cat"]
        assert texts(await view.dense(a_vector("x"), limit=5)) == ["cat"]
    assert index_counts(owner_rows)["document_version"] == 1


async def test_writers_that_remove_and_replace_the_same_documents_never_lock_each_other_out(store):
    documents = [a_document(f"cat {n}", uri=f"{n}.md") for n in range(20)]
    for document in documents:
        await put(store, document)
    ids = [one.id for one in documents]
    await asyncio.gather(
        store.remove(tenant="acme", document_ids=ids),
        store.remove(tenant="acme", document_ids=ids[::-1]),
        *(put(store, replace(one, text="dog")) for one in documents[::-1]),
    )
    async with store.snapshot(ACME) as view:
        assert await view.lexical("cat", limit=50) == []


async def test_a_large_index_is_searched_by_its_graph_and_a_narrow_scope_exactly(database):
    store = PostgresStore(database, limits=SearchLimits(exact_chunks=50))
    assert not await store.tend(tenant="acme")
    for n in range(20):
        group = "hr" if n % 10 else "public"
        document = replace(
            a_document("\n\n".join(f"part {n} {m}" for m in range(20)), uri=f"{n}.md"), acl=(group,)
        )
        await put(store, document)
    assert await store.tend(tenant="acme")
    assert not await store.tend(tenant="acme")
    parts = [f"part {n} {m}" for n in range(20) for m in range(20)]
    question = a_vector("question")
    for groups, allowed in ((("public", "hr"), parts), (("public",), parts[:20] + parts[200:220])):
        async with store.snapshot(Scope(tenant="acme", groups=groups)) as view:
            found = await view.dense(question, limit=30)
        best = sorted(allowed, key=lambda part: -float(a_vector(part) @ question))[:30]
        assert len(set(texts(found)) & set(best)) >= 28


async def test_a_bad_tenant_reference_is_no_document(database, store):
    await put(store, a_document("cat"))
    page = await PostgresDocuments(database).documents(Scope(tenant="acme' OR true --"))
    assert page == []


async def test_parents_have_no_vectors_and_no_postings(store, owner_rows):
    document = a_document("cat dog")
    (leaf,) = paragraphs(document)
    await store.replace(document, [replace(leaf, level=1)], a_vector("x")[None, :], model=SMALL)
    assert index_counts(owner_rows) == {
        "document": 1, "document_version": 1, "chunk": 1, "embedding": 0, "posting_fresh": 0
    }  # fmt: skip
