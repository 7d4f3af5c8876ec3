"""OpenAI's chat completions: requests, replies, chunks and errors in the shapes its API reference gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from answerable.testing.model_server.dialect import content_text, sse
from answerable.testing.model_server.prompt import Prompt
from answerable.testing.model_server.tokens import counted, told_tokens

_FINISH = {"stop": "stop", "length": "length", "refusal": "content_filter"}
_TYPES = {400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error", 429: "requests"}
_ID = "chatcmpl-scripted"
_CREATED = 1_767_225_600


class OpenAIDialect:
    """`POST /v1/chat/completions`, and Azure's deployments, whose streams begin with a chunk without choices."""

    marks_cached = False

    def __init__(self, *, azure: bool = False) -> None:
        self._azure = azure

    def parse(self, body: Mapping[str, Any]) -> Prompt:
        """The last user message is the user part; system and developer messages are the system part."""
        messages = [one for one in body.get("messages", []) if isinstance(one, dict)]
        parts = [(str(one.get("role", "")), content_text(one.get("content"))) for one in messages]
        options = body.get("stream_options") or {}
        return counted(
            Prompt(
                model=str(body.get("model", "")),
                system="\n".join(text for role, text in parts if role in ("system", "developer")),
                user="\n".join(text for role, text in parts if role not in ("system", "developer")),
                stream=bool(body.get("stream")),
                include_usage=bool(options.get("include_usage")),
            )
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
            "system_fingerprint": prompt.fingerprint,
            **({} if prompt.counting == "missing" else {"usage": _usage(prompt, text)}),
        }

    def opening(self, prompt: Prompt) -> bytes:
        """The chunk with the role; before it, Azure's word on the prompt."""
        filtered = {"prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}], "choices": []}
        first = sse({**_chunk(prompt, {}), "model": "", **filtered}) if self._azure else b""
        return first + sse(_chunk(prompt, {"role": "assistant", "content": "", "refusal": None}))

    def piece(self, prompt: Prompt, text: str) -> bytes:
        """A chunk with text."""
        before, after = _around(prompt.model, prompt.fingerprint)
        return before + json.dumps(text).encode() + after

    def thought(self, prompt: Prompt, text: str) -> bytes:
        """A chunk with reasoning, as DeepSeek, vLLM and llama.cpp send it."""
        return sse(_chunk(prompt, {"reasoning_content": text}))

    def closing(self, prompt: Prompt, text: str, finish: str) -> bytes:
        """The chunk with the finish reason, the usage where it was asked for, and `[DONE]`."""
        delta = {"refusal": text} if finish == "refusal" else {}
        last = sse(_chunk(prompt, delta, finish=_FINISH[finish]))
        if prompt.include_usage and prompt.counting != "missing":
            last += sse({**_chunk(prompt, {}), "choices": [], "usage": _usage(prompt, text)})
        return last + sse("[DONE]")

    def error(self, status: int, message: str, code: str = "") -> dict[str, Any]:
        """An error body."""
        kind = code if code == "insufficient_quota" else _TYPES.get(status, "server_error")
        return {"error": {"message": message, "type": kind, "param": None, "code": code or None}}

    def error_event(self, status: int, message: str) -> bytes:
        """An error in place of a chunk."""
        return sse(self.error(status, message))


def _chunk(prompt: Prompt, delta: Mapping[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {
        "id": _ID,
        "object": "chat.completion.chunk",
        "created": _CREATED,
        "model": prompt.model,
        "system_fingerprint": prompt.fingerprint,
        "choices": [{"index": 0, "delta": dict(delta), "logprobs": None, "finish_reason": finish}],
        "usage": None,
    }


@lru_cache(maxsize=256)
def _around(model: str, fingerprint: str) -> tuple[bytes, bytes]:
    """What stands before and after the text in a chunk: a word is sent a few thousand times a second."""
    prompt = Prompt(model=model, system="", user="", fingerprint=fingerprint)
    before, after = sse(_chunk(prompt, {"content": "\0"})).split(b'"\\u0000"')
    return before, after


def _usage(prompt: Prompt, text: str) -> dict[str, Any]:
    sent, came = told_tokens(prompt, text)
    return {
        "prompt_tokens": sent,
        "completion_tokens": came,
        "total_tokens": sent + came,
        "prompt_tokens_details": {"cached_tokens": prompt.cached_tokens},
    }
