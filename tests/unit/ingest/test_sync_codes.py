"""Ingestion keeps a code of every chunk's tokens, computes none twice, and gives an old index its own."""

from __future__ import annotations

from dataclasses import replace

from ingest_world import TENANT, World, text_of

from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.ingest.sync import Sync


def encoding(world: World) -> Sync:
    return replace(world.sync, embedder=HashEmbedder(), encoder=HashEmbedder())


async def codes(world: World) -> dict[str, bytes]:
    ids = [chunk.id for chunks in (await world.chunks()).values() for chunk in chunks]
    return dict(await world.store.codes(tenant=TENANT, chunk_ids=ids))


async def test_every_chunk_has_the_code_of_its_own_text() -> None:
    world = World()
    world.source.write("a.md", text_of("apple"))
    report = await encoding(world).run(world.source, tenant=TENANT)
    found = await codes(world)
    assert report.embedded == len(found) > 0
    (chunks,) = (await world.chunks()).values()
    _, expected = await HashEmbedder().encode([f"a.md\n{chunk.text}" for chunk in chunks])
    assert [found[chunk.id] for chunk in chunks] == expected


async def test_a_moved_text_takes_its_code_along() -> None:
    world = World()
    world.source.write("a.md", text_of("apple"))
    await encoding(world).run(world.source, tenant=TENANT)
    world.source.write("a.md", "\n\n" + text_of("apple"))
    report = await encoding(world).run(world.source, tenant=TENANT)
    assert (report.changed, report.embedded) == (1, 0)
    assert await world.store.missing(tenant=TENANT) == 0


async def test_an_index_of_before_the_codes_gets_them_with_the_next_sync() -> None:
    world = World()
    world.source.write("a.md", text_of("apple"))
    await world.sync.run(world.source, tenant=TENANT)
    assert await codes(world) == {}
    report = await encoding(world).run(world.source, tenant=TENANT)
    assert (report.changed, report.unchanged) == (1, 0)
    assert await world.store.missing(tenant=TENANT) == 0
    again = await encoding(world).run(world.source, tenant=TENANT)
    assert (again.changed, again.unchanged, again.embedded) == (0, 1, 0)


async def test_an_embedder_that_gives_no_tokens_leaves_the_codes_out() -> None:
    world = World()
    world.source.write("a.md", text_of("apple"))
    await world.sync.run(world.source, tenant=TENANT)
    assert await world.store.missing(tenant=TENANT) > 0
