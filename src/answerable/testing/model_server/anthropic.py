"""Anthropic's messages: requests, replies, the event sequence and errors in the shapes its API reference gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from answerable.testing.model_server.dialect import content_text, sse
from answerable.testing.model_server.prompt import Prompt
from answerable.testing.model_server.tokens import count_tokens

_STOP = {"stop": "end_turn", "length": "max_tokens", "refusal": "refusal"}
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


class AnthropicDialect:
    """`POST /v1/messages`."""

    def parse(self, body: Mapping[str, Any]) -> Prompt:
        """The top-level `system` and the messages."""
        messages = [one for one in body.get("messages", []) if isinstance(one, dict)]
        return Prompt(
            model=str(body.get("model", "")),
            system=content_text(body.get("system", "")),
            user="\n".join(content_text(one.get("content")) for one in messages),
            stream=bool(body.get("stream")),
        )

    def whole(self, prompt: Prompt, text: str, finish: str) -> dict[str, Any]:
        """A message. A refusal comes without content."""
        content = [] if finish == "refusal" else [{"type": "text", "text": text}]
        usage = {**_input_usage(prompt), "output_tokens": count_tokens(text)}
        return {**_message(prompt), "content": content, "stop_reason": _STOP[finish], "usage": usage}

    def opening(self, prompt: Prompt) -> bytes:
        """message_start, content_block_start and the ping that follows them."""
        message = {**_message(prompt), "usage": {**_input_usage(prompt), "output_tokens": 1}}
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        return (
            sse({"type": "message_start", "message": message}, event="message_start")
            + sse(block, event="content_block_start")
            + sse({"type": "ping"}, event="ping")
        )

    def piece(self, prompt: Prompt, text: str) -> bytes:
        """A content_block_delta."""
        delta = {"type": "text_delta", "text": text}
        return sse({"type": "content_block_delta", "index": 0, "delta": delta}, event="content_block_delta")

    def closing(self, prompt: Prompt, text: str, finish: str) -> bytes:
        """content_block_stop, message_delta with the stop reason and the usage, message_stop."""
        delta = {"stop_reason": _STOP[finish], "stop_sequence": None}
        usage = {"output_tokens": count_tokens(text)}
        return (
            sse({"type": "content_block_stop", "index": 0}, event="content_block_stop")
            + sse({"type": "message_delta", "delta": delta, "usage": usage}, event="message_delta")
            + sse({"type": "message_stop"}, event="message_stop")
        )

    def error(self, status: int, message: str) -> dict[str, Any]:
        """An error body."""
        return {"type": "error", "error": {"type": _TYPES.get(status, "api_error"), "message": message}}


def _message(prompt: Prompt) -> dict[str, Any]:
    return {
        "id": "msg_scripted",
        "type": "message",
        "role": "assistant",
        "model": prompt.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _input_usage(prompt: Prompt) -> dict[str, int]:
    sent = count_tokens(prompt.system) + count_tokens(prompt.user)
    return {"input_tokens": sent, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
