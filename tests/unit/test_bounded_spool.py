"""What waits on disk while the database is away: nothing is lost below the bound, and what is lost is counted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from answerable.adapters.postgres.spool import Form, Spool, SpoolFullError
from answerable.adapters.postgres.spooled import Spooled, Writing
from answerable.core.errors import Unreachable

LINE = len('{"n": "0000"}\n')


def a_spool(folder: Path, most: int | None = None) -> Spool[str]:
    return Spool(folder, Form(dump=lambda one: {"n": one}, load=lambda given: given["n"]), most_bytes=most)


def numbered(count: int, first: int = 0) -> list[str]:
    return [f"{first + n:04d}" for n in range(count)]


class Table:
    """A table that can be away."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.batches: list[int] = []
        self.away = False

    async def insert(self, batch: list[str]) -> None:
        await asyncio.sleep(0)
        if self.away:
            raise Unreachable("away", hint="wait")
        self.batches.append(len(batch))
        self.rows += batch


def a_writer(
    table: Table, spool: Spool[str], dropped: Callable[[int], None], *, linger_s: float = 0.0
) -> Spooled[str]:
    writing = Writing(name="log", insert=table.insert, label=str, dropped=dropped, batch=50, linger_s=linger_s)
    return Spooled(writing, spool=spool, queue=100)


def test_a_spool_takes_so_much_and_then_refuses_until_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("answerable.adapters.postgres.spool._COUNT_S", 0.0)
    spool, other = a_spool(tmp_path, 10 * LINE), a_spool(tmp_path, 10 * LINE)
    first = spool.put(numbered(6))
    assert spool.size() == 6 * LINE
    with pytest.raises(SpoolFullError):
        other.put(numbered(5))  # another process's counts, too
    other.put(numbered(4))
    with pytest.raises(SpoolFullError):
        spool.put(numbered(1))
    first.unlink()  # somebody wrote it into the database
    spool.put(numbered(6))
    assert spool.reject(numbered(99)).exists()  # what is set aside is not what waits
    assert a_spool(tmp_path / "free").put(numbered(500)).exists()


async def test_what_finds_no_room_is_counted_said_once_and_what_was_kept_comes_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    table, lost = Table(), []
    table.away = True
    with caplog.at_level(logging.CRITICAL):
        async with a_writer(table, a_spool(tmp_path, 30 * LINE), lost.append) as writer:
            for one in numbered(30):
                writer.write(one)
            await writer.flush()
            for n in range(5):
                writer.write(f"{100 + n:04d}")
                await writer.flush()
    assert sum(lost) == 5
    assert [one.levelno for one in caplog.records].count(logging.CRITICAL) == 1  # loud, but not five times
    table.away = False
    async with a_writer(table, a_spool(tmp_path, 30 * LINE), lost.append):
        while a_spool(tmp_path).batches():
            await asyncio.sleep(0.001)
    assert sorted(table.rows) == numbered(30)  # the oldest: once on disk, nothing is given up for what is newer


async def test_entries_gather_and_whoever_waits_for_them_does_not_wait_longer(tmp_path: Path) -> None:
    table = Table()
    async with a_writer(table, a_spool(tmp_path), [].append, linger_s=3600.0) as writer:
        await asyncio.sleep(0)
        for one in numbered(20):
            writer.write(one)
            await asyncio.sleep(0)
        await writer.flush()
        assert table.rows == numbered(20)
        assert len(table.batches) <= 2  # not one a question
        await writer.flush()
    assert list(tmp_path.iterdir()) == []


async def test_what_still_gathers_at_the_end_is_written(tmp_path: Path) -> None:
    table = Table()
    async with a_writer(table, a_spool(tmp_path), [].append, linger_s=3600.0) as writer:
        await asyncio.sleep(0)
        writer.write("0001")
    assert table.rows == ["0001"]


async def test_what_waited_is_written_between_what_is_asked_now(tmp_path: Path) -> None:
    for n in range(20):
        a_spool(tmp_path).put([f"{n:04d}"])
    table = Table()
    async with a_writer(table, a_spool(tmp_path), [].append) as writer:
        n = 1000
        while a_spool(tmp_path).batches():
            writer.write(f"{n:04d}")
            n += 1
            await asyncio.sleep(0)
        await writer.flush()
    assert sorted(one for one in table.rows if one < "1000") == numbered(20)
    assert [one for one in table.rows if one >= "1000"] == numbered(n - 1000, 1000)


async def test_a_database_that_hangs_keeps_nothing_in_memory(tmp_path: Path) -> None:
    """As when somebody has locked the table: no error comes, and a kill would lose what is not on disk."""
    hangs, table, spool = asyncio.Event(), Table(), a_spool(tmp_path)

    async def insert(batch: list[str]) -> None:
        if not hangs.is_set():
            await asyncio.Event().wait()
        await table.insert(batch)

    writing = Writing(name="log", insert=insert, label=str, batch=50, patience_s=0.01)
    async with Spooled(writing, spool=spool, queue=100) as writer:
        for one in numbered(20):
            writer.write(one)
        async with asyncio.timeout(30):
            await writer.flush()  # on disk is settled
        assert sorted(one for batch in spool.batches() for one in spool.read(batch)) == numbered(20)
        hangs.set()
        async with asyncio.timeout(30):
            while spool.batches():
                writer.write("more")
                await asyncio.sleep(0.02)
    assert set(numbered(20)) <= set(table.rows)


async def test_a_batch_that_may_not_be_read_holds_up_none_behind_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As one that another user left in the folder; here a folder of that name, which root may not read either."""
    spool, table = a_spool(tmp_path), Table()
    (tmp_path / "00000000000000000001-00000000.jsonl").mkdir(parents=True)
    spool.put(numbered(3))
    writer = a_writer(table, spool, lambda count: None)
    async with writer:
        for one in numbered(2, first=3):
            writer.write(one)
            await writer.flush()
        async with asyncio.timeout(20):
            while len(spool.batches()) > 1:
                await asyncio.sleep(0.01)
    assert sorted(table.rows) == numbered(5)
    assert "look at its owner and rights" in caplog.text


async def test_what_is_in_the_spool_and_not_ours_is_set_aside(tmp_path: Path) -> None:
    spool, table = a_spool(tmp_path), Table()
    tmp_path.mkdir(exist_ok=True)
    for number, line in enumerate(("null", "[" * 100_000, "\x00", '{"n":', "3")):
        (tmp_path / f"{number:020d}-00000000.jsonl").write_text(line + "\n")
    spool.put(numbered(2))
    async with a_writer(table, spool, lambda count: None) as writer:
        writer.write("last")
        await writer.flush()
        async with asyncio.timeout(20):
            while spool.batches():
                await asyncio.sleep(0.01)
    assert sorted(table.rows) == [*numbered(2), "last"]
    assert len(list((tmp_path / "rejected").iterdir())) == 5


def test_half_a_batch_does_not_stay_where_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        a_spool(tmp_path).put(numbered(3))
    assert not list(tmp_path.iterdir())
