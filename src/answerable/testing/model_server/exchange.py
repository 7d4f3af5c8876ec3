"""One request that is being answered: what a behavior acts on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from answerable.testing.model_server.dialect import Dialect
from answerable.testing.model_server.prompt import Prompt
from answerable.testing.model_server.recording import Recorded
from answerable.testing.model_server.tokens import count_tokens
from answerable.testing.model_server.wire import Responder

_WORD = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How a text is handed over. `chars` 0 sends word by word; `stop_after` ends the stream after so many.

    A stream that is stopped is `cut` (the framing breaks: the client sees an error), ends `clean` (the connection
    closes as if all had been said, without a finish reason and without usage), `stalls` (nothing more comes until
    the client leaves) or `fails` (an error in place of the next piece).
    """

    first_s: float = 0.0
    chars: int = 0
    interval_s: float = 0.0
    stop_after: int | None = None
    ending: Literal["cut", "clean", "stalls", "fails"] = "cut"
    finish: str = "stop"  # stop | length | refusal
    thoughts: tuple[str, ...] = ()  # reasoning before the text
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: tuple[int, str] = (500, "The server had an error while processing your request.")  # for `fails`


AT_ONCE = Delivery()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """The prompt, the provider's dialect, and the connection to answer on."""

    prompt: Prompt
    dialect: Dialect
    responder: Responder
    recorded: Recorded

    async def reply(self, text: str, delivery: Delivery = AT_ONCE) -> None:
        """Answer with the text, whole or as a stream, as the client asked."""
        if delivery.first_s:
            await asyncio.sleep(delivery.first_s)
        self.recorded.status = 200
        if self.prompt.stream:
            await self._stream(text, delivery)
        else:
            await self._whole(text, delivery)

    async def fail(
        self, status: int, message: str, headers: Mapping[str, str] | None = None, *, code: str = ""
    ) -> None:
        """Answer with an error in the provider's shape."""
        self.recorded.completed, self.recorded.status = True, status
        await self.responder.json(status, self.dialect.error(status, message, code), headers)

    def asked(self, prompt: Prompt) -> Exchange:
        """The same with another prompt: what it says of itself is what the reply says."""
        return replace(self, prompt=prompt)

    async def _whole(self, text: str, delivery: Delivery) -> None:
        if delivery.stop_after is not None:
            return await self._whole_stopped(text, delivery)
        if delivery.interval_s:
            waits = len(delivery.thoughts) + len(_cut(text, delivery.chars)) - 1
            await asyncio.sleep(delivery.interval_s * max(0, waits))
        self.recorded.output_tokens = count_tokens(text)
        self.recorded.completed = True
        await self.responder.json(200, self.dialect.whole(self.prompt, text, delivery.finish), delivery.headers)

    async def _whole_stopped(self, text: str, delivery: Delivery) -> None:
        if delivery.ending == "fails":  # some report errors with status 200
            return await self.responder.json(200, self.dialect.error(*delivery.fault), delivery.headers)
        # The length promises more than comes.
        await self.responder.raw(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n"
        )
        await self.responder.raw(b'{"choices": [{"message": {"content": "')
        if delivery.ending == "stalls":
            await asyncio.Event().wait()
        self.responder.hang_up()

    async def _stream(self, text: str, delivery: Delivery) -> None:
        stopped = delivery.stop_after is not None
        shown = "" if delivery.finish == "refusal" else text[: delivery.stop_after]
        clean = stopped and delivery.ending == "clean"
        await self.responder.begin(chunked=not clean, headers=delivery.headers)
        await self.responder.write(self.dialect.opening(self.prompt))
        for thought in delivery.thoughts:
            await self.responder.write(self.dialect.thought(self.prompt, thought))
            if delivery.interval_s:
                await asyncio.sleep(delivery.interval_s)
        await self._say(_cut(shown, delivery.chars), delivery.interval_s)
        if stopped:
            return await self._stop(delivery)
        self.recorded.completed = True
        await self.responder.end(self.dialect.closing(self.prompt, text, delivery.finish))

    async def _say(self, pieces: list[str], interval_s: float) -> None:
        """Pieces of text, counted as they go out; without a pause between them they go together."""
        if not interval_s:
            self.recorded.output_tokens += count_tokens("".join(pieces))
            return await self.responder.write(*[self.dialect.piece(self.prompt, one) for one in pieces])
        for i, piece in enumerate(pieces):
            if i:
                await asyncio.sleep(interval_s)
            await self.responder.write(self.dialect.piece(self.prompt, piece))
            self.recorded.output_tokens += count_tokens(piece)

    async def _stop(self, delivery: Delivery) -> None:
        if delivery.ending == "fails":
            await self.responder.end(self.dialect.error_event(*delivery.fault))
        elif delivery.ending == "stalls":
            await asyncio.Event().wait()
        else:
            self.responder.hang_up()


def _cut(text: str, chars: int) -> list[str]:
    if chars <= 0:
        return _WORD.findall(text)
    return [text[i : i + chars] for i in range(0, len(text), chars)]
