"""Vectors in an outside index: what a writer that dies at any step leaves behind, and how it is made good."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from tests.services.databases import database, one_clone
from tests.services.pinecone import serving_pinecone

from answerable.adapters.fakes.vector_index import MemoryVectorIndex
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.store import PostgresStore
from answerable.adapters.stores.drift import Drift, Reconciler
from answerable.adapters.stores.outbox import OutboxLimits
from answerable.adapters.stores.pinecone import open_pinecone
from answerable.adapters.stores.split import SplitStore
from answerable.core.errors import Unreachable
from answerable.core.ports import PointKey, PointSet, Space, Store, VectorIndex, Vectors
from answerable.testing.samples import ACME, SMALL, a_document, a_vector, find_near, put, texts

__all__ = ["database", "one_clone"]  # fixtures

HERE = Space(tenant="acme", model=SMALL.key, dim=SMALL.dim)
HOLD = OutboxLimits(points=1_000_000, grace_s=0.0, claim_s=0.0)  # sends when told to, deletes at once
AWAY = Unreachable("the index is away")


class HalfWay(MemoryVectorIndex):
    """Its next write stops in the middle."""

    broken = False

    async def upsert(self, space: Space, sets: Sequence[PointSet]) -> None:
        if self.broken:
            self.broken = False
            await MemoryVectorIndex.upsert(self, space, sets[:1])
            raise AWAY
        await MemoryVectorIndex.upsert(self, space, sets)


async def make_vectors(sent: Sequence[str]) -> Vectors:
    """As `put` makes them, from the paragraph alone."""
    return np.stack([a_vector(text.split("\n")[-1]) for text in sent])


def reconciler(database: Database, index: VectorIndex | None) -> Reconciler:
    return Reconciler(database=database, index=index, make_vectors=make_vectors, model=SMALL)


async def fill(store: Store, *names: str) -> None:
    for name in names:
        await put(store, a_document(f"{name} one\n\n{name} two", uri=f"{name}.md"))


async def assert_in_step(database: Database, index: MemoryVectorIndex, *names: str) -> None:
    """Nothing waits, nothing is too much, and nearness finds what Postgres alone would find."""
    drift = await reconciler(database, index).find(tenant="acme")
    assert drift == Drift(live=len(names))
    assert await index.count(HERE) == 2 * len(names)
    found = await find_near(SplitStore(database, index), "a one")
    assert set(texts(found)) == {f"{name} {part}" for name in names for part in ("one", "two")}


async def seen(store: SplitStore) -> set[str]:
    return set(texts(await find_near(store, "a one")))


async def test_what_waits_is_searched_and_leaves_postgres_when_it_is_sent(database: Database) -> None:
    index = MemoryVectorIndex()
    store = SplitStore(database, index, outbox=HOLD)
    await fill(store, "a", "b")
    before = await find_near(store, "a one")
    assert await index.count(HERE) == 0
    assert (await reconciler(database, index).find(tenant="acme")).waiting == 2
    assert await store.tend(tenant="acme")
    assert not await store.tend(tenant="acme")
    after = await find_near(store, "a one")
    assert texts(after) == texts(before)
    assert [one.score for one in after] == pytest.approx([one.score for one in before], abs=1e-3)
    async with database.tenant("acme") as conn:
        (left,) = await (await conn.execute("SELECT count(*) AS n FROM embedding")).fetchall()
    assert left["n"] == 0
    await assert_in_step(database, index, "a", "b")


@pytest.mark.parametrize("step", ["before the first point", "after some points", "while deleting"])
async def test_a_failure_at_any_step_hides_nothing_and_the_next_sync_makes_it_good(
    database: Database, step: str
) -> None:
    index = HalfWay()
    store = SplitStore(database, index, outbox=HOLD)
    await fill(store, "a", "b")
    await store.tend(tenant="acme")
    await fill(store, "c")
    await put(store, a_document("b one\n\nb two\n\nb three", uri="b.md"))
    await put(store, a_document("b one\n\nb two", uri="b.md"))
    if step == "before the first point":
        index.failing["upsert"] = [AWAY]
    elif step == "after some points":
        index.broken = True
    else:
        index.failing["delete"] = [AWAY]
    with pytest.raises(Unreachable):
        await store.tend(tenant="acme")
    assert await seen(store) == {f"{name} {part}" for name in "abc" for part in ("one", "two")}
    await store.tend(tenant="acme")
    await assert_in_step(database, index, "a", "b", "c")


async def test_postgres_failing_after_the_points_were_sent_leaves_only_an_intent(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = MemoryVectorIndex()
    store = SplitStore(database, index, outbox=HOLD)
    await fill(store, "a")
    upsert = MemoryVectorIndex.upsert

    async def die_after(self: MemoryVectorIndex, space: Space, sets: Sequence[PointSet]) -> None:
        await upsert(self, space, sets)
        raise asyncio.CancelledError

    monkeypatch.setattr(MemoryVectorIndex, "upsert", die_after)
    with pytest.raises(asyncio.CancelledError):
        await store.tend(tenant="acme")
    monkeypatch.setattr(MemoryVectorIndex, "upsert", upsert)
    drift = await reconciler(database, index).find(tenant="acme")
    assert (drift.waiting, drift.abandoned, drift.live) == (1, 1, 0)
    assert await seen(store) == {"a one", "a two"}
    await reconciler(database, index).repair(tenant="acme")
    await store.tend(tenant="acme")
    await assert_in_step(database, index, "a")


async def test_points_that_vanished_are_made_anew_and_points_of_nobody_deleted(database: Database) -> None:
    index = MemoryVectorIndex()
    store = SplitStore(database, index, outbox=HOLD)
    await fill(store, "a", "b")
    await store.tend(tenant="acme")
    keys = [key async for key in index.keys(HERE)]
    await index.delete(HERE, keys[:1])
    stray = PointSet(
        stamp="0b1e5f4e-7f0a-4b39-9a53-0d5f3a3c9d10",
        chunk_ids=["x"],
        vectors=a_vector("a one")[None, :],
        facets=[],
    )
    await index.upsert(HERE, [stray])
    found = await reconciler(database, index).repair(tenant="acme")
    assert len(found.missing) == 1
    assert found.orphans == {HERE: [PointKey(stray.stamp, 0)]}
    await store.tend(tenant="acme")
    await assert_in_step(database, index, "a", "b")


async def test_a_stale_point_shows_nothing_and_hides_nothing(database: Database) -> None:
    index = MemoryVectorIndex()
    store = SplitStore(database, index, outbox=replace(HOLD, grace_s=1000.0))
    for n in range(8):  # each version's points stay, and lie nearer than what is sought
        await put(store, a_document(f"a one, version {n}", uri="a.md"))
        await store.tend(tenant="acme")
    await put(store, a_document("secret", uri="s.md"))
    await store.tend(tenant="acme")
    await put(store, replace(a_document("secret", uri="s.md"), acl=("hr",)))
    await fill(store, "b")
    await store.tend(tenant="acme")
    async with store.snapshot(ACME) as view:
        found = await view.dense(a_vector("a one, version 0"), limit=3)
    assert set(texts(found)) == {"a one, version 7", "b one", "b two"}
    assert await index.count(HERE) == 8 + 2 + 2


async def test_there_and_back_again(database: Database) -> None:
    plain, index = PostgresStore(database), MemoryVectorIndex()
    await fill(plain, "a", "b")
    before = await find_near(plain, "a one")
    await SplitStore(database, index, outbox=HOLD).tend(tenant="acme")
    await assert_in_step(database, index, "a", "b")
    assert await find_near(plain, "a one") == []
    assert len((await reconciler(database, None).find(tenant="acme")).bare) == 2
    await reconciler(database, None).repair(tenant="acme")
    assert await find_near(plain, "a one") == before
    await put(plain, a_document("a other", uri="a.md"))
    elsewhere = MemoryVectorIndex(name="elsewhere")
    moved = SplitStore(database, elsewhere, outbox=HOLD)
    await moved.tend(tenant="acme")
    assert await seen(moved) == {"a other", "b one", "b two"}
    again = SplitStore(database, index, outbox=HOLD)
    assert await seen(again) == {"b one", "b two"}  # only what is still true
    await reconciler(database, index).repair(tenant="acme")
    assert await seen(again) == {"a other", "b one", "b two"}


CHILD = """
import asyncio, sys
from answerable.adapters.postgres.database import Database
from answerable.adapters.stores.outbox import OutboxLimits
from answerable.adapters.stores.pinecone import open_pinecone
from answerable.adapters.stores.split import SplitStore
from answerable.testing.samples import a_document, put

