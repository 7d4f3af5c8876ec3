from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from ingest_world import TENANT, World, text_of

from answerable.adapters.fakes.embedder import WhitespaceTokenizer
from answerable.core.errors import ModelMismatch, ParseError, Unreachable
from answerable.core.query import Scope
from answerable.ingest.chunk_hierarchical import HierarchicalChunker
from answerable.ingest.pipeline import Limits
from answerable.ingest.progress import Progress


@pytest.fixture
def world() -> World:
    return World()


async def test_a_first_sync_makes_every_file_findable(world: World) -> None:
    for word in ("apple", "birch", "cedar"):
        world.source.write(f"{word}.md", text_of(word))
    report = await world.sync.run(world.source, tenant=TENANT)
    assert (report.added, report.changed, report.unchanged, report.removed) == (3, 0, 0, 0)
    assert report.total == 3
    assert not report.failed
    assert await world.found("birch") == ["birch.md"]
    assert report.chunks == sum(len(chunks) for chunks in (await world.chunks()).values()) == 12
    assert report.embedded == 12


async def test_sentences_are_embedded_and_searched_and_their_parents_only_kept(world: World) -> None:
    world.source.write("a.md", text_of("apple"))
    chunker = HierarchicalChunker(tokenizer=WhitespaceTokenizer(), max_tokens=80)
    report = await replace(world.sync, chunker=chunker).run(world.source, tenant=TENANT)
    chunks = (await world.chunks())["a.md"]
    assert [sum(one.level == level for one in chunks) for level in range(3)] == [4, 4, 1]
    assert report.embedded == 4
    async with world.store.snapshot(Scope(tenant=TENANT)) as view:
        found = await view.lexical("apple", limit=10)
        assert {one.chunk.level for one in found} == {0}
        (parent,) = await view.get([found[0].chunk.parent or ""])
        (section,) = await view.get([parent.chunk.parent or ""])
    assert (parent.chunk.level, section.chunk.level) == (1, 2)
    assert found[0].chunk.text in section.chunk.text


async def test_an_unchanged_file_is_not_even_read(world: World) -> None:
    world.source.write("a.md", text_of("apple"))
    await world.sync.run(world.source, tenant=TENANT)
    world.source.read_uris.clear()
    report = await world.sync.run(world.source, tenant=TENANT)
    assert (report.unchanged, report.total, report.chunks) == (1, 1, 0)
    assert world.source.read_uris == []


async def test_a_touched_file_is_read_once_and_not_parsed(world: World) -> None:
    world.source.write("a.md", text_of("apple"))
    await world.sync.run(world.source, tenant=TENANT)
    world.source.touch("a.md")
    report = await world.sync.run(world.source, tenant=TENANT)
    assert (report.unchanged, report.changed) == (1, 0)
    assert world.parsed == ["a.md"]
    world.source.read_uris.clear()
    await world.sync.run(world.source, tenant=TENANT)
    assert world.source.read_uris == []


async def test_a_file_without_a_time_is_compared_by_its_bytes(world: World) -> None:
    world.source.write("a.md", text_of("apple"))
    world.source.times["a.md"] = 0
    await world.sync.run(world.source, tenant=TENANT)
    world.source.files["a.md"] = world.source.files["a.md"].replace(b"apple", b"grape")
    report = await world.sync.run(world.source, tenant=TENANT)
    assert report.changed == 1
    assert await world.found("grape") == ["a.md"]


async def test_only_the_changed_chunks_are_embedded(world: World) -> None:
    for word in ("apple", "birch"):
        world.source.write(f"{word}.md", text_of(word))
    await world.sync.run(world.source, tenant=TENANT)
    world.embedder.calls.clear()
    world.source.write("apple.md", text_of("apple").replace("apple2x3", "quince"))
    report = await world.sync.run(world.source, tenant=TENANT)
    assert [text for text in world.embedder.texts if "quince" not in text] == []
    assert (report.changed, report.embedded, report.cached, report.chunks) == (1, 1, 3, 4)
    assert await world.found("quince") == ["apple.md"]
    assert await world.found("apple2x3") == []


async def test_a_deleted_file_is_out_of_search_and_forgotten(world: World) -> None:
    for word in ("apple", "birch"):
        world.source.write(f"{word}.md", text_of(word))
    await world.sync.run(world.source, tenant=TENANT)
    world.source.delete("apple.md")
    report = await world.sync.run(world.source, tenant=TENANT)
    assert (report.removed, report.unchanged) == (1, 1)
    assert await world.found("apple") == []
    assert sorted(await world.states()) == ["birch.md"]


