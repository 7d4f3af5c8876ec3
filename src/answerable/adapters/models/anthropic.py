"""Models behind Anthropic's messages protocol."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self

from pydantic import BaseModel, Field, ValidationError

from answerable.adapters.models.channel import Channel, drain
from answerable.adapters.models.failure import scrubbed
from answerable.adapters.models.pace import paced, within
from answerable.adapters.models.provider import Provider
from answerable.adapters.models.reply import Reply
from answerable.core.completion import Completion, Usage
from answerable.core.deadline import Deadline
from answerable.core.errors import ModelError, PermanentModelError, TransientModelError
from answerable.core.prompt import Rendered

_PATH = "/v1/messages"
_VERSION = "2023-06-01"
_FINISH = {"max_tokens": "length", "model_context_window_exceeded": "length", "refusal": "refusal"}
_PERMANENT = frozenset(
    ["invalid_request_error", "authentication_error", "permission_error", "not_found_error", "request_too_large"]
)


class _Usage(BaseModel):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None


class _Text(BaseModel):
    text: str = ""


class _Message(BaseModel):
    model: str = ""
    content: list[_Text] = Field(default_factory=list)
    stop_reason: str | None = None
    usage: _Usage = Field(default_factory=_Usage)


class _Delta(BaseModel):
    text: str = ""
    stop_reason: str | None = None


class _Error(BaseModel):
    type: str = ""
    message: str = ""


class _Event(BaseModel):
    """One event of the stream, by its own `type`; providers add fields and events, which are left alone."""

    type: str
    message: _Message | None = None
    delta: _Delta | None = None
    usage: _Usage | None = None
    error: _Error | None = None


class Anthropic:
    """An LLM over `POST {base_url}/v1/messages`. Close it when the program ends, or use `async with`."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        headers = {"anthropic-version": _VERSION}
        if provider.api_key:
            headers["x-api-key"] = provider.api_key
        self._channel = Channel(provider, headers=headers)

    @property
    def name(self) -> str:
        """The provider's name in the configuration."""
        return self._provider.name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The reply. Raises TransientModelError, PermanentModelError, DeadlineExceeded."""
        deadline.check(f"model {self.name}")
        call = self._channel.post(_PATH, self._body(rendered, stream=False))
        body = await within(call, provider=self._provider, deadline=deadline)
        reply = self._reply()
        try:
            message = _Message.model_validate_json(body)
        except ValidationError as exc:
            raise TransientModelError(f"{self.name} sent what is no message") from exc
        _take_message(reply, message)
        return reply.completion()

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
        """The reply in pieces, then its Completion. Raises as `complete` does, also between pieces."""
        deadline.check(f"model {self.name}")
        async with aclosing(paced(self._pieces(rendered), provider=self._provider, deadline=deadline)) as pieces:
            async for piece in pieces:
                yield piece

    async def aclose(self) -> None:
        """Close the connections."""
        await self._channel.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _pieces(self, rendered: Rendered) -> AsyncGenerator[str | Completion, None]:
        reply = self._reply()
        async with aclosing(self._channel.events(_PATH, self._body(rendered, stream=True))) as events:
            async for one in events:
                event = self._event(one.data)
                if event.type == "message_stop":
                    await drain(events)
                    break
                if text := self._take(reply, event):
                    yield text
        yield reply.completion()

    def _body(self, rendered: Rendered, *, stream: bool) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._provider.model,
            "max_tokens": rendered.max_output_tokens,
            "messages": [{"role": "user", "content": rendered.user}],
            "stream": stream,
        }
        if rendered.system:
            body["system"] = rendered.system
        if (temperature := self._provider.temperature_for(rendered.temperature)) is not None:
            body["temperature"] = temperature
        return body

    def _reply(self) -> Reply:
        return Reply(provider=self.name, model=self._provider.model)

    def _event(self, data: str) -> _Event:
        try:
            return _Event.model_validate_json(data)
        except ValidationError as exc:
            raise TransientModelError(f"{self.name} sent what is no event of a message") from exc

    def _take(self, reply: Reply, event: _Event) -> str:
        """Put one event into the reply; returns the text that it brought."""
        if event.error is not None:
            raise self._reported(event.error)
        if event.message is not None:
            return _take_message(reply, event.message)
        if event.usage is not None:
            reply.usage = _usage(event.usage, before=reply.usage)
        delta = event.delta or _Delta()
        reply.finish = _finish(delta.stop_reason) or reply.finish
        return reply.say(delta.text)

    def _reported(self, error: _Error) -> ModelError:
        detail = scrubbed(error.message or error.type, key=self._provider.api_key)
        message = f"{self.name} reported an error in its reply: {detail}"
        return PermanentModelError(message) if error.type in _PERMANENT else TransientModelError(message)


def _take_message(reply: Reply, message: _Message) -> str:
    reply.model = message.model or reply.model
    reply.finish = _finish(message.stop_reason)
    reply.usage = _usage(message.usage, before=reply.usage)
    return reply.say("".join(block.text for block in message.content))


def _finish(stop_reason: str | None) -> str:
    return _FINISH.get(stop_reason, "stop") if stop_reason else ""


def _usage(usage: _Usage, *, before: Usage) -> Usage:
    """Anthropic counts cached input apart from `input_tokens`; we count all input, and the cached share of it."""
    parts = (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens)
    if usage.input_tokens is None:  # the end of a stream may tell the output alone
        return Usage(input=before.input, cached=before.cached, output=usage.output_tokens or before.output)
    return Usage(input=sum(one or 0 for one in parts), cached=parts[1] or 0, output=usage.output_tokens or 0)
