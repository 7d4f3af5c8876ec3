"""Questions being answered right now: who owns each, what was said so far, and when to give up.

A run belongs to the process that started it. Its frames are kept a while after the end, so that a broken stream
can resume and a repeated Idempotency-Key finds its answer.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from answerable.api.access import Caller
from answerable.api.admission import Admission, Ticket
from answerable.api.events import Encoder
from answerable.api.problems import ProblemError, problem_of
from answerable.core.answer import Answer
from answerable.core.deadline import Deadline
from answerable.core.errors import AnswerableError, Overloaded
from answerable.core.events import Done, Event, Listener

log = logging.getLogger(__name__)

KEEP = 512  # finished runs
KEEP_S = 600.0
FRAMES = 1024  # of one run; an answer has under a hundred

AFTERMATH_S = 30.0  # an answer is made by its deadline; on a machine that stands still, late is better than lost

Work = Callable[[Listener, float], Awaitable[object]]  # told how many seconds the question has waited


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a question is to be worked on. `resumes`: its client may come back after a broken line."""

    deadline: Deadline
    resumes: bool = False
    key: str = ""
    body_sha256: str = ""
    headers: dict[str, str] = field(default_factory=dict)  # of the response; the work fills them as it begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One SSE event."""

    id: int
    event: str
    data: dict[str, Any]


@dataclass(slots=True, kw_only=True, eq=False)
class Run:
    """One question on its way."""

    owner: Caller
    body_sha256: str = ""
    answer_id: str = ""
    trace_id: str = ""
    frames: deque[Frame] = field(default_factory=lambda: deque(maxlen=FRAMES))
    record: dict[str, Any] | None = None  # the answer object, once done
    problem: ProblemError | None = None
    finished_at: float | None = None  # on the monotonic clock
    headers: dict[str, str] = field(default_factory=dict)  # of the response; the work fills them as it begins
    readers: int = 0
    left: int = 0  # how often its last reader has gone
    resumes: bool = False  # its client may come back after a broken line
    task: asyncio.Task[object] | None = None
    _count: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def say(self, event: str, data: dict[str, Any]) -> None:
        """Append a frame and wake the readers."""
        self._count += 1
        self.frames.append(Frame(id=self._count, event=event, data=data))
        self._wake()

    def finish(self) -> None:
        """No more frames."""
        self.finished_at = time.monotonic()
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def follow(self, after: int) -> AsyncIterator[Frame]:
        """The frames with ids above `after`, as they come, to the end."""
        while True:
            changed = self._changed
            for frame in [one for one in self.frames if one.id > after]:
                yield frame
                after = frame.id
            if changed.is_set():
                continue
            if self.finished_at is not None:
                return
            await changed.wait()

    async def begun(self) -> None:
        """Waits until the question is accepted. Raises ProblemError when it is turned away instead."""
        async for _ in self.follow(0):
            break
        if self.problem is not None and not self.answer_id:
            raise self.problem

    async def result(self) -> dict[str, Any]:
        """The answer object, as soon as it is made. Raises ProblemError when there is none."""
        async for _ in self.follow(0):
            if self.record is not None:
                break
        if self.record is None:
            raise self.problem or ProblemError("cancelled")
        return self.record


def _same_person(one: Caller, other: Caller) -> bool:
    """Groups count too: who lost a group since must not read on from the buffer."""
    return one.tenant == other.tenant and one.principal == other.principal


