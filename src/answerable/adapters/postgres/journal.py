"""The journal in Postgres: what is kept of every question, written behind the answer's back."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from answerable.adapters.entry import Entry, Keeping, Record, make_entry, plain, with_scores
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.journal_rows import insert_entries, read_trace
from answerable.adapters.postgres.spool import Spool
from answerable.adapters.postgres.statements import statements
from answerable.core.answer import Answer
from answerable.core.errors import (
    AnswerableError,
    ConfigError,
    DeadlineExceeded,
    IntegrityError,
    NotFound,
    Unreachable,
)
from answerable.core.ports import Feedback
from answerable.core.prompt import Rendered
from answerable.core.query import Principal, Query
from answerable.core.trace import Trace

log = logging.getLogger(__name__)
_SQL = statements("journal")
_BATCH = 100  # entries a transaction
_SPILL = 100  # entries that go to disk at once when the queue is full
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_SEES_ALL = frozenset({"engineer", "admin"})
_PASSING = (Unreachable, ConfigError, DeadlineExceeded)  # about the database, not about the entry


class PostgresJournal:
    """A Journal whose writer runs beside the questions. Open it with `async with`.

    An entry is in memory until the next batch; when memory is full, or the database is away, in the spool folder,
    from where it is replayed. Only a kill of the process loses what is still in memory: milliseconds' worth.
    """

    def __init__(
        self,
        database: Database,
        *,
        record: Record,
        spool: Path,
        queue: int = 1000,
        keeping: Keeping = Keeping(),  # noqa: B008 - frozen
    ) -> None:
        self._database = database
        self._record, self._keeping = record, keeping
        self._spool = Spool(spool)
        self._limit = queue
        self._unmeasured: dict[str, tuple[Query, Answer]] = {}  # of what is in the queue, by trace
        self._queue: deque[Entry] = deque()
        self._wake = asyncio.Event()
        self._progress = asyncio.Condition()
        self._accepted = self._settled = 0  # entries ever taken, and those in the database or on disk
        self._partitioned_on = ""
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._wake.set()  # replay what an earlier process left
        self._task = asyncio.create_task(self._run(), name="journal")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        await self.flush()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    # --- writing -------------------------------------------------------------------------------------------

    def write(self, trace: Trace, query: Query, answer: Answer, rendered: Rendered | None) -> None:
        """Queue; returns at once."""
        self._queue.append(make_entry(trace, query, answer, rendered, self._record, self._keeping))
        if self._keeping.measure is not None:
            self._unmeasured[trace.id] = (query, answer)
        self._accepted += 1
        if self._task is None or self._task.done():
            self._spill(len(self._queue))
        elif len(self._queue) > self._limit:
            log.warning("the journal's queue is full: %d entries go to the spool", _SPILL)
            self._spill(_SPILL)
        self._wake.set()

    async def flush(self) -> None:
        """Wait until what was queued is in the database or, while that is away, on disk."""
        target = self._accepted
        self._wake.set()
        async with self._progress:
            await self._progress.wait_for(lambda: self._settled >= target)

    async def _run(self) -> None:
        pause_s = _FIRST_PAUSE_S
        try:
            while True:
                try:
                    await self._drain()
                    pause_s = _FIRST_PAUSE_S
                    await self._wake.wait()
                except _PASSING as error:
                    log.warning("the journal keeps to its spool for %g s: %s", pause_s, error)
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

    async def _drain(self) -> None:
        """Write everything that waits, in memory first. Raises one of _PASSING when the database is away."""
        self._wake.clear()
        await self._make_partitions()
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(_BATCH, len(self._queue)))]
            try:
                await self._insert(await asyncio.to_thread(self._measured, batch) if self._unmeasured else batch)
            except BaseException:  # also when cancelled: what may not have been written is not forgotten
                self._queue.extendleft(reversed(batch))
                raise
            self._settled += len(batch)
            await self._tell()
        for waiting in self._spool.batches():
            await self._replay(waiting)
            if self._queue:  # those who ask now come first
                self._wake.set()
                return

    def _measured(self, batch: Sequence[Entry]) -> list[Entry]:
        """With the scores of each answer; one that was on disk, or refused before, has none."""
        return [self._with_scores(entry) for entry in batch]

    def _with_scores(self, entry: Entry) -> Entry:
        asked = self._unmeasured.pop(entry.trace_id, None)
        if asked is None or self._keeping.measure is None:
            return entry
        return with_scores(entry, self._keeping.measure(*asked))

    async def _insert(self, batch: Sequence[Entry]) -> None:
        """The batch at once; if something in it is refused, one by one, and the refused set aside."""
        try:
            await insert_entries(self._database, batch)
        except _PASSING:
            raise
        except AnswerableError as error:
            if len(batch) == 1:
                log.error("the database refuses trace %s, it is set aside: %s", batch[0].trace_id, error)
                self._keep(self._spool.reject, batch)
                return
            for entry in batch:
                await self._insert([entry])

    async def _replay(self, waiting: Path) -> None:
        try:
            entries = await asyncio.to_thread(self._spool.read, waiting)
        except FileNotFoundError:  # another process was faster
            return
        except IntegrityError as error:
            log.error("%s; it is set aside", error)
            self._spool.set_aside(waiting)
            return
        await self._insert(entries)
        waiting.unlink(missing_ok=True)

    async def _make_partitions(self) -> None:
        today = datetime.now(UTC).date().isoformat()
        if self._partitioned_on != today:
            async with self._database.nobody() as conn:
                await conn.execute(_SQL["make_partitions"])
            self._partitioned_on = today

    def _spill(self, count: int) -> None:
        """Up to `count` entries to disk, the oldest first."""
        entries = [self._queue.popleft() for _ in range(min(count, len(self._queue)))]
        for entry in entries:
            self._unmeasured.pop(entry.trace_id, None)
        if entries:
            self._keep(self._spool.put, entries)
            self._settled += len(entries)

    def _keep(self, on_disk: Callable[[Sequence[Entry]], Path], entries: Sequence[Entry]) -> None:
        """To disk; where there is no disk either, the entries are gone, and the log says how many."""
        try:
            on_disk(entries)
        except OSError as error:
            log.critical("the journal loses %d entries: neither database nor spool: %s", len(entries), error)

    async def _tell(self) -> None:
        async with self._progress:
            self._progress.notify_all()

    # --- reading -------------------------------------------------------------------------------------------

    async def trace(self, *, tenant: str, reference: str) -> dict[str, Any]:
        """By id, unique prefix or `latest`, as JSON-able values. Raises NotFound."""
        await self.flush()
        async with self._database.tenant(tenant, readonly=True) as conn:
            return await read_trace(conn, reference)

    async def traces(self, *, tenant: str, limit: int = 20, outcome: str | None = None) -> list[dict[str, Any]]:
        """The newest first, without their steps."""
        await self.flush()
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["list_traces"], {"limit": limit, "outcome": outcome})).fetchall()
        found: list[dict[str, Any]] = plain(rows)
        return found

    async def answer(self, *, tenant: str, answer_id: str, principal: Principal) -> dict[str, Any]:
        """The stored answer object; only the asker's own unless the principal is an engineer. Raises NotFound."""
        await self.flush()
        wanted = {"id": answer_id, "principal": principal.id, "all": not _SEES_ALL.isdisjoint(principal.roles)}
        async with self._database.tenant(tenant, readonly=True) as conn:
            row = await (await conn.execute(_SQL["get_answer"], wanted)).fetchone()
        if row is None:
            raise NotFound(f"there is no answer {answer_id}")
        record: dict[str, Any] = row["record"]
        return record

    async def feedback(self, *, tenant: str, principal: Principal, feedback: Feedback) -> None:
        """Add to the history. Raises NotFound for an answer that is not the principal's own."""
        await self.flush()
        said = {
            "answer_id": feedback.answer_id,
            "principal": principal.id,
            "value": feedback.value,
            "reasons": plain(list(feedback.reasons)),
            "comment": plain(feedback.comment),
            "solved": feedback.solved,
        }
        async with self._database.tenant(tenant) as conn:
            if await (await conn.execute(_SQL["insert_feedback"], said)).fetchone() is None:
                raise NotFound(f"there is no answer {feedback.answer_id}")
