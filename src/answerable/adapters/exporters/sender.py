"""The sender: takes what is told at once, and brings it to the collector behind everybody's back."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from answerable.adapters.exporters.collector import Collector, Refused
from answerable.adapters.exporters.outbox import Outbox, Request
from answerable.adapters.exporters.wire import Signal
from answerable.core.errors import Broken, ConfigError, Unreachable
from answerable.core.figures import Sample
from answerable.core.seam import seam

log = logging.getLogger(__name__)
BATCH = 200  # things told that go into one request
CLOSE_S = 3.0  # what closing waits for the collector at the most
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0

_KEPT: tuple[Signal, ...] = ("traces", "logs")
Pack = Callable[[Sequence[object]], Sequence[Request]]


@dataclass(slots=True, kw_only=True)
class Tally:
    """What became of spans, records and points."""

    sent: dict[Signal, int] = field(default_factory=dict)
    dropped: dict[tuple[Signal, str], int] = field(default_factory=dict)
    on_disk: int = 0  # bytes
    errors: dict[Signal, str] = field(default_factory=dict)  # why the last request failed, of those that did

    def went(self, signal: Signal, many: int) -> None:
        """They are the collector's."""
        self.sent[signal] = self.sent.get(signal, 0) + many

    def lost(self, signal: Signal, reason: str, many: int = 1) -> None:
        """`reason`: queue_full, spool_full, rejected, disk, unsent."""
        if many:
            self.dropped[signal, reason] = self.dropped.get((signal, reason), 0) + many

    def samples(self) -> list[Sample]:
        """As figures of the process."""
        found = [
            Sample(name="answerable_telemetry_sent_total", labels=(signal,), value=float(many))
            for signal, many in self.sent.items()
        ]
        found += [
            Sample(name="answerable_telemetry_dropped_total", labels=labels, value=float(many))
            for labels, many in self.dropped.items()
        ]
        found.append(Sample(name="answerable_telemetry_spool_bytes", value=float(self.on_disk)))
        return [
            *found,
            *(
                Sample(name="answerable_telemetry_up", labels=(signal,), value=float(signal not in self.errors))
                for signal in {*self.sent, *self.errors}
            ),
        ]


@dataclass(slots=True)
class _Pause:
    """Of one signal: a collector may take traces and no logs."""

    length_s: float = _FIRST_PAUSE_S
    until: float = 0.0

    def begin(self, now: float) -> None:
        self.until = now + self.length_s
        self.length_s = min(2 * self.length_s, _LONGEST_PAUSE_S)


