"""A writer that runs beside the work: batches into the database, or onto the disk while that is away.

The journal, the book of calls and the happenings each have one; what an entry is, is theirs.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

from answerable.adapters.postgres.spool import Spool
from answerable.core.errors import (
    AnswerableError,
    ConfigError,
    DeadlineExceeded,
    IntegrityError,
    Unreachable,
)
from answerable.core.seam import seam

log = logging.getLogger(__name__)
T = TypeVar("T")
_BATCH = 100  # entries a transaction
_ROUNDS = 1000  # batches between two looks at what must be prepared
_SPILL = 100  # entries that go to disk at once when the queue is full
_SAY_S = 10.0  # losses are told no oftener than that
CLOSE_S = 5.0  # what closing waits for the database at the most
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_PASSING = (Unreachable, ConfigError, DeadlineExceeded)  # about the database, not about the entry


async def nothing() -> None:
    """There is nothing to prepare."""


def unheard(count: int) -> None:
    """Nobody counts what is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing(Generic[T]):
    """How entries of one kind are written. `insert` must bear an entry that is already there."""

    name: str  # for the log: journal | calls | happenings
    insert: Callable[[Sequence[T]], Awaitable[None]]
    label: Callable[[T], str]  # which entry it is, for the log
    prepare: Callable[[], Awaitable[None]] = nothing  # before every round
    dropped: Callable[[int], None] = unheard  # how many entries found neither database nor room
    batch: int = _BATCH
    linger_s: float = 0.0  # entries are gathered so long before they are written; a kill loses them
    patience_s: float = 10.0  # a batch that is not written by then goes to disk: the database may hang, too