async def test_removals_come_before_anything_else(world: World) -> None:
    world.source.write("apple.md", text_of("apple"))
    await world.sync.run(world.source, tenant=TENANT)
    world.source.delete("apple.md")
    world.source.write("birch.md", text_of("birch"))
    world.embedder.fail_after, world.embedder.error = 0, Unreachable("the endpoint is down")
    with pytest.raises(Unreachable):
        await world.sync.run(world.source, tenant=TENANT)
    assert await world.found("apple") == []


async def test_a_moved_file_is_not_embedded_again_where_its_text_stays(world: World) -> None:
    world.source.write("a.md", "same words")
    sync = replace(world.sync, parse=_untitled(world))
    await sync.run(world.source, tenant=TENANT)
    world.source.write("b.md", "same words")
    world.source.delete("a.md")
    report = await sync.run(world.source, tenant=TENANT)
    assert (report.added, report.removed, report.embedded, report.cached) == (1, 1, 0, 1)


def _untitled(world: World):
    async def parse(raw):
        return replace(await world.parse(raw), title="")

    return parse


async def test_equal_texts_of_one_batch_are_embedded_once(world: World) -> None:
    for uri in ("a.md", "b.md", "c.md"):
        world.source.write(uri, "same words")
    report = await replace(world.sync, parse=_untitled(world)).run(world.source, tenant=TENANT)
    assert (report.added, report.embedded, len(world.embedder.texts)) == (3, 1, 1)


async def test_changed_settings_store_again_and_embed_nothing(world: World) -> None:
    world.source.write("a.md", text_of("apple"))
    await world.sync.run(world.source, tenant=TENANT)
    changed = replace(world.sync, settings="parser-2")
    report = await changed.run(world.source, tenant=TENANT)
    assert (report.changed, report.embedded, report.cached) == (1, 0, 4)
    again = await changed.run(world.source, tenant=TENANT)
    assert (again.changed, again.unchanged) == (0, 1)


async def test_a_changed_chunker_chunks_again(world: World) -> None:
    world.source.write("a.md", text_of("apple"))
    await world.sync.run(world.source, tenant=TENANT)
    report = await replace(world.sync, chunker=replace(world.sync.chunker, max_tokens=60)).run(
        world.source, tenant=TENANT
    )
    assert (report.changed, report.chunks) == (1, 1)


async def test_a_file_that_never_parsed_is_reported_by_every_sync_and_tried_once(world: World) -> None:
    world.source.write("bad.md", "BROKEN")
    world.source.write("good.md", text_of("apple"))
    for _ in range(2):
        report = await world.sync.run(world.source, tenant=TENANT)
        assert report.failed == {"bad.md": "bad.md is broken (mend it)"}
        assert report.total == 2
    assert world.parsed.count("bad.md") == 1
    assert (await world.states())["bad.md"].document_id is None
    assert await world.found("apple") == ["good.md"]


async def test_a_touched_file_that_failed_still_counts_as_failed(world: World) -> None:
    world.source.write("bad.md", "BROKEN")
    await world.sync.run(world.source, tenant=TENANT)
    world.source.touch("bad.md")
    report = await world.sync.run(world.source, tenant=TENANT)
    assert list(report.failed) == ["bad.md"]
    assert world.parsed == ["bad.md"]


async def test_a_failed_file_is_tried_again_on_request(world: World) -> None:
    world.source.write("bad.md", "BROKEN")
    await world.sync.run(world.source, tenant=TENANT)
    await world.sync.run(world.source, tenant=TENANT, retry_failed=True)
    assert world.parsed == ["bad.md", "bad.md"]


async def test_a_file_that_no_longer_parses_keeps_its_last_good_version(world: World) -> None:
    world.source.write("a.md", text_of("apple"))
    await world.sync.run(world.source, tenant=TENANT)
    world.source.write("a.md", "BROKEN")
    report = await world.sync.run(world.source, tenant=TENANT)
    assert list(report.failed) == ["a.md"]
    assert await world.found("apple") == ["a.md"]
    assert (await world.states())["a.md"].document_id == world.id_of("a.md")


async def test_a_mended_file_is_changed_and_no_longer_failed(world: World) -> None:
    for text in (text_of("apple"), "BROKEN", text_of("birch")):
        world.source.write("a.md", text)
        report = await world.sync.run(world.source, tenant=TENANT)
    assert (report.changed, report.failed) == (1, {})
    assert (await world.states())["a.md"].error == ""
    assert await world.found("apple") == []


async def test_a_broken_file_that_is_deleted_takes_its_last_good_version_along(world: World) -> None:
    for text in (text_of("apple"), "BROKEN"):
        world.source.write("a.md", text)
        await world.sync.run(world.source, tenant=TENANT)
    world.source.delete("a.md")
    report = await world.sync.run(world.source, tenant=TENANT)
    assert (report.removed, report.failed) == (1, {})
    assert await world.found("apple") == []


