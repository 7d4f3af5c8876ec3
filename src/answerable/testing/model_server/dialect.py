"""A provider's protocol as the server needs it; openai.py and anthropic.py are the two."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from answerable.testing.model_server.prompt import Prompt


class Dialect(Protocol):
    """How one provider's requests are read and its replies are written. `finish`: stop, length or refusal."""

    @property
    def marks_cached(self) -> bool:
        """Whether the client marks what the prompt cache is to keep."""
        ...

    def parse(self, body: Mapping[str, Any]) -> Prompt: ...

    def whole(self, prompt: Prompt, text: str, finish: str) -> Mapping[str, Any] | Sequence[Any]: ...

    def opening(self, prompt: Prompt) -> bytes: ...

    def piece(self, prompt: Prompt, text: str) -> bytes: ...

    def thought(self, prompt: Prompt, text: str) -> bytes:
        """A piece of reasoning, which is no part of the text."""
        ...

    def closing(self, prompt: Prompt, text: str, finish: str) -> bytes: ...

    def error(self, status: int, message: str, code: str = "") -> Mapping[str, Any]: ...

    def error_event(self, status: int, message: str) -> bytes:
        """An error in the middle of a stream."""
        ...


def content_text(content: object) -> str:
    """The text of a message's content, which is a string or a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return ""


def sse(value: Mapping[str, Any] | str, *, event: str = "") -> bytes:
    """One server-sent event."""
    data = value if isinstance(value, str) else json.dumps(value)
    return (f"event: {event}\n" if event else "").encode() + f"data: {data}\n\n".encode()
