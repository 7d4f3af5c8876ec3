"""Models behind OpenAI's chat completions protocol: OpenAI itself, vLLM, Ollama, gateways and many more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from answerable.adapters.models.cache_marks import marked, takes_marks
from answerable.adapters.models.complaint import read_complaint
from answerable.adapters.models.failure import reported_error
from answerable.adapters.models.fields import Fields
from answerable.adapters.models.http_model import HTTPModel, Observer
from answerable.adapters.models.plain_chunk import read_plain
from answerable.adapters.models.provider import Provider
from answerable.adapters.models.reply import Reply
from answerable.core.completion import Usage
from answerable.core.errors import ModelError, TransientModelError
from answerable.core.prompt import Rendered

_DONE = "[DONE]"
_FINISH = {  # everything else that ends a reply is a stop
    "length": "length",
    "model_length": "length",  # Mistral
    "max_tokens": "length",
    "content_filter": "refusal",
    "safety": "refusal",  # Gemini's own words, where its compatible endpoint lets them through
    "prohibited_content": "refusal",
    "recitation": "refusal",
    "tool_calls": "tools",
    "function_call": "tools",  # the older form
    "error": "failed",  # Mistral, OpenRouter
    "abort": "failed",  # vLLM, SGLang
    "insufficient_system_resource": "failed",  # DeepSeek
}


class _Details(BaseModel):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None  # OpenAI from GPT-5.6 on, where writing costs more


class _Usage(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: _Details | None = None
    prompt_cache_hit_tokens: int | None = None  # DeepSeek
    cached_tokens: int | None = None  # Moonshot
    cache_read_input_tokens: int | None = None  # gateways before Anthropic's models


class _Part(BaseModel):
    type: str = ""
    text: str | None = None


class _Message(BaseModel):
    content: str | list[_Part] | None = None
    refusal: str | None = None
    reasoning_content: str | None = None  # DeepSeek, vLLM, llama.cpp
    reasoning: str | None = None  # Groq, OpenRouter, Ollama


class _Choice(BaseModel):
    message: _Message | None = None
    delta: _Message | None = None
    finish_reason: str | None = None


class _Groq(BaseModel):
    usage: _Usage | None = None
    error: str | None = None


class _Chunk(BaseModel):
    """A `chat.completion` or one `chat.completion.chunk`; providers add fields, so unknown ones are left alone."""

    object: str | None = None
    model: str | None = None
    system_fingerprint: str | None = None
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: Any = None
    x_groq: _Groq | None = None


class ChatCompletions:
    """The protocol. `path` and `headers` are OpenAI's, unless another face of it says otherwise."""

    def __init__(
        self,
        provider: Provider,
        *,
        path: str = "/chat/completions",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._provider = provider
        self._fields = Fields()
        self._takes_marks = takes_marks(provider)
        self.path = path
        bearer = {"authorization": f"Bearer {provider.api_key}"} if provider.api_key else {}
        self.headers = bearer if headers is None else headers

    def body(self, rendered: Rendered, *, stream: bool) -> dict[str, Any]:
        """What is sent, without the fields that the endpoint has refused."""
        system = [{"role": "system", "content": rendered.system}] if rendered.system else []
        body: dict[str, Any] = {
            "model": self._provider.model,
            "messages": [*system, {"role": "user", "content": rendered.user}],
            self._fields.limit(self._provider.limit_field): rendered.max_output_tokens,
            "stream": stream,
        }
        if stream and self._fields.take("stream_options"):
            body["stream_options"] = {"include_usage": True}
        temperature = self._provider.temperature_for(rendered.temperature)
        if temperature is not None and self._fields.take("temperature"):
            body["temperature"] = temperature
        return marked(body, rendered, self._provider, self._fields) if self._takes_marks else body

    def learns(self, error: ModelError, body: Mapping[str, Any]) -> bool:
        """Whether it was a field that can be left out."""
        return self._fields.learns(error, body)

    def ends(self, data: str) -> bool:
        """At `[DONE]`; what closes the connection instead ends by its finish reason."""
        return data == _DONE

    def take_whole(self, reply: Reply, data: bytes) -> None:
        """A `chat.completion`."""
        self._take(reply, data)

    def take_event(self, reply: Reply, data: str) -> str | None:
        """A `chat.completion.chunk`."""
        plain = read_plain(data)
        if plain is None:
            return self._take(reply, data)
        reply.model = plain.model or reply.model
        reply.fingerprint = plain.fingerprint or reply.fingerprint
        return reply.say(plain.text) or None

    def _take(self, reply: Reply, data: str | bytes) -> str | None:
        try:
            chunk = _Chunk.model_validate_json(data)
        except ValidationError as exc:
            raise self._no_completion(data) from exc
        if chunk.error or chunk.object == "error" or (chunk.x_groq and chunk.x_groq.error):
            raise self._reported(data)
        reply.model = chunk.model or reply.model
        reply.fingerprint = chunk.system_fingerprint or reply.fingerprint
        if usage := chunk.usage or (chunk.x_groq.usage if chunk.x_groq else None):
            reply.usage = _usage(usage)
        return _take_choice(reply, chunk.choices[0]) if chunk.choices else None

    def _no_completion(self, data: str | bytes) -> ModelError:
        """Gemini reports errors as a list: no completion, but no noise either."""
        if data[:1] in ("[", b"[") and "error" in str(data[:200]):
            return self._reported(data)
        return TransientModelError(f"{self._provider.name} sent what is no chat completion")

    def _reported(self, data: str | bytes) -> ModelError:
        complaint = read_complaint(data)
        return reported_error(self._provider.name, complaint, key=self._provider.api_key)


class OpenAICompatible(HTTPModel):
    """An LLM over `POST {base_url}/chat/completions`."""

    def __init__(self, provider: Provider, *, on_rate: Observer | None = None) -> None:
        super().__init__(provider, ChatCompletions(provider), on_rate=on_rate)


def _take_choice(reply: Reply, choice: _Choice) -> str | None:
    """The text that a choice brings; empty where it brings only reasoning."""
    if choice.finish_reason:
        finish = _FINISH.get(choice.finish_reason.lower(), "stop")
        reply.finish = reply.finish if reply.finish == "refusal" else finish
    message = choice.message or choice.delta or _Message()
    if message.refusal:
        reply.finish = "refusal"
    thought, text = _parts(message)
    reply.think(thought)
    return reply.say(text) or ("" if thought else None)


def _parts(message: _Message) -> tuple[str, str]:
    """The reasoning and the text. Mistral's reasoning models give both as a list of parts."""
    thought = message.reasoning_content or message.reasoning or ""
    if not isinstance(message.content, list):
        return thought, message.content or ""
    text = "".join(part.text or "" for part in message.content if part.type == "text")
    return thought or ("" if text else "…"), text


def _usage(usage: _Usage) -> Usage:
    """All shapes in one. Where the total is more than its parts (Gemini, xAI), the rest is unseen reasoning."""
    sent, came = usage.prompt_tokens or 0, usage.completion_tokens or 0
    details = usage.prompt_tokens_details or _Details()
    told = (
        details.cached_tokens,
        usage.prompt_cache_hit_tokens,
        usage.cached_tokens,
        usage.cache_read_input_tokens,
    )
    cached = min(next((one for one in told if one), 0), sent)
    written = min(details.cache_write_tokens or 0, sent - cached)
    output = max(came, (usage.total_tokens or 0) - sent)
    return Usage(input=sent, cached=cached, written=written, output=output)
