"""An LLM behind HTTP, whichever protocol it speaks: one request, its times, its errors and what it used."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from types import TracebackType
from typing import Self

from answerable.adapters.models.channel import Channel, drain
from answerable.adapters.models.pace import Pace, within
from answerable.adapters.models.protocol import ModelProtocol
from answerable.adapters.models.provider import Provider
from answerable.adapters.models.reply import Reply
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import ModelError, PermanentModelError
from answerable.core.prompt import Rendered
from answerable.core.rate import RateLimit

Observer = Callable[[RateLimit], None]


class HTTPModel:
    """Close it when the program ends, or use `async with`. `on_rate` is told of rate limits as they come."""

    def __init__(self, provider: Provider, protocol: ModelProtocol, *, on_rate: Observer | None = None) -> None:
        self._provider = provider
        self._protocol = protocol
        self._on_rate = on_rate
        self._channel = Channel(provider, headers=protocol.headers)

    @property
    def name(self) -> str:
        """The provider's name in the configuration."""
        return self._provider.name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The reply. Raises TransientModelError, PermanentModelError, DeadlineExceeded."""
        deadline.check(f"model {self.name}")
        reply = self._reply(rendered)
        with reply.accounting():
            data = await within(self._whole(reply), provider=self._provider, deadline=deadline)
            self._protocol.take_whole(reply, data)
            return reply.completion()

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
        """The reply in pieces, then its Completion. Raises as `complete` does, also between pieces."""
        deadline.check(f"model {self.name}")
        reply = self._reply(rendered)
        with reply.accounting():
            pieces = self._pieces(reply)
            with Pace(provider=self._provider, deadline=deadline) as pace:
                async with aclosing(pieces):
                    pace.wait()
                    async for piece in pieces:
                        pace.came()
                        if piece != "":
                            yield piece
                        pace.wait()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._channel.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _whole(self, reply: Reply) -> bytes:
        while True:
            body = self._protocol.body(reply.rendered, stream=False)
            try:
                return await self._channel.post(self._protocol.path, body, lambda rate: self._begun(reply, rate))
            except ModelError as error:
                self._refused(error)
                if not (isinstance(error, PermanentModelError) and self._protocol.learns(error, body)):
                    raise

    async def _pieces(self, reply: Reply) -> AsyncGenerator[str | Completion, None]:
        """Text, empty pieces as signs of life, and the completion."""
        protocol, path = self._protocol, self._protocol.path
        while True:
            body = protocol.body(reply.rendered, stream=True)
            try:
                async with aclosing(
                    self._channel.events(path, body, lambda rate: self._begun(reply, rate))
                ) as events:
                    async for data in events:
                        if protocol.ends(data):
                            await drain(events)
                            break
                        if (text := protocol.take_event(reply, data)) is not None:
                            yield text
                break
            except ModelError as error:
                if reply.begun:
                    raise
                self._refused(error)
                if not (isinstance(error, PermanentModelError) and protocol.learns(error, body)):
                    raise
        yield reply.completion()

    def _reply(self, rendered: Rendered) -> Reply:
        return Reply(provider=self.name, model=self._provider.model, rendered=rendered)

    def _begun(self, reply: Reply, rate: RateLimit | None) -> None:
        reply.begun, reply.rate = True, rate
        self._tell(rate)

    def _refused(self, error: ModelError) -> None:
        self._tell(error.rate)

    def _tell(self, rate: RateLimit | None) -> None:
        if rate is not None and self._on_rate is not None:
            self._on_rate(rate)
