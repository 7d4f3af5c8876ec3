"""Postings in the database: whatever is written, merged, removed or killed, each chunk's terms are there once."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import numpy as np
import psycopg
import pytest

from answerable.adapters.bm25 import index_terms
from answerable.adapters.postgres import store as store_module
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.lexical import term_number
from answerable.adapters.postgres.migrations import Migrations, shipped
from answerable.adapters.postgres.sealing import Sealing
from answerable.adapters.postgres.segments import GROWING, TIDY
from answerable.adapters.postgres.store import PostgresStore
from answerable.core.document import Document
from answerable.testing.postings import held_terms
from answerable.testing.samples import ACME, a_document, find, paragraphs, put, texts

WORDS = [f"w{n}" for n in range(60)]


@pytest.fixture(autouse=True)
def sealed_often(monkeypatch):
    """After every third document instead of every 64th."""
    monkeypatch.setattr(store_module, "_FRESH_DOCUMENTS", 3)


def random_document(rng: np.random.Generator, *, uris: int = 12) -> Document:
    parts = [" ".join(rng.choice(WORDS, int(rng.integers(1, 9)))) for _ in range(int(rng.integers(0, 5)))]
    return a_document("\n\n".join(parts), uri=f"{rng.integers(uris)}.md")


def wanted_terms(documents: dict[str, Document]) -> list[dict[int, int]]:
    chunks = [(one, chunk) for one in documents.values() for chunk in paragraphs(one)]
    counted = [index_terms(document, chunk) for document, chunk in chunks]
    return _sorted([{term_number(term): often for term, often in one.items()} for one in counted])


def _sorted(found: list) -> list:
    return sorted((dict(one) for one in found), key=lambda one: sorted(one.items()))


async def seal(database: Database, *, ratio: int = TIDY) -> bool:
    async with database.tenant("acme") as conn:
        return await Sealing(conn, "acme").run(ratio=ratio)


async def test_writers_and_merges_at_once_lose_and_double_nothing(database, store, clone):
    last: dict[str, Document] = {}

    async def churn(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for step in range(25):
            document = replace(random_document(rng), source=f"s{seed}")
            if step % 6 == 5:
                await store.remove(tenant="acme", document_ids=[document.id])
                last.pop(document.id, None)
            else:
                await put(store, document)
                last[document.id] = document

    async def merge() -> None:
        for n in range(30):
            await seal(database, ratio=(TIDY, GROWING)[n % 2])
            await asyncio.sleep(0)

    await asyncio.gather(churn(1), churn(2), churn(3), merge())
    assert _sorted(list(held_terms(clone.owner_url).values())) == wanted_terms(last)
    await store.tend(tenant="acme")
    assert _sorted(list(held_terms(clone.owner_url).values())) == wanted_terms(last)


async def test_a_snapshot_sees_the_same_before_and_after_a_merge(database, store):
    for n in range(5):
        await put(store, a_document(f"cat {n}\n\ndog {n}", uri=f"{n}.md"))
    async with store.snapshot(ACME) as view:
        await view.get([])  # its moment is now
        await put(store, a_document("cat new", uri="new.md"))
        await store.remove(tenant="acme", document_ids=[a_document("", uri="0.md").id])
        while await seal(database):
            pass
        assert set(texts(await view.lexical("cat", limit=9))) == {f"cat {n}" for n in range(5)}
    assert set(texts(await find(store, "cat"))) == {"cat new", *(f"cat {n}" for n in range(1, 5))}


async def test_scores_are_the_same_fresh_sealed_and_with_chunks_gone(database, store):
    for n in range(7):
        await put(store, a_document(f"cat dog {'bird ' * n}\n\nfish {n}", uri=f"{n}.md"))
    await put(store, a_document("cat cat cat", uri="gone.md"))
    await seal(database)
    await put(store, a_document("cat owl", uri="late.md"))
    await store.remove(tenant="acme", document_ids=[a_document("", uri="gone.md").id])
    mixed = [(one.chunk.text, one.score) for one in await find(store, "cat bird")]
    while await seal(database):
        pass
    sealed = [(one.chunk.text, one.score) for one in await find(store, "cat bird")]
    assert [text for text, _ in mixed] == [text for text, _ in sealed]
    assert [score for _, score in mixed] == pytest.approx([score for _, score in sealed], abs=1e-12)


async def test_a_killed_merge_was_not(database, store, clone):
    documents = {(one := a_document(f"cat {n}", uri=f"{n}.md")).id: one for n in range(3)}
    for one in documents.values():
        await put(store, one)
    with pytest.raises(RuntimeError, match="killed"):
        async with database.tenant("acme") as conn:
            assert await Sealing(conn, "acme").run(ratio=TIDY)
            raise RuntimeError("killed")
    assert _sorted(list(held_terms(clone.owner_url).values())) == wanted_terms(documents)
    assert len(await find(store, "cat")) == 3


async def test_what_another_merge_or_writer_holds_is_left_alone(database, store, clone):
    for n in range(2):
        await put(store, a_document(f"cat {n}", uri=f"{n}.md"))
    async with database.tenant("acme") as first:
        held = await first.execute("SELECT FROM posting_fresh ORDER BY document LIMIT 1 FOR UPDATE")
        assert held.rowcount == 1
        assert await seal(database)
        rows = await (await first.execute("SELECT count(*) AS n FROM posting_fresh")).fetchone()
        assert rows == {"n": 1}
        await first.execute("SELECT 1")
        async with database.tenant("acme") as second:
            assert await Sealing(second, "acme").run(ratio=TIDY) is False  # the rest is held
            assert not await seal(database)  # the second has the lock
    assert len(held_terms(clone.owner_url)) == 2


async def test_a_segment_is_rewritten_when_much_of_it_is_gone(database, store, clone):
    parts = [f"cat {n}" for n in range(300)]
    await put(store, a_document("\n\n".join(parts), uri="large.md"))
    await put(store, a_document("\n\n".join(parts[:20]), uri="small.md"))
    await seal(database)
    await store.remove(tenant="acme", document_ids=[a_document("", uri="large.md").id])
    with psycopg.connect(clone.owner_url) as conn:
        assert conn.execute("SELECT count(*) FROM answerable.posting_gone").fetchone() == (300,)
    await seal(database)
    with psycopg.connect(clone.owner_url) as conn:
        assert conn.execute("SELECT count(*) FROM answerable.posting_gone").fetchone() == (0,)
        assert conn.execute("SELECT sum(size) FROM answerable.posting_segment").fetchone() == (20,)
    assert len(held_terms(clone.owner_url)) == 20


OLD_CHUNK = """
INSERT INTO answerable.chunk (tenant, document, n, id, level, start_at, end_at, text, headings, tokens, length,
                              meta)
