"""What one document may cost the syncing process, and all that are in flight."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import pytest
from ingest_world import TENANT, World, text_of

from answerable.adapters.fakes.embedder import WhitespaceTokenizer
from answerable.core.document import Chunk, Document
from answerable.core.errors import DeadlineExceeded, ParseError
from answerable.core.patience import Patience, go_on
from answerable.guards.documents import scan_document
from answerable.ingest.apart import apart
from answerable.ingest.bounds import Bounds, Room
from answerable.ingest.pipeline import Limits
from answerable.ingest.ruler import WIDEST, Ruler


@pytest.fixture
def world() -> World:
    one = World()
    one.source.write("large.md", "\n\n".join(text_of(word) for word in ("apple", "birch", "cedar")))
    one.source.write("small.md", text_of("grape"))
    return one


@pytest.mark.parametrize(
    ("bounds", "cause"),
    [
        (Bounds(chars=1_000), "characters of text, more than 1,000"),
        (Bounds(chunks=5), "chunks, more than 5"),
    ],
)
async def test_a_document_that_is_too_large_is_a_named_failure_and_the_others_are_in(
    world: World, bounds: Bounds, cause: str
) -> None:
    report = await replace(world.sync, bounds=bounds).run(world.source, tenant=TENANT)
    assert report.added == 1
    assert await world.found("grape") == ["small.md"]
    assert cause in report.failed["large.md"]
    assert "guard.ingest.max_" in report.failed["large.md"]


async def test_a_document_that_takes_too_long_is_a_named_failure(world: World) -> None:
    report = await replace(world.sync, bounds=Bounds(cpu_s=0.0)).run(world.source, tenant=TENANT)
    assert set(report.failed) == {"large.md", "small.md"}
    assert "more than 0 s of CPU" in report.failed["large.md"]
    assert "guard.ingest.max_cpu" in report.failed["large.md"]


async def test_a_failure_gives_its_room_back_and_what_is_larger_than_the_room_goes_alone(world: World) -> None:
    for n in range(20):
        world.source.write(f"{n}.md", text_of("plum") if n % 2 else "BROKEN")
    sync = replace(world.sync, limits=Limits(chars=1), bounds=Bounds(chunks=5))
    report = await asyncio.wait_for(sync.run(world.source, tenant=TENANT), 60)
    assert (report.added, len(report.failed)) == (11, 11)


async def test_room_is_waited_for_until_it_is_given_back() -> None:
    room = Room(chars=10)
    await room.take(6)
    second = asyncio.create_task(room.take(5))
    await asyncio.sleep(0)
    assert not second.done()
    await room.give(6)
    await asyncio.wait_for(second, 60)


@dataclass
class Endless:
    """A chunker that never ends by itself."""

    begun: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    key: str = "endless"

    def chunk(self, document: Document) -> list[Chunk]:
        self.begun.set()
        try:
            while True:
                go_on()
        finally:
            self.ended.set()


async def test_a_sync_that_is_cancelled_while_it_cuts_ends_and_so_does_its_thread(world: World) -> None:
    chunker = Endless()
    task = asyncio.create_task(replace(world.sync, chunker=chunker).run(world.source, tenant=TENANT))
    assert await asyncio.to_thread(chunker.begun.wait, 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(chunker.ended.wait, 60)


async def test_what_is_computed_apart_is_given_or_raised_where_it_is_waited_for() -> None:
    def fail() -> None:
        raise ParseError("no")

    assert await apart(lambda: threading.current_thread().daemon, Patience(cpu_s=60))
    with pytest.raises(ParseError, match="no"):
        await apart(fail, Patience(cpu_s=60))


def _in_patience(work: Callable[[], object], ticks: Iterable[float]) -> None:
    clock = iter(ticks)

    def run() -> None:
        Patience(cpu_s=1.5, clock=lambda: next(clock)).begin()
        with pytest.raises(DeadlineExceeded):
            work()
        done.append(True)

    done: list[bool] = []
    thread = threading.Thread(target=run)  # with a context of its own
    thread.start()
    thread.join()
    assert done


@pytest.mark.parametrize("ticks", [(0, 1, 2), (0, 2)])
def test_the_scan_and_the_tokenizing_of_a_long_text_look_at_the_clock(ticks: tuple[float, ...]) -> None:
    text = "A page of ordinary words. " * 8_000
    document = Document(source="s", uri="u", title="t", text=text, tenant=TENANT, acl=())
    _in_patience(lambda: scan_document(document), ticks)
    _in_patience(lambda: Ruler(text, WhitespaceTokenizer()), ticks)


def test_a_long_text_is_measured_window_by_window_as_if_it_were_one() -> None:
    text = "some words of\na text that is long " * 9_000
    whole = [start for start, _ in WhitespaceTokenizer().offsets(text)]
    assert list(Ruler(text, WhitespaceTokenizer()).marks) == whole
    assert len(Ruler("x" * 250_000, WhitespaceTokenizer()).marks) >= 250_000 // WIDEST