@dataclass(slots=True, kw_only=True, eq=False)
class Runs:
    """All runs of this process."""

    admission: Admission
    aftermath_s: float = AFTERMATH_S
    resume_s: float = 0.0  # how long the work of a stream that may resume goes on without a reader
    link_hosts: tuple[str, ...] = ()  # where a link in an answer may lead, besides what cited pages show
    _active: set[Run] = field(default_factory=set)
    _by_id: OrderedDict[str, Run] = field(default_factory=OrderedDict)
    _by_key: OrderedDict[tuple[str, str, str], Run] = field(default_factory=OrderedDict)

    def start(self, owner: Caller, work: Work, wish: Wish) -> Run:
        """A run of `work`, or the one that its Idempotency-Key already has.

        Raises Overloaded where there is no place, and ProblemError idempotency_mismatch when the key came with
        another body.
        """
        self._forget()
        key = wish.key
        name = (owner.tenant, owner.principal.id, key)
        if key and (known := self._by_key.get(name)) and _same_person(known.owner, owner):
            if known.body_sha256 != wish.body_sha256:
                raise ProblemError("idempotency_mismatch")
            return known
        ticket = self.admission.ask(owner.tenant, wish.deadline)
        run = Run(owner=owner, body_sha256=wish.body_sha256, resumes=wish.resumes, headers=wish.headers)
        if key:
            self._by_key[name] = run
        self._launch(run, work, ticket, wish.deadline.remaining_s + self.aftermath_s)
        return run

    def _launch(self, run: Run, work: Work, ticket: Ticket, time_s: float) -> None:
        encoder = Encoder(hosts=self.link_hosts)

        async def listen(event: Event) -> None:
            told = encoder.encode(event)
            if isinstance(event, Done):
                ticket.own_s = _without_model(event.answer)
                run.record = dict(told)["done"]
            for name, data in told:
                if name == "accepted":
                    run.answer_id, run.trace_id = data["id"], data["trace"]
                    self._by_id[run.answer_id] = run
                run.say(name, data)

        async def within_time() -> object:
            async with asyncio.timeout(time_s):
                return await work(listen, await ticket.entered())

        self._active.add(run)
        run.task = asyncio.create_task(within_time())
        run.task.add_done_callback(lambda task: self._settle(run, ticket, task))

    def _settle(self, run: Run, ticket: Ticket, task: asyncio.Task[object]) -> None:
        ticket.leave()
        self._active.discard(run)
        run.problem = None if run.record is not None else _problem(task)
        if run.problem is not None:
            run.say("error", run.problem.document(run.trace_id))
            self._free_key(run)
        run.finish()

    def _free_key(self, run: Run) -> None:
        """A failure may be tried again under the same key."""
        for key in [key for key, one in self._by_key.items() if one is run]:
            del self._by_key[key]

    def own(self, answer_id: str, caller: Caller) -> Run | None:
        """The run, if it is still known and the caller's own."""
        self._forget()
        run = self._by_id.get(answer_id)
        return run if run is not None and _same_person(run.owner, caller) else None

    def join(self, run: Run) -> None:
        """One more reader."""
        run.readers += 1

    def leave(self, run: Run) -> None:
        """One reader less. Without any the work is stopped at once; soon, where the client has said that it may
        come back, and has been told what to come back to."""
        run.readers -= 1
        if run.readers > 0 or run.finished_at is not None:
            return
        if not (run.resumes and run.answer_id and self.resume_s > 0):
            self.stop(run)
        else:
            run.left += 1
            asyncio.get_running_loop().call_later(self.resume_s, self._stop_if_alone, run, run.left)

    def _stop_if_alone(self, run: Run, left: int) -> None:
        if run.readers == 0 and run.left == left:  # nobody has come and gone since
            self.stop(run)

    def stop(self, run: Run) -> None:
        """Cancel the work; nothing happens to a run whose answer is made. Its key is free at once, so that whoever
        repeats the question is not told that it was stopped."""
        if run.task is not None and run.record is None:
            run.task.cancel()
            self._free_key(run)

    async def close(self) -> None:
        """Stop everything, when the server goes."""
        tasks = [run.task for run in self._active if run.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self) -> None:
        """Drop what is too old or too much."""
        horizon = time.monotonic() - KEEP_S
        for shelf in (self._by_id, self._by_key):
            _trim(shelf, horizon)


def _trim(shelf: OrderedDict[Any, Run], horizon: float) -> None:
    done = [key for key, run in shelf.items() if run.finished_at is not None]
    surplus = len(shelf) - KEEP
    for key in done:
        finished = shelf[key].finished_at
        if surplus > 0 or (finished is not None and finished < horizon):
            del shelf[key]
            surplus -= 1


def _without_model(answer: Answer) -> float:
    """Seconds that an answer took, but for waiting and writing: they grow when this machine has too much to do."""
    timing = answer.timing_ms
    return max(0.0, timing.get("total", 0.0) - timing.get("queued", 0.0) - timing.get("generate", 0.0)) / 1000.0


def _problem(task: asyncio.Task[object]) -> ProblemError:
    """Why a task ended without an answer."""
    if task.cancelled():
        return ProblemError("cancelled")
    error = task.exception()
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, TimeoutError):
        return ProblemError("deadline")
    if isinstance(error, Overloaded):
        return problem_of(error)
    log.error("a question failed", exc_info=error)
    return problem_of(error) if isinstance(error, AnswerableError) else ProblemError("internal")