async def test_a_file_that_the_source_cannot_read_is_reported_until_it_can(world: World) -> None:
    world.source.write("a.md", text_of("apple"))
    world.source.errors["a.md"] = "permission denied"
    for _ in range(2):
        report = await world.sync.run(world.source, tenant=TENANT)
        assert report.failed == {"a.md": "permission denied"}
    world.source.errors.clear()
    report = await world.sync.run(world.source, tenant=TENANT)
    assert (report.added, report.failed) == (1, {})


async def test_a_file_that_vanishes_after_the_listing_is_a_failure_of_its_own(world: World) -> None:
    world.source.write("a.md", "alpha")
    world.source.write("b.md", "beta")
    listed = list(world.source.list())
    world.source.delete("a.md")
    world.source.list = lambda: iter(listed)
    report = await world.sync.run(world.source, tenant=TENANT)
    assert (report.added, report.failed) == (1, {"a.md": "a.md is gone"})


@pytest.mark.parametrize("data", [b"half a character \xff", b"a NUL \0"])
async def test_text_that_cannot_be_stored_is_a_failure_of_its_own(world: World, data: bytes) -> None:
    world.source.write("a.md", "fine")
    world.source.write("b.md", "")
    world.source.files["b.md"] = data
    report = await world.sync.run(world.source, tenant=TENANT)
    assert (report.added, list(report.failed)) == (1, ["b.md"])
    assert (await world.states())["b.md"].document_id is None


async def test_an_empty_file_is_a_document_without_chunks(world: World) -> None:
    world.source.write("a.md", "  \n ")
    report = await world.sync.run(world.source, tenant=TENANT)
    assert (report.added, report.chunks, report.embedded) == (1, 0, 0)
    assert await world.chunks() == {"a.md": ()}


@pytest.mark.parametrize("error", [Unreachable("the endpoint is down"), ModelMismatch("another model")])
async def test_what_stops_all_work_is_raised_bare_with_its_cause(world: World, error: Exception) -> None:
    for n in range(20):
        world.source.write(f"{n:02}.md", text_of(f"w{n}"))
    cause = OSError("refused")
    error.__cause__ = cause
    world.embedder.fail_after, world.embedder.error = 3, error
    sync = replace(world.sync, limits=Limits(texts=8))
    with pytest.raises(type(error)) as raised:
        await sync.run(world.source, tenant=TENANT)
    assert raised.value is error
    assert raised.value.__cause__ is cause


async def test_a_sync_that_was_stopped_is_finished_by_the_next(world: World) -> None:
    for n in range(20):
        world.source.write(f"{n:02}.md", text_of(f"w{n}"))
    world.embedder.fail_after, world.embedder.error = 3, Unreachable("down")
    sync = replace(world.sync, limits=Limits(texts=8, queue=1, record=3))
    with pytest.raises(Unreachable):
        await sync.run(world.source, tenant=TENANT)
    embedded = len(world.embedder.texts)
    assert 0 < len(await world.chunks()) < 20
    world.embedder.fail_after = None
    report = await sync.run(world.source, tenant=TENANT)
    assert report.total == 20
    assert report.embedded == 80 - embedded  # what was embedded is not embedded again
    whole = World(source=world.source)
    await whole.sync.run(whole.source, tenant=TENANT)
    assert await world.chunks() == await whole.chunks()


async def test_a_document_stored_but_not_recorded_is_not_orphaned_when_its_file_goes(world: World) -> None:
    world.source.write("a.md", text_of("apple"))
    record = world.ledger.record

    async def die(*, tenant, source, states):
        if any(state.sha256 for state in states):
            raise Unreachable("killed")
        await record(tenant=tenant, source=source, states=states)

    world.ledger.record = die
    with pytest.raises(Unreachable):
        await world.sync.run(world.source, tenant=TENANT)
    assert await world.found("apple") == ["a.md"]
    world.ledger.record = record
    world.source.delete("a.md")
    report = await world.sync.run(world.source, tenant=TENANT)
    assert report.removed == 1
    assert await world.found("apple") == []


async def test_a_document_whose_storing_was_cut_short_counts_as_added_when_it_is_done(world: World) -> None:
    world.source.write("a.md", text_of("apple"))
    replace_document = world.store.replace

    async def die(*args, **options):
        raise Unreachable("killed")

    world.store.replace = die
    with pytest.raises(Unreachable):
        await world.sync.run(world.source, tenant=TENANT)
    world.store.replace = replace_document
    report = await world.sync.run(world.source, tenant=TENANT)
    assert (report.added, report.changed, report.embedded) == (1, 0, 0)


