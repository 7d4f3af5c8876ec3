"""Anthropic's messages: requests, replies, the event sequence and errors in the shapes its API reference gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from answerable.testing.model_server.dialect import content_text, sse
from answerable.testing.model_server.prompt import Prompt
from answerable.testing.model_server.tokens import counted, told_tokens

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

    marks_cached = True

    def parse(self, body: Mapping[str, Any]) -> Prompt:
        """The top-level `system` and the messages."""
        messages = [one for one in body.get("messages", []) if isinstance(one, dict)]
        system = body.get("system", "")
        return counted(
            Prompt(
                model=str(body.get("model", "")),
                system="".join(_texts(system)) if isinstance(system, list) else content_text(system),
                user="\n".join(content_text(one.get("content")) for one in messages),
                stream=bool(body.get("stream")),
                marked_chars=_marked_chars(system),
            )
        )

    def whole(self, prompt: Prompt, text: str, finish: str) -> dict[str, Any]:
        """A message. A refusal comes without content."""
        content = [] if finish == "refusal" else [{"type": "text", "text": text}]
        usage = {} if prompt.counting == "missing" else {"usage": _usage(prompt, text)}
        return {**_message(prompt), "content": content, "stop_reason": _STOP[finish], **usage}

    def opening(self, prompt: Prompt) -> bytes:
        """message_start, content_block_start and the ping that follows them."""
        usage = {} if prompt.counting == "missing" else {"usage": {**_usage(prompt, ""), "output_tokens": 1}}
        message = {**_message(prompt), **usage}
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

    def thought(self, prompt: Prompt, text: str) -> bytes:
        """A piece of thinking."""
        delta = {"type": "thinking_delta", "thinking": text}
        return sse({"type": "content_block_delta", "index": 0, "delta": delta}, event="content_block_delta")

    def closing(self, prompt: Prompt, text: str, finish: str) -> bytes:
        """content_block_stop, message_delta with the stop reason and the usage, message_stop."""
        delta = {"stop_reason": _STOP[finish], "stop_sequence": None}
        last: dict[str, Any] = {"type": "message_delta", "delta": delta}
        if prompt.counting != "missing":
            last["usage"] = {"output_tokens": told_tokens(prompt, text)[1]}
        return (
            sse({"type": "content_block_stop", "index": 0}, event="content_block_stop")
            + sse(last, event="message_delta")
            + sse({"type": "message_stop"}, event="message_stop")
        )

    def error(self, status: int, message: str, code: str = "") -> dict[str, Any]:
        """An error body; this protocol has no codes besides its types."""
        return {"type": "error", "error": {"type": _TYPES.get(status, "api_error"), "message": message}}

    def error_event(self, status: int, message: str) -> bytes:
        """The event `error`."""
        return sse(self.error(status, message), event="error")


def _texts(system: list[Any]) -> list[str]:
    return [str(part.get("text", "")) for part in system if isinstance(part, dict)]


def _marked_chars(system: object) -> int:
    """Up to the end of the last block with a mark."""
    if not isinstance(system, list):
        return 0
    marked = [i for i, part in enumerate(system) if isinstance(part, dict) and part.get("cache_control")]
    return sum(map(len, _texts(system)[: marked[-1] + 1])) if marked else 0


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


def _usage(prompt: Prompt, text: str) -> dict[str, int]:
    """Input that the cache gave or took is counted apart."""
    sent, came = told_tokens(prompt, text)
    read, written = prompt.cached_tokens, prompt.written_tokens
    return {
        "input_tokens": max(0, sent - read - written),
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": read,
        "output_tokens": came,
    }