SELECT d.tenant, d.no, %(n)s, %(id)s, 0, %(start)s, %(end)s, %(text)s, '{}', 0, %(length)s, '{}'
  FROM answerable.document d WHERE d.tenant = %(tenant)s AND d.id = %(document)s
RETURNING no
"""
OLD_DOCUMENT = """
INSERT INTO answerable.document (tenant, id, source, uri, version, title, status, language, acl, trust, media_type,
                                 meta, text_sha256, index_sha256, sha256)
VALUES (%s, %s, 'docs', 'a.md', 1, '', 'published', 'en', '{public}', 'internal', 'text/plain', '{}', '', '', '')
"""


async def test_posting_rows_of_an_older_version_are_packed_by_the_migration(empty_database, clone):
    older = [one for one in shipped() if one.number < 8]
    await Migrations(empty_database, files=older).migrate()
    words = ["cat " * 300 + "dog", "dog bird", "bird bird cat"]
    wanted: dict[int, Counter[int]] = {}
    with psycopg.connect(empty_database) as conn:
        for tenant in ("acme", "other"):
            document = replace(a_document("\n\n".join(words)), tenant=tenant)
            conn.execute(OLD_DOCUMENT, (tenant, document.id))
            for n, chunk in enumerate(paragraphs(document)):
                terms = {term_number(term): often for term, often in index_terms(document, chunk).items()}
                row = {"tenant": tenant, "document": document.id, "n": n, "id": chunk.id, "text": chunk.text,
                       "start": chunk.start, "end": chunk.end, "length": sum(terms.values())}  # fmt: skip
                (no,) = conn.execute(OLD_CHUNK, row).fetchone() or (0,)
                wanted[no] = Counter(terms)
                for term, often in terms.items():
                    conn.execute(
                        "INSERT INTO answerable.posting (term, chunk, frequency, length, tenant)"
                        " VALUES (%s, %s, %s, %s, %s)",
                        (term, no, often, row["length"], tenant),
                    )
            conn.execute("INSERT INTO answerable.index_size VALUES (%s, 0, 3, 306)", (tenant,))
    await Migrations(empty_database).migrate()
    assert held_terms(empty_database) == wanted
    name = psycopg.conninfo.conninfo_to_dict(empty_database)["dbname"]
    url = psycopg.conninfo.make_conninfo(clone.service_url, dbname=name)
    async with Database(url) as database:
        store = PostgresStore(database)
        assert texts(await find(store, "bird")) == [words[2], words[1]]
        while await seal(database):
            pass
        await put(store, replace(a_document("bird"), uri="b.md"))
        assert len(await find(store, "bird")) == 3
