"""A second index beside the first: nobody notices it being built, and everybody sees the switch at once."""

from __future__ import annotations

import asyncio

import pytest

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.documents import PostgresDocuments
from answerable.adapters.postgres.generations import NotTheSame, PostgresGenerations
from answerable.adapters.postgres.ledger import PostgresLedger
from answerable.adapters.postgres.store import PostgresStore
from answerable.core.errors import ConfigError, NotFound
from answerable.core.query import Scope
from answerable.testing.ledger import GOOD
from answerable.testing.samples import ACME, SMALL, a_document, a_vector, paragraphs, put, vectors_of

OTHER = Scope(tenant="other")


@pytest.fixture
def generations(database: Database) -> PostgresGenerations:
    return PostgresGenerations(database)


async def whole(store: PostgresStore, *names: str, cut: bool) -> None:
    """Documents of three paragraphs, each one chunk or, with `cut`, three."""
    for name in names:
        document = a_document("cat one\n\ncat two\n\ncat three", uri=name)
        chunks = paragraphs(document)
        if not cut:
            chunks = [
                type(chunks[0])(document_id=document.id, start=0, end=len(document.text), text=document.text)
            ]
        await store.replace(document, chunks, vectors_of(chunks), model=SMALL)


async def seen(store: PostgresStore, scope: Scope = ACME) -> set[str]:
    """What both arms find, which must be the same moment of the same index."""
    async with store.snapshot(scope) as view:
        words, near = await asyncio.gather(view.lexical("cat", limit=50), view.dense(a_vector("x"), limit=50))
        again = await view.get([one.chunk.id for one in words])
    assert {one.chunk.id for one in words} == {one.chunk.id for one in near} == {one.chunk.id for one in again}
    return {one.chunk.text for one in words}


async def test_a_second_index_is_built_switched_to_gone_back_from_and_dropped(store, database, generations):
    await whole(store, "a.md", "b.md", cut=False)
    await put(store, a_document("cat of others", tenant="other"))
    ledger = PostgresLedger(database)
    await ledger.record(tenant="acme", source="docs", states=[GOOD])
    made = await generations.begin(tenant="acme", note="finer", detail={"edits": []})
    beside = PostgresStore(database, generation=made.name)
    await whole(beside, "a.md", cut=True)
    long = {"cat one\n\ncat two\n\ncat three"}
    assert await seen(store) == long, "nobody sees what is being built"
    assert (await PostgresDocuments(database).counts(tenant="acme"))["chunks"] == 2
    assert await PostgresLedger(database, generation=made.name).files(tenant="acme", source="docs") == {}

    with pytest.raises(NotTheSame, match="1 documents, the active one 2"):
        await generations.switch(tenant="acme", name=made.name)
    assert await seen(store) == long
    same = await generations.begin(tenant="acme", note="finer", detail={"edits": []})
    assert same.name == made.name, "after a kill the same build goes on"
    with pytest.raises(ConfigError, match="another index is being built: finer"):
        await generations.begin(tenant="acme", note="another", detail={"edits": [1]})
    await whole(beside, "b.md", cut=True)

    await generations.switch(tenant="acme", name=made.name)
    short = {"cat one", "cat two", "cat three"}
    assert await seen(store) == short
    assert await seen(store, OTHER) == {"cat of others"}
    view = await PostgresDocuments(database).document(ACME, "a.md")
    assert (view.id, len(view.chunks)) == (a_document("", uri="a.md").id, 3), "documents keep their ids"
    await whole(store, "c.md", cut=True)  # a sync after the switch writes into the new one
    states = {one.name: (one.state, one.documents, one.chunks) for one in await generations.all(tenant="acme")}
    assert states == {"acme": ("previous", 2, 2), made.name: ("active", 3, 9)}

    await generations.switch(tenant="acme", name="acme", even_if_different=True)
    assert await seen(store) == long
    await generations.switch(tenant="acme", name=made.name, even_if_different=True)
    assert await generations.drop(tenant="acme", name="acme") == 2
    assert await seen(store) == short
    assert [one.name for one in await generations.all(tenant="acme")] == [made.name]
    assert (await generations.begin(tenant="acme", note="third", detail={})).name == "acme#3"


async def test_readers_see_the_old_or_the_new_index_and_never_half(store, database, generations):
    await whole(store, "a.md", "b.md", cut=False)
    made = await generations.begin(tenant="acme", note="", detail={})
    await whole(PostgresStore(database, generation=made.name), "a.md", "b.md", cut=True)
    found: list[frozenset[str]] = []

    async def read(done: asyncio.Event) -> None:
        while not done.is_set():
            found.append(frozenset(await seen(store)))

    done = asyncio.Event()
    readers = [asyncio.create_task(read(done)) for _ in range(3)]
    for name in (made.name, "acme", made.name, "acme", made.name):
        await generations.switch(tenant="acme", name=name)
        await asyncio.sleep(0.02)
    done.set()
    await asyncio.gather(*readers)
    kinds = {frozenset(["cat one\n\ncat two\n\ncat three"]), frozenset(["cat one", "cat two", "cat three"])}
    assert set(found) == kinds


async def test_a_switch_waits_for_who_is_writing_so_that_nothing_is_lost(store, database, generations):
    await whole(store, "a.md", cut=False)
    made = await generations.begin(tenant="acme", note="", detail={})
    await whole(PostgresStore(database, generation=made.name), "a.md", cut=True)
    async with database.index("acme") as (_, name):
        switching = asyncio.create_task(generations.switch(tenant="acme", name=made.name))
        await asyncio.sleep(0.05)
        assert (name, switching.done()) == ("acme", False)
    await switching
    async with database.index("acme") as (_, name):
        assert name == made.name


async def test_no_tenant_reaches_an_index_by_a_name_of_its_own(database, generations):
    made = await generations.begin(tenant="acme", note="", detail={})
    with pytest.raises(ConfigError, match="cannot be called"):
        async with database.tenant(made.name):
            pass
    with pytest.raises(NotFound):
        async with database.index("other", generation=made.name):
            pass