class Spooled(Generic[T]):
    """Takes entries without waiting. Open it with `async with`.

    An entry is in memory until the next batch; when memory is full, or the database is away, in the spool folder,
    from where it is replayed. Only a kill of the process loses what is still in memory: milliseconds' worth, or
    that of `linger_s`; while the database hangs, that of `patience_s`. Where the spool may hold no more, what
    comes next is dropped, told and counted.
    """

    def __init__(
        self, writing: Writing[T], *, spool: Spool[T], queue: int = 1000, close_s: float = CLOSE_S
    ) -> None:
        self._writing = writing
        self._spool = spool
        self._limit = queue
        self._close_s = close_s
        self._queue: deque[T] = deque()
        self._wake = asyncio.Event()
        self._progress = asyncio.Condition()
        self._accepted = self._settled = 0  # entries ever taken, and those in the database or on disk
        self._task: asyncio.Task[None] | None = None
        self._flushing = asyncio.Event()  # somebody waits: nothing lingers
        self._lost = 0  # since it was last said
        self._said_at = -math.inf
        self._stuck: set[Path] = set()  # batches that cannot be read or removed, as the log has said

    async def __aenter__(self) -> Self:
        self._wake.set()  # replay what an earlier process left
        self._task = asyncio.create_task(self._run(), name=self._writing.name)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        with suppress(TimeoutError):  # a database that hangs: what waits goes to the disk
            async with asyncio.timeout(self._close_s):
                await self.flush()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def write(self, entry: T) -> None:
        """Queue; returns at once."""
        self._queue.append(entry)
        self._accepted += 1
        if self._task is None or self._task.done():
            self._spill(len(self._queue))
        elif len(self._queue) > self._limit:
            log.warning("the %s's queue is full: %d entries go to the spool", self._writing.name, _SPILL)
            self._spill(_SPILL)
        self._wake.set()

    async def flush(self) -> None:
        """Wait until what was queued is in the database or, while that is away, on disk."""
        target = self._accepted
        if self._settled >= target:
            return
        self._wake.set()
        self._flushing.set()
        async with self._progress:
            await self._progress.wait_for(lambda: self._settled >= target)

    async def _run(self) -> None:
        pause_s = _FIRST_PAUSE_S
        try:
            while True:
                try:
                    with seam(self._writing.name):  # what nobody foresaw must not end the writer
                        await self._drain()
                    pause_s = _FIRST_PAUSE_S
                    await self._wake.wait()
                    await self._linger()
                except AnswerableError as error:
                    log.warning("the %s keeps to its spool for %g s: %s", self._writing.name, pause_s, error)
                    await self._spill_for(pause_s)
                    pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        finally:
            self._spill(len(self._queue))
            await self._tell()

    async def _spill_for(self, seconds: float) -> None:
        """Put what comes in on disk for a while."""
        until = asyncio.get_running_loop().time() + seconds
        while (left := until - asyncio.get_running_loop().time()) > 0:
            self._spill(len(self._queue))
            await self._tell()
            self._wake.clear()
            try:
                async with asyncio.timeout(left):  # wait_for of Python 3.11 can swallow a cancellation
                    await self._wake.wait()
            except TimeoutError:
                return
            await self._linger()

    async def _linger(self) -> None:
        """Let entries gather, unless somebody waits for them."""
        if self._writing.linger_s and len(self._queue) < self._limit:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._writing.linger_s):
                    await self._flushing.wait()
        self._flushing.clear()

    async def _drain(self) -> None:
        """Write what waits, by turns from memory and from disk, so that neither starves the other.

        Raises one of _PASSING when the database is away.
        """
        self._wake.clear()
        await self._writing.prepare()
        on_disk = deque(self._spool.batches())
        for _ in range(_ROUNDS):
            if self._queue:
                await self._write_batch()
            if on_disk:
                await self._replay(on_disk.popleft())
            if not (self._queue or on_disk):
                return
        self._wake.set()  # the rest after another look at what must be prepared

    async def _write_batch(self) -> None:
        batch = [self._queue.popleft() for _ in range(min(self._writing.batch, len(self._queue)))]
        try:
            await self._insert(batch)
        except BaseException:  # also when cancelled: what may not have been written is not forgotten
            self._queue.extendleft(reversed(batch))
            raise
        self._settled += len(batch)
        await self._tell()

    async def _insert(self, batch: Sequence[T]) -> None:
        """The batch at once; if something in it is refused, one by one, and the refused set aside."""
        try:
            await self._in_time(batch)
        except _PASSING:
            raise
        except AnswerableError as error:
            if len(batch) == 1:
                label = self._writing.label(batch[0])
                log.error("the database refuses %s, it is set aside: %s", label, error)
                self._keep(self._spool.reject, batch)
                return
            for entry in batch:
                await self._insert([entry])

    async def _in_time(self, batch: Sequence[T]) -> None:
        """A table that somebody has locked takes an entry for as long as it is locked. Raises DeadlineExceeded."""
        patience_s = self._writing.patience_s
        try:
            async with asyncio.timeout(patience_s):
                await self._writing.insert(batch)
        except TimeoutError as error:
            raise DeadlineExceeded(
                f"the database has not taken {len(batch)} entries in {patience_s:g} s",
                hint="look for who holds a lock: pg_locks, pg_stat_activity",
            ) from error

    async def _replay(self, waiting: Path) -> None:
        try:
            entries = await asyncio.to_thread(self._spool.read, waiting)
        except FileNotFoundError:  # another process was faster
            return
        except OSError as error:  # another user's, perhaps: it must not hold up those behind it
            self._stays(waiting, error)
            return
        except IntegrityError as error:
            log.error("%s; it is set aside", error)
            self._away(self._spool.set_aside, waiting)
            return
        await self._insert(entries)
        self._away(lambda batch: batch.unlink(missing_ok=True), waiting)

    def _away(self, how: Callable[[Path], None], batch: Path) -> None:
        try:
            how(batch)
        except FileNotFoundError:  # another process was faster
            pass
        except OSError as error:
            self._stays(batch, error)

    def _stays(self, batch: Path, error: OSError) -> None:
        """Said once; it is tried again as long as it is there, and an entry written twice is there once."""
        if batch not in self._stuck:
            self._stuck.add(batch)
            log.error("the %s cannot take %s from its spool, look at its owner and rights: %s",
                      self._writing.name, batch, error)  # fmt: skip

    def _spill(self, count: int) -> None:
        """Up to `count` entries to disk, the oldest first."""
        entries = [self._queue.popleft() for _ in range(min(count, len(self._queue)))]
        if entries:
            self._keep(self._spool.put, entries)
            self._settled += len(entries)

    def _keep(self, on_disk: Callable[[Sequence[T]], Path], entries: Sequence[T]) -> None:
        """To disk; where there is no disk either, the entries are gone, and the log says how many."""
        try:
            on_disk(entries)
        except OSError as error:
            self._lost += len(entries)
            self._writing.dropped(len(entries))
            now = time.monotonic()
            if now - self._said_at >= _SAY_S:
                name, count = self._writing.name, self._lost
                log.critical("the %s loses %d entries: neither database nor spool: %s", name, count, error)
                self._lost, self._said_at = 0, now

    async def _tell(self) -> None:
        async with self._progress:
            self._progress.notify_all()


class Behind(Generic[T]):
    """A port whose entries are written beside the work: it is opened, flushed and closed with its writer."""

    def __init__(self, writer: Spooled[T]) -> None:
        self._writer = writer

    async def __aenter__(self) -> Self:
        await self._writer.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        await self._writer.__aexit__(kind, error, where)

    async def flush(self) -> None:
        """Wait until what was queued is in the database or, while that is away, on disk."""
        await self._writer.flush()
