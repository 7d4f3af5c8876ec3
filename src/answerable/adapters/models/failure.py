"""What went wrong at a provider, as one of our errors: shortened, and without anything that looks like a key."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from answerable.core.errors import ModelError, PermanentModelError, TransientModelError

MAX_DETAIL = 200
_TRANSIENT = frozenset({408, 409, 425, 429})
_HINTS = {
    400: "the request does not suit the model: see the provider's words",
    401: "check the API key",
    403: "check what the API key may use",
    404: "check base_url and model",
    413: "send less context: lower answer.context_tokens",
    429: "the provider's rate or quota is used up",
}
_KEY_LIKE = re.compile(
    r"\b(?:sk|pk|rk|key|gsk|xai|or|hf)[-_][\w\-*.]{4,}|bearer\s+\S+|\S*\*{3,}\S*|[A-Za-z0-9_\-]{32,}",
    re.IGNORECASE,
)


def status_error(name: str, status: int, headers: Mapping[str, str], body: bytes, *, key: str) -> ModelError:
    """The error for a reply that is no success."""
    detail = scrubbed(error_message(body), key=key)
    message = f"{name} answered HTTP {status}" + (f": {detail}" if detail else "")
    hint = _HINTS.get(status, "the provider has a problem: see its status page" if status >= 500 else "")
    if status in _TRANSIENT or status >= 500:
        return TransientModelError(message, hint=hint, status=status, retry_after_s=retry_after_s(headers))
    if 300 <= status < 400:
        return PermanentModelError(f"{message} (redirects are not followed)", hint="check base_url", status=status)
    return PermanentModelError(message, hint=hint, status=status)


def error_message(body: bytes) -> str:
    """What the provider says, out of the shapes that are in use; else the body's beginning."""
    text = body.decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except ValueError:
        return text
    for field in ("error", "message", "detail"):
        while isinstance(value, dict) and field in value:
            value = value[field]
    return value if isinstance(value, str) else text


def scrubbed(text: str, *, key: str) -> str:
    """At most MAX_DETAIL characters on one line, without the key and without what looks like one."""
    line = "".join(char for char in " ".join(text.split()) if char.isprintable() and char != "\ufffd")
    if key:
        line = line.replace(key, "***")
    line = _KEY_LIKE.sub("***", line)
    return line if len(line) <= MAX_DETAIL else line[: MAX_DETAIL - 1] + "…"


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds until the provider wants to be asked again (RFC 9110, section 10.2.3): a number or an HTTP date."""
    given = headers.get("retry-after", "").strip()
    seconds = _number(headers.get("retry-after-ms", ""), per=1000.0)
    seconds = _number(given) if seconds is None else seconds
    if seconds is None and given:
        seconds = _seconds_until(given, headers.get("date", ""))
    return seconds


def _number(text: str, *, per: float = 1.0) -> float | None:
    try:
        value = float(text) / per
    except ValueError:
        return None
    return max(0.0, value) if math.isfinite(value) else None


def _seconds_until(text: str, now: str) -> float | None:
    """By the provider's own clock, where it gives the time."""
    then = _http_date(text)
    if then is None:
        return None
    return max(0.0, (then - (_http_date(now) or datetime.now(UTC))).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        value = parsedate_to_datetime(text)
    except ValueError:
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
