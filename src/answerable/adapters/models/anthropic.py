"""Models behind Anthropic's messages protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from answerable.adapters.models.complaint import read_complaint
from answerable.adapters.models.failure import reported_error
from answerable.adapters.models.fields import Fields
from answerable.adapters.models.http_model import HTTPModel, Observer
from answerable.adapters.models.provider import Provider
from answerable.adapters.models.reply import Reply
from answerable.core.completion import Usage
from answerable.core.errors import ModelError, TransientModelError
from answerable.core.prompt import Rendered
from answerable.text.tokens import token_count

_VERSION = "2023-06-01"
_FINISH = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
    "tool_use": "tools",
    "pause_turn": "tools",  # a tool of the provider's own is at work
}
_LEAST_CACHED = (
    512  # tokens; no model caches a shorter beginning, some only from 4,096 on; a mark too many is free
)


class _Usage(BaseModel):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None


class _Block(BaseModel):
    text: str | None = None
    thinking: str | None = None


class _Message(BaseModel):
    model: str = ""
    content: list[_Block] = Field(default_factory=list)
    stop_reason: str | None = None
    usage: _Usage = Field(default_factory=_Usage)


class _Delta(_Block):
    stop_reason: str | None = None


class _Event(BaseModel):
    """One event of the stream, by its own `type`; providers add fields and events, which are left alone."""

    type: str
    message: _Message | None = None
    delta: _Delta | None = None
    usage: _Usage | None = None


class Messages:
    """The protocol."""

    path = "/v1/messages"

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._fields = Fields()
        key = {"x-api-key": provider.api_key} if provider.api_key else {}
        self.headers: Mapping[str, str] = {"anthropic-version": _VERSION, **key}

    def body(self, rendered: Rendered, *, stream: bool) -> dict[str, Any]:
        """What is sent. The system prompt's fixed part is marked for the cache where it is long enough."""
        body: dict[str, Any] = {
            "model": self._provider.model,
            "max_tokens": rendered.max_output_tokens,
            "messages": [{"role": "user", "content": rendered.user}],
            "stream": stream,
        }
        if rendered.system:
            body["system"] = self._system(rendered)
        temperature = self._provider.temperature_for(rendered.temperature)
        if temperature is not None and self._fields.take("temperature"):
            body["temperature"] = temperature
        return body

    def learns(self, error: ModelError, body: Mapping[str, Any]) -> bool:
        """Whether it was a field that can be left out."""
        return self._fields.learns(error, body)

    def ends(self, data: str) -> bool:
        """At `message_stop`."""
        return '"message_stop"' in data and self._event(data).type == "message_stop"

    def take_whole(self, reply: Reply, data: bytes) -> None:
        """A message, or an error in its place."""
        try:
            message = _Message.model_validate_json(data)
        except ValidationError as exc:
            raise TransientModelError(f"{self._provider.name} sent what is no message") from exc
        if b'"error"' in data[:200] and not message.content:
            raise self._reported(data)
        _take_message(reply, message)

    def take_event(self, reply: Reply, data: str) -> str | None:
        """One event of the stream; pings and what is not known are nothing."""
        event = self._event(data)
        if event.type == "error":
            raise self._reported(data)
        if event.type == "message":  # the whole of it, where a stream was asked for
            self.take_whole(reply, data.encode())
            return "".join(reply.texts)
        if event.message is not None:
            return _take_message(reply, event.message) or None
        if event.usage is not None:
            reply.usage = _usage(event.usage, before=reply.usage)
        delta = event.delta or _Delta()
        reply.finish = _finish(delta.stop_reason) or reply.finish
        reply.think(delta.thinking or "")
        return reply.say(delta.text or "") or ("" if delta.thinking else None)

    def _system(self, rendered: Rendered) -> str | list[dict[str, Any]]:
        fixed, rest = rendered.system[: rendered.fixed_chars], rendered.system[rendered.fixed_chars :]
        if not self._provider.prompt_caching or token_count(fixed) < _LEAST_CACHED:
            return rendered.system
        block = {"type": "text", "text": fixed, "cache_control": {"type": "ephemeral"}}
        return [block, {"type": "text", "text": rest}] if rest.strip() else [block]

    def _event(self, data: str) -> _Event:
        try:
            return _Event.model_validate_json(data)
        except ValidationError as exc:
            raise TransientModelError(f"{self._provider.name} sent what is no event of a message") from exc

    def _reported(self, data: str | bytes) -> ModelError:
        return reported_error(self._provider.name, read_complaint(data), key=self._provider.api_key)


class Anthropic(HTTPModel):
    """An LLM over `POST {base_url}/v1/messages`."""

    def __init__(self, provider: Provider, *, on_rate: Observer | None = None) -> None:
        super().__init__(provider, Messages(provider), on_rate=on_rate)


def _take_message(reply: Reply, message: _Message) -> str:
    reply.model = message.model or reply.model
    reply.finish = _finish(message.stop_reason)
    reply.usage = _usage(message.usage, before=reply.usage)
    return reply.say("".join(block.text or "" for block in message.content))


def _finish(stop_reason: str | None) -> str:
    return _FINISH.get(stop_reason, "stop") if stop_reason else ""


def _usage(usage: _Usage, *, before: Usage) -> Usage:
    """Anthropic counts what its cache gave and took apart from `input_tokens`; we count it all, and the shares."""
    if usage.input_tokens is None:  # the end of a stream may tell the output alone
        return replace(before, output=usage.output_tokens or before.output)
    read, written = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
    sent = usage.input_tokens + read + written
    return Usage(input=sent, cached=read, written=written, output=usage.output_tokens or 0)