class Sender:
    """Open it with `async with`. `pack` makes requests of what was told; it is called in a thread."""

    def __init__(
        self,
        *,
        collector: Collector,
        outbox: Outbox,
        pack: Pack,
        queue: int = 1000,
        linger_s: float = 1.0,
        close_s: float = CLOSE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.tally = Tally()
        self._collector, self._outbox, self._pack = collector, outbox, pack
        self._limit, self._linger_s, self._close_s, self._clock = queue, linger_s, close_s, clock
        self._queue: deque[tuple[Signal, object]] = deque()
        self._wake, self._hurry, self._idle = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._pauses: dict[Signal, _Pause] = {}
        self._waits = True  # an earlier process may have left something on disk
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._wake.set()
        self._task = asyncio.create_task(self._run(), name="telemetry")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._close_s):
                await self.flush()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        left = list(self._queue)
        self._queue.clear()
        for request in self._packed(left):
            await self._keep(request)
        await self._collector.close()

    def tell(self, signal: Signal, what: object) -> None:
        """Queue; returns at once. `what` is for `pack`."""
        if len(self._queue) >= self._limit:
            self.tally.lost(signal, "queue_full")
            return
        self._queue.append((signal, what))
        self._wake.set()

    async def flush(self) -> None:
        """Wait until what was told is the collector's, or on disk."""
        self._hurry.set()
        self._wake.set()
        try:
            self._idle.clear()
            await self._idle.wait()
        finally:
            self._hurry.clear()

    async def send_now(self, request: Request) -> None:
        """What is not worth keeping, for the next will tell it again: metrics. Away, it is skipped."""
        if self._paused(request.signal):
            return
        if not await self._sent(request):
            self.tally.lost(request.signal, "unsent", request.many)

    async def _run(self) -> None:
        while True:
            await self._gather()
            self._wake.clear()
            while self._queue:
                batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
                for request in await asyncio.to_thread(self._packed, batch):
                    await self._give(request)
            try:
                with seam("telemetry"):  # what nobody foresaw must not end the sending
                    await self._replay()
            except (Broken, TimeoutError):
                self._idle.set()
                await asyncio.sleep(_LONGEST_PAUSE_S)
            if not self._queue:
                self._idle.set()

    async def _gather(self) -> None:
        """Until something is told, and then a moment more; or until the collector may be tried again."""
        next_at = min((one.until for one in self._pauses.values()), default=0.0)
        left_s = max(0.05, next_at - self._clock()) if self._waits else None
        with suppress(TimeoutError):
            async with asyncio.timeout(left_s):
                await self._wake.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._linger_s):
                await self._hurry.wait()

    async def _give(self, request: Request) -> None:
        """To the collector, or to disk while it is away."""
        try:
            given = not self._paused(request.signal) and await self._sent(request)
        except asyncio.CancelledError:
            await self._keep(request)
            raise
        if not given:
            await self._keep(request)

    async def _sent(self, request: Request) -> bool:
        """Whether it is done with: taken, or refused for good."""
        try:
            taken = await self._collector.send(request.signal, request.body)
        except Refused as error:
            self._note(request.signal, f"{error}, which are dropped; {error.hint}")
            self.tally.lost(request.signal, "rejected", request.many)
            return True
        except (Unreachable, ConfigError) as error:
            self._note(request.signal, f"{error}; traces and logs wait on disk; {error.hint}")
            self._pauses.setdefault(request.signal, _Pause()).begin(self._clock())
            return False
        self._pauses.pop(request.signal, None)
        self.tally.lost(request.signal, "rejected", taken.rejected)
        self.tally.went(request.signal, request.many - taken.rejected)
        left_out = f"the collector leaves some {request.signal} out: {taken.why}" if taken.rejected else ""
        self._note(request.signal, left_out)
        return True

    def _paused(self, signal: Signal) -> bool:
        pause = self._pauses.get(signal)
        return pause is not None and self._clock() < pause.until

    def _note(self, signal: Signal, error: str) -> None:
        """Said once when it begins, and once when it is over."""
        before = self.tally.errors.pop(signal, "")
        if error:
            self.tally.errors[signal] = error
        if error and not before:
            log.warning("telemetry: %s", error)
        if before and not error:
            log.warning("telemetry: the collector takes %s again", signal)

    async def _keep(self, request: Request) -> None:
        try:
            self.tally.on_disk, dropped = await asyncio.to_thread(self._outbox.put, request)
        except OSError as error:
            log.error("telemetry: no disk for %d of %s: %s", request.many, request.signal, error)
            self.tally.lost(request.signal, "disk", request.many)
            return
        for signal, many in dropped:
            self.tally.lost(signal, "spool_full", many)
        self._waits = True

    async def _replay(self) -> None:
        """What waits on disk, the oldest first, while nobody tells anything new."""
        for signal in _KEPT:
            while self._waits and not self._queue and not self._paused(signal):
                found = await asyncio.to_thread(self._outbox.oldest, signal)
                if found is None:
                    break
                if await self._sent(found[1]):
                    await asyncio.to_thread(self._outbox.remove, found[0])
        if self._waits and not self._queue:
            with suppress(OSError):
                self.tally.on_disk = await asyncio.to_thread(self._outbox.size)
            self._waits = self.tally.on_disk > 0

    def _packed(self, batch: Sequence[tuple[Signal, object]]) -> Sequence[Request]:
        """All in as few requests as can be; where one of it cannot be packed, each alone, and that one is lost."""
        if not batch:
            return ()
        try:
            with seam("telemetry's packing"):
                return self._pack([what for _, what in batch])
        except (Broken, TimeoutError):
            if len(batch) == 1:
                self.tally.lost(batch[0][0], "rejected")
                return ()
            return [request for one in batch for request in self._packed([one])]