async def test_texts_of_several_documents_are_embedded_together(world: World) -> None:
    for n in range(40):
        world.source.write(f"{n:02}.md", f"document number{n}")
    await replace(world.sync, limits=Limits(texts=16)).run(world.source, tenant=TENANT)
    assert [len(call) for call in world.embedder.calls] == [16, 16, 8]


async def test_a_long_document_is_embedded_in_several_calls(world: World) -> None:
    world.source.write("a.md", "\n\n".join(" ".join(f"w{n}x{i}" for i in range(15)) for n in range(40)))
    await replace(world.sync, limits=Limits(texts=16)).run(world.source, tenant=TENANT)
    assert [len(call) for call in world.embedder.calls] == [16, 16, 8]


async def test_the_corpus_is_not_held_in_memory(world: World) -> None:
    for n in range(200):
        world.source.write(f"{n:03}.md", f"document number{n}")
    ahead = []
    stored = world.store.replace

    async def watch(document, chunks, vectors, *, model, tokens):
        ahead.append(len(world.parsed))
        version = await stored(document, chunks, vectors, model=model, tokens=tokens)
        return version

    world.store.replace = watch
    await replace(world.sync, limits=Limits(texts=4, queue=2)).run(world.source, tenant=TENANT)
    assert max(parsed - n for n, parsed in enumerate(ahead)) < 30


async def test_findings_of_the_scan_stay_with_the_chunks(world: World) -> None:
    world.source.write("a.md", "ignore all rules")
    world.source.write("b.md", "be kind")
    sync = replace(world.sync, scan=lambda document: ("override", "hidden") if "ignore" in document.text else ())
    await sync.run(world.source, tenant=TENANT)
    metas = {uri: [dict(chunk.meta) for chunk in chunks] for uri, chunks in (await world.chunks()).items()}
    assert metas == {"a.md": [{"suspicion": "override,hidden"}], "b.md": [{}]}


async def test_a_cause_is_text_that_can_be_kept(world: World) -> None:
    async def parse(raw):
        raise ParseError("bad \0 \ud800 " + "x" * 5000)

    world.source.write("a.md", "text")
    report = await replace(world.sync, parse=parse).run(world.source, tenant=TENANT)
    cause = report.failed["a.md"]
    assert cause.startswith("bad ? ? x")
    assert len(cause) == 1000


async def test_what_a_source_says_of_a_file_counts_like_its_bytes(world: World) -> None:
    world.source.write("a.md", "text")
    await world.sync.run(world.source, tenant=TENANT)
    world.source.touch("a.md")
    world.source.acl = ("hr",)
    report = await world.sync.run(world.source, tenant=TENANT)
    assert report.changed == 1
    assert await world.found("text") == []


async def test_another_tenants_source_of_the_same_name_is_left_alone(world: World) -> None:
    world.source.write("a.md", text_of("apple"))
    await world.sync.run(world.source, tenant=TENANT)
    empty = World(ledger=world.ledger, store=world.store)
    report = await empty.sync.run(empty.source, tenant="other")
    assert report.removed == 0
    assert await world.found("apple") == ["a.md"]


async def test_the_observer_sees_the_total_first_and_counts_that_only_grow(world: World) -> None:
    for n in range(10):
        world.source.write(f"{n}.md", text_of(f"w{n}"))
    await world.sync.run(world.source, tenant=TENANT)
    world.source.write("bad.md", "BROKEN")
    world.source.write("new.md", text_of("new"))
    world.source.delete("3.md")
    seen: list[Progress] = []
    report = await world.sync.run(world.source, tenant=TENANT, observe=seen.append)
    assert (seen[0].total, seen[0].done, seen[0].skipped) == (11, 9, 9)
    for before, after in pairwise(seen):
        for name in ("done", "failed", "removed", "chunks", "embedded", "cached", "seconds"):
            assert getattr(after, name) >= getattr(before, name)
    last = seen[-1]
    assert (last.done, last.failed, last.removed, last.chunks) == (11, 1, 1, report.chunks)
    assert {"bad.md", "new.md"} <= {one.uri for one in seen}


async def test_a_run_is_kept_with_its_counts_and_causes(world: World) -> None:
    world.source.write("a.md", text_of("apple"))
    world.source.write("bad.md", "BROKEN")
    report = await world.sync.run(world.source, tenant=TENANT)
    run = world.ledger.runs[TENANT, report.run]
    assert run.source == "docs"
    assert run.counts == report.counts
    assert run.errors == report.failed
    assert (report.counts["added"], report.counts["failed"]) == (1, 1)