async def main():
    async with Database(sys.argv[1]) as database:
        store = SplitStore(database, open_pinecone(url=sys.argv[2], api_key="key"), outbox=OutboxLimits(points=1))
        await put(store, a_document("a one\\n\\na two", uri="a.md"))

asyncio.run(main())
"""


async def test_a_process_killed_between_the_phases_is_made_good(database: Database) -> None:
    async with serving_pinecone(lag_s=1000.0) as server:  # points arrive, and are never seen: the writer waits
        command = [sys.executable, "-c", textwrap.dedent(CHILD), database._url, server.url]
        child = await asyncio.create_subprocess_exec(*command)
        while not any(path.endswith("/query") for path in server.faults.requests):
            assert child.returncode is None
            await asyncio.sleep(0.02)
        os.kill(child.pid, signal.SIGKILL)
        await child.wait()
        server.lag_s = 0.0
        for one in server.indexes.values():  # what was on its way arrives after all
            one.pending = [(0.0, lsn, change) for _, lsn, change in one.pending]
        index = open_pinecone(url=server.url, api_key="key")
        store = SplitStore(database, index, outbox=HOLD)
        assert await seen(store) == {"a one", "a two"}
        drift = await reconciler(database, index).find(tenant="acme")
        assert (drift.waiting, drift.abandoned) == (1, 1)
        await store.tend(tenant="acme")
        await store.tend(tenant="acme")
        assert await reconciler(database, index).find(tenant="acme") == Drift(live=1)
        assert await index.count(HERE) == 2
        assert await seen(store) == {"a one", "a two"}
        await store.aclose()
