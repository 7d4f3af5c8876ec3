"""Models behind OpenAI's chat completions protocol: OpenAI itself, vLLM, Ollama, gateways and many more."""

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
from answerable.core.errors import TransientModelError
from answerable.core.prompt import Rendered

_PATH = "/chat/completions"
_DONE = "[DONE]"
_FINISH = {"length": "length", "content_filter": "refusal"}  # everything else that ends a reply is a stop


class _Details(BaseModel):
    cached_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _Details | None = None


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message | None = None
    delta: _Message | None = None
    finish_reason: str | None = None


class _Chunk(BaseModel):
    """A `chat.completion` or one `chat.completion.chunk`; providers add fields, so unknown ones are left alone."""

    model: str | None = None
    choices: list[_Choice] = Field(default_factory=list)
    usage: _Usage | None = None
    error: Any = None


class OpenAICompatible:
    """An LLM over `POST {base_url}/chat/completions`. Close it when the program ends, or use `async with`."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        key = provider.api_key
        self._channel = Channel(provider, headers={"authorization": f"Bearer {key}"} if key else {})

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
        self._take(reply, body)
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
            async for event in events:
                if event.data == _DONE:
                    await drain(events)
                    break
                if text := self._take(reply, event.data):
                    yield text
        yield reply.completion()

    def _body(self, rendered: Rendered, *, stream: bool) -> dict[str, Any]:
        system = [{"role": "system", "content": rendered.system}] if rendered.system else []
        body: dict[str, Any] = {
            "model": self._provider.model,
            "messages": [*system, {"role": "user", "content": rendered.user}],
            self._provider.max_tokens_field: rendered.max_output_tokens,
            "stream": stream,
        }
        if stream:
            body["stream_options"] = {"include_usage": True}
        if (temperature := self._provider.temperature_for(rendered.temperature)) is not None:
            body["temperature"] = temperature
        return body

    def _reply(self) -> Reply:
        return Reply(provider=self.name, model=self._provider.model)

    def _take(self, reply: Reply, data: str | bytes) -> str:
        """Put one JSON object into the reply; returns the text that it brought."""
        try:
            chunk = _Chunk.model_validate_json(data)
        except ValidationError as exc:
            raise TransientModelError(f"{self.name} sent what is no chat completion") from exc
        if chunk.error:
            detail = scrubbed(str(chunk.error), key=self._provider.api_key)
            raise TransientModelError(f"{self.name} reported an error in its reply: {detail}")
        reply.model = chunk.model or reply.model
        if chunk.usage:
            reply.usage = _usage(chunk.usage)
        return _take_choice(reply, chunk.choices[0]) if chunk.choices else ""


def _take_choice(reply: Reply, choice: _Choice) -> str:
    if choice.finish_reason:
        reply.finish = _FINISH.get(choice.finish_reason, "stop") if reply.finish != "refusal" else "refusal"
    message = choice.message or choice.delta or _Message()
    if message.refusal:
        reply.finish = "refusal"
    return reply.say(message.content or "")


def _usage(usage: _Usage) -> Usage:
    cached = usage.prompt_tokens_details.cached_tokens if usage.prompt_tokens_details else 0
    return Usage(input=usage.prompt_tokens, cached=cached or 0, output=usage.completion_tokens)
