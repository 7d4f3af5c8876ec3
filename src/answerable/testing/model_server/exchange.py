"""One request that is being answered: what a behavior acts on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
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

    A stream that is stopped is `cut` (the framing breaks: the client sees an error) or ends `clean`: the
    connection closes as if all had been said, without a finish reason and without usage.
    """

    first_s: float = 0.0
    chars: int = 0
    interval_s: float = 0.0
    stop_after: int | None = None
    ending: Literal["cut", "clean"] = "cut"
    finish: str = "stop"  # stop | length | refusal


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
        await asyncio.sleep(delivery.first_s)
        if self.prompt.stream:
            await self._stream(text, delivery)
        else:
            await self._whole(text, delivery)

    async def fail(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        """Answer with an error in the provider's shape."""
        self.recorded.completed = True
        await self.responder.json(status, self.dialect.error(status, message), headers)

    async def _whole(self, text: str, delivery: Delivery) -> None:
        if delivery.stop_after is not None:
            return await self._whole_cut(text)
        await asyncio.sleep(delivery.interval_s * max(0, len(_cut(text, delivery.chars)) - 1))
        self.recorded.output_tokens = count_tokens(text)
        self.recorded.completed = True
        await self.responder.json(200, self.dialect.whole(self.prompt, text, delivery.finish))

    async def _whole_cut(self, text: str) -> None:
        # The length promises more than comes.
        await self.responder.raw(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n"
        )
        await self.responder.raw(b'{"choices": [{"message": {"content": "')
        self.responder.hang_up()

    async def _stream(self, text: str, delivery: Delivery) -> None:
        stopped = delivery.stop_after is not None
        shown = "" if delivery.finish == "refusal" else text[: delivery.stop_after]
        await self.responder.begin(chunked=not (stopped and delivery.ending == "clean"))
        await self.responder.write(self.dialect.opening(self.prompt))
        for i, piece in enumerate(_cut(shown, delivery.chars)):
            await asyncio.sleep(delivery.interval_s if i else 0)
            await self.responder.write(self.dialect.piece(self.prompt, piece))
            self.recorded.output_tokens += count_tokens(piece)
        if stopped:
            return self.responder.hang_up()
        self.recorded.completed = True
        await self.responder.write(self.dialect.closing(self.prompt, text, delivery.finish))
        await self.responder.end()


def _cut(text: str, chars: int) -> list[str]:
    if chars <= 0:
        return _WORD.findall(text)
    return [text[i : i + chars] for i in range(0, len(text), chars)]
