"""Single flight: who asks the same at the same time listens to one reply."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from copy import copy
from dataclasses import dataclass, field, replace
from decimal import Decimal

from answerable.core.completion import Completion, Usage
from answerable.core.deadline import Deadline
from answerable.core.degraded import EXTRACTIVE
from answerable.core.errors import DeadlineExceeded, ModelError, PermanentModelError, TransientModelError
from answerable.llm.attempts import opened
from answerable.text.sentences import sentences

_GRACE_S = 0.05  # a model that keeps its own time gives the better error
_HURRIED_S = 0.5  # so little was left to the one who began it: then it was time that the models did not have
_MORE_S = 1.0  # so much more time is worth asking anew
_ROUNDS = 2  # a follower whose leader failed leads, or follows another, once more
_MAY_END = ".!?…。！？\n"

Stream = Callable[[], AsyncIterator[str | Completion]]
Leaks = Callable[[str], bool]


@dataclass(slots=True, kw_only=True)
class _Flight:
    """One reply under way, in a task of its own: it goes on while anybody listens, and ends with the last."""

    leaks: Leaks  # whether a text shows a secret of the request that began it
    language: str
    deadline: Deadline  # of the one who began it
    pieces: list[str | Completion] = field(default_factory=list)
    text: str = ""
    shown: int = 0  # characters that those may see who did not begin it
    tainted: bool = False
    listeners: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    def start(self, stream: Stream) -> None:
        self.task = asyncio.create_task(self._pump(stream()))
        self.task.add_done_callback(self._landed)

    async def _pump(self, stream: AsyncIterator[str | Completion]) -> None:
        async with opened(stream):
            async for piece in stream:
                self.pieces.append(piece)
                if isinstance(piece, str):
                    self.text += piece
                self._wake()

    def _landed(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            task.exception()  # looked at here: there may be nobody left to raise it for
        self._wake()

    def _wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    @property
    def ended(self) -> bool:
        return self.task is not None and self.task.done()

    def failure(self) -> BaseException | None:
        """Why it ended, if not well."""
        assert self.task is not None  # noqa: S101 - it was started
        if self.task.cancelled():
            return TransientModelError("the reply that was shared was given up")
        return self.task.exception()

    def in_time_for(self, deadline: Deadline) -> bool:
        """Whether its end is one for somebody with this deadline, too: not where no model answered for want of a
        time that he has."""
        last = self.pieces[-1] if self.pieces else None
        unanswered = isinstance(last, Completion) and EXTRACTIVE in last.degraded
        hurried = self.deadline.remaining_s < _HURRIED_S and deadline.at - self.deadline.at > _MORE_S
        return not (unanswered and hurried)

    def checked(self) -> str:
        """The text up to its last whole sentence that shows no secret of the first request: others may see it.

        Raises TransientModelError where it does show one: whoever followed asks for himself.
        """
        whole = bool(self.pieces) and isinstance(self.pieces[-1], Completion)
        if not self.tainted and (whole or any(char in _MAY_END for char in self.text[self.shown :])):
            upto = len(self.text) if whole else _sentence_end(self.text, self.language)
            if upto > self.shown:
                self.tainted = self.leaks(self.text[:upto])
                self.shown = self.shown if self.tainted else upto
        if self.tainted:
            raise TransientModelError("the reply that was shared is not fit to be shared")
        return self.text[: self.shown]

    async def wait(self, changed: asyncio.Event, deadline: Deadline) -> None:
        try:
            async with asyncio.timeout(deadline.remaining_s + _GRACE_S):
                await changed.wait()
        except TimeoutError as exc:
            raise DeadlineExceeded("no time left while waiting for the reply") from exc


class Flights:
    """At most one reply under way for a key."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, ...], _Flight] = {}

    def __len__(self) -> int:
        return len(self._open)

    async def join(
        self, key: tuple[str, ...], stream: Stream, *, leaks: Leaks, language: str, deadline: Deadline
    ) -> AsyncGenerator[str | Completion, None]:
        """The reply in pieces, from the stream that is under way for the key, or from a new one.

        Whoever begins it may leave: it goes on for those who follow. They get it by sentences, at no cost. When it
        fails for good, all share the error; when the failure may pass, or was that the first had less time, one of
        those who followed begins anew.
        """
        for turn in range(_ROUNDS):
            flight = self._open.get(key)
            leading = flight is None or flight.ended
            if flight is None or flight.ended:
                flight = self._open[key] = _Flight(leaks=leaks, language=language, deadline=deadline)
                flight.start(stream)
            given = False
            try:
                async with opened(self._listen(key, flight, leading, deadline)) as pieces:
                    async for piece in pieces:
                        given = True
                        yield piece
                return
            except (ModelError, DeadlineExceeded) as error:
                last = leading or given or turn == _ROUNDS - 1 or deadline.over
                if last or isinstance(error, PermanentModelError):
                    raise
                if self._open.get(key) is flight:  # it may go on for others: this one has no use for it
                    del self._open[key]

    async def _listen(
        self, key: tuple[str, ...], flight: _Flight, leading: bool, deadline: Deadline
    ) -> AsyncGenerator[str | Completion, None]:
        flight.listeners += 1
        try:
            async with opened(_led(flight, deadline) if leading else _followed(flight, deadline)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            flight.listeners -= 1
            if not flight.listeners:
                await self._land(key, flight)

    async def _land(self, key: tuple[str, ...], flight: _Flight) -> None:
        """Nobody listens any more: nothing goes on being generated and paid."""
        if self._open.get(key) is flight:
            del self._open[key]
        if flight.task is not None and not flight.task.done():
            flight.task.cancel()
            await asyncio.wait([flight.task])


async def _led(flight: _Flight, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
    """Every piece as it comes, for the one who began it."""
    at = 0
    while True:
        ended, changed = flight.ended, flight.changed
        while at < len(flight.pieces):
            at += 1
            yield flight.pieces[at - 1]
        if ended:
            if failure := flight.failure():
                raise failure
            return
        if at == len(flight.pieces):
            await flight.wait(changed, deadline)


async def _followed(flight: _Flight, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
    """Sentence by sentence, then the completion, which cost nothing here. Raises a copy of the leader's error."""
    at = 0
    while True:
        ended, changed = flight.ended, flight.changed
        if not at and not flight.in_time_for(deadline):
            raise TransientModelError("whoever began the reply that was shared had too little time for it")
        text = flight.checked()
        if len(text) > at:
            piece, at = text[at:], len(text)
            yield piece
        elif flight.pieces and isinstance(completion := flight.pieces[-1], Completion):
            yield shared(completion)
            return
        elif ended:
            raise _own(flight.failure())
        else:
            await flight.wait(changed, deadline)


def shared(completion: Completion) -> Completion:
    """The reply as it is for somebody who did not pay for it."""
    usage = Usage(cost=Decimal(0), currency=completion.usage.currency)
    return replace(completion, usage=usage, cache="shared", attempts=())


def _own(failure: BaseException | None) -> BaseException:
    """The error for one of several: what wraps a model writes into it."""
    if failure is None:
        return TransientModelError("the reply that was shared ended without a completion")
    if not isinstance(failure, ModelError):
        return failure
    mine = copy(failure)
    mine.attempts, mine.partial = (), ""
    return mine


def _sentence_end(text: str, language: str) -> int:
    """Where the last sentence ends that another one follows."""
    spans = sentences(text, language)
    return spans[-2][1] if len(spans) > 1 else 0
