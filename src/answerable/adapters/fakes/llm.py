"""A model that says what it was told to say: no network and no clock, delays are events that the test sets."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from copy import copy
from dataclasses import dataclass

from answerable.core.completion import Completion, Usage
from answerable.core.deadline import Deadline
from answerable.core.errors import DeadlineExceeded, ModelError
from answerable.core.prompt import Rendered

_WORD_WITH_BLANKS = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One scripted reply: `text`, or the text `write` makes of the prompt; then `error`, if there is one.

    `pieces` sets how a stream cuts the text (default: by words). `hold` is waited for before the first piece and
    `pause` before the last one: set the events to let the reply go on.
    """

    text: str = ""
    write: Callable[[Rendered], str] | None = None
    pieces: tuple[str, ...] | None = None
    error: ModelError | None = None
    hold: asyncio.Event | None = None
    pause: asyncio.Event | None = None
    finish: str = "stop"
    model: str = ""  # what the model reports; empty: the fake's own
    usage: Usage | None = None  # None: one token a word


class ScriptedLLM:
    """Gives `replies` in turn, the last one for ever. A str is a text, an error is raised.

    `calls` holds the prompts it was given, in order; `closed` counts the streams that were given up early.
    """

    def __init__(
        self,
        replies: Sequence[Reply | str | ModelError] = ("",),
        *,
        name: str = "scripted",
        model: str = "scripted-1",
    ) -> None:
        if not replies:
            raise ValueError("replies must hold at least one reply")
        self._replies = [_reply(one) for one in replies]
        self._name = name
        self._model = model
        self.calls: list[Rendered] = []
        self.closed = 0

    @property
    def name(self) -> str:
        """The provider's name, as it appears in completions."""
        return self._name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The next reply, whole. Raises the reply's error, and DeadlineExceeded."""
        reply = self._next(rendered, deadline)
        await _wait(reply.hold, deadline)
        await _wait(reply.pause, deadline)
        if reply.error is not None:
            raise copy(reply.error)  # what wraps a model writes into the error
        return self._completion(reply, rendered, "".join(_pieces(reply, rendered)))

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
        """The next reply in pieces, then its Completion. Raises the reply's error after the pieces."""
        reply = self._next(rendered, deadline)
        await _wait(reply.hold, deadline)
        pieces = _pieces(reply, rendered)
        try:
            for i, piece in enumerate(pieces):
                if i == len(pieces) - 1:
                    await _wait(reply.pause, deadline)
                yield piece
        except GeneratorExit:
            self.closed += 1
            raise
        if reply.error is not None:
            raise copy(reply.error)
        yield self._completion(reply, rendered, "".join(pieces))

    def _next(self, rendered: Rendered, deadline: Deadline) -> Reply:
        self.calls.append(rendered)
        deadline.check(f"model {self._name}")
        return self._replies[min(len(self.calls), len(self._replies)) - 1]

    def _completion(self, reply: Reply, rendered: Rendered, text: str) -> Completion:
        prompt_words = len((rendered.system + " " + rendered.user).split())
        usage = reply.usage or Usage(input=prompt_words, output=len(text.split()))
        model = reply.model or self._model
        return Completion(text=text, model=model, provider=self._name, usage=usage, finish=reply.finish)


def _reply(one: Reply | str | ModelError) -> Reply:
    if isinstance(one, Reply):
        return one
    return Reply(text=one) if isinstance(one, str) else Reply(error=one)


def _pieces(reply: Reply, rendered: Rendered) -> tuple[str, ...]:
    if reply.pieces is not None:
        return reply.pieces
    text = reply.text if reply.write is None else reply.write(rendered)
    return tuple(_WORD_WITH_BLANKS.findall(text))


async def _wait(event: asyncio.Event | None, deadline: Deadline) -> None:
    if event is None:
        return
    try:
        async with asyncio.timeout(deadline.remaining_s):
            await event.wait()
    except TimeoutError as exc:
        raise DeadlineExceeded("no time left while waiting for the scripted reply") from exc
