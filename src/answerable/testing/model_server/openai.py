"""OpenAI's chat completions: requests, replies, chunks and errors in the shapes its API reference gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from answerable.testing.model_server.dialect import content_text, sse
from answerable.testing.model_server.prompt import Prompt
from answerable.testing.model_server.tokens import count_tokens

_FINISH = {"stop": "stop", "length": "length", "refusal": "content_filter"}
_TYPES = {400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error", 429: "requests"}
_ID = "chatcmpl-scripted"
_CREATED = 1_767_225_600


class OpenAIDialect:
    """`POST /v1/chat/completions`."""

    def parse(self, body: Mapping[str, Any]) -> Prompt:
        """The last user message is the user part; system and developer messages are the system part."""
        messages = [one for one in body.get("messages", []) if isinstance(one, dict)]
        parts = [(str(one.get("role", "")), content_text(one.get("content"))) for one in messages]
        options = body.get("stream_options") or {}
        return Prompt(
            model=str(body.get("model", "")),
            system="\n".join(text for role, text in parts if role in ("system", "developer")),
            user="\n".join(text for role, text in parts if role not in ("system", "developer")),
            stream=bool(body.get("stream")),
            include_usage=bool(options.get("include_usage")),
        )

    def whole(self, prompt: Prompt, text: str, finish: str) -> dict[str, Any]:
        """A `chat.completion`."""
        refused = finish == "refusal"
        message = {"role": "assistant", "content": None if refused else text, "refusal": text if refused else None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _FINISH[finish]}
        return {
            "id": _ID,
            "object": "chat.completion",
            "created": _CREATED,
            "model": prompt.model,
            "choices": [choice],
            "usage": _usage(prompt, text),
        }

    def opening(self, prompt: Prompt) -> bytes:
        """The chunk with the role."""
        return sse(_chunk(prompt, {"role": "assistant", "content": "", "refusal": None}))

    def piece(self, prompt: Prompt, text: str) -> bytes:
        """A chunk with text."""
        return sse(_chunk(prompt, {"content": text}))

    def closing(self, prompt: Prompt, text: str, finish: str) -> bytes:
        """The chunk with the finish reason, the usage where it was asked for, and `[DONE]`."""
        delta = {"refusal": text} if finish == "refusal" else {}
        last = sse(_chunk(prompt, delta, finish=_FINISH[finish]))
        if prompt.include_usage:
            last += sse({**_chunk(prompt, {}), "choices": [], "usage": _usage(prompt, text)})
        return last + sse("[DONE]")

    def error(self, status: int, message: str) -> dict[str, Any]:
        """An error body."""
        kind = _TYPES.get(status, "server_error")
        return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def _chunk(prompt: Prompt, delta: Mapping[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {
        "id": _ID,
        "object": "chat.completion.chunk",
        "created": _CREATED,
        "model": prompt.model,
        "choices": [{"index": 0, "delta": dict(delta), "logprobs": None, "finish_reason": finish}],
        "usage": None,
    }


def _usage(prompt: Prompt, text: str) -> dict[str, Any]:
    sent, came = count_tokens(prompt.system) + count_tokens(prompt.user), count_tokens(text)
    return {
        "prompt_tokens": sent,
        "completion_tokens": came,
        "total_tokens": sent + came,
        "prompt_tokens_details": {"cached_tokens": 0},
    }
