"""What a provider says went wrong, out of the many shapes that are in use."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_SECONDS = re.compile(r"\s*(\d+(?:\.\d+)?)s\s*")
_FIELDS = ("code", "type", "status", "error_type", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """The provider's words, and every code, type and status that stands beside them, in lower case."""

    message: str
    codes: frozenset[str] = frozenset()
    retry_s: float | None = None  # Gemini says in the body when to come again

    @property
    def status(self) -> int | None:
        """The HTTP status among the codes: an error inside a 200 may name one."""
        return next((int(code) for code in sorted(self.codes) if re.fullmatch(r"[3-5]\d\d", code)), None)


def read_complaint(body: bytes | str) -> Complaint:
    """The complaint in an error's body; what has no known shape is shown as it is."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    try:
        value = json.loads(text)
    except ValueError:
        return Complaint(message=text)
    return complaint_of(value, text)


def complaint_of(value: Any, text: str = "") -> Complaint:
    """The complaint in a JSON value; `text` is shown where no message is found.

    Shapes: {"error": {…}} (OpenAI, Groq), with "innererror" (Azure), in a list and with "details" (Gemini);
    {"error": "…"} (Ollama); {"type": "error", "error": {…}} (Anthropic); {"object": "error", "message": …} (vLLM,
    Mistral); {"detail": …} and {"message": …} (many a server).
    """
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        value = value[0]
    parts = list(_parts(value))
    codes = {str(part[field]).lower() for part in parts for field in _FIELDS if _is_code(part.get(field))}
    waits = [_seconds(part.get("retryDelay")) for part in parts]
    return Complaint(
        message=_message(value) or text or json.dumps(value),
        codes=frozenset(codes - {"error"}),
        retry_s=next((one for one in waits if one is not None), None),
    )


def _parts(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects that may hold codes: the body, its error, what is inside that, and Gemini's details."""
    if not isinstance(value, Mapping):
        return
    yield value
    for field in ("error", "innererror"):
        yield from _parts(value.get(field))
    details = value.get("details")
    yield from (one for one in details if isinstance(one, Mapping)) if isinstance(details, list) else ()


def _message(value: Any) -> str:
    for field in ("error", "message", "detail"):
        while isinstance(value, Mapping) and field in value:
            value = value[field]
    return value if isinstance(value, str) else ""


def _is_code(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""


def _seconds(value: object) -> float | None:
    match = _SECONDS.fullmatch(value) if isinstance(value, str) else None
    return float(match[1]) if match else None
