"""What went wrong at a provider, as one of our errors: shortened, and without anything that looks like a key."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from answerable.adapters.models.complaint import Complaint, read_complaint
from answerable.core.errors import ModelError, PermanentModelError, TransientModelError

MAX_DETAIL = 200
_TRANSIENT = frozenset({408, 409, 425, 429})
_REFUSED = frozenset({"content_filter", "content_policy_violation", "responsibleaipolicyviolation"})
_EXHAUSTED = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_error"})
_LONG = frozenset(
    {"context_length_exceeded", "string_above_max_length", "request_too_large", "exceed_context_size_error"}
)
_OUR_FAULT = {  # an error inside a 200 has no status: its type tells
    "invalid_request_error": 400,
    "badrequesterror": 400,
    "invalid_argument": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
}
_THEIR_FAULT = {"rate_limit_error": 429, "resource_exhausted": 429, "api_error": 500, "overloaded_error": 529}
_LONG_WORDS = re.compile(
    r"maximum context length|context (?:window|size|length)|(?:prompt|input) is too long"
    r"|too many (?:input )?tokens|reduce the length",
    re.IGNORECASE,
)
_MONEY_WORDS = re.compile(r"credit balance is too low|insufficient balance", re.IGNORECASE)
_KEY_WORDS = re.compile(r"api.key (?:not valid|expired|not found)|invalid api.key", re.IGNORECASE)
_HINTS = {
    "request": "the request does not suit the model: see the provider's words",
    "key": "check the API key, and what it may use",
    "model": "check base_url and model",
    "refusal": "its content filter decided so",
    "too_long": "send less context: lower answer.context_tokens",
}
_KEY_LIKE = re.compile(
    r"\b(?:sk|pk|rk|key|gsk|xai|or|hf)[-_][\w\-*.]{4,}|bearer\s+\S+|\S*\*{3,}\S*|[A-Za-z0-9_\-]{32,}",
    re.IGNORECASE,
)


def status_error(name: str, status: int, headers: Mapping[str, str], body: bytes, *, key: str) -> ModelError:
    """The error for a reply that is no success."""
    complaint = read_complaint(body)
    detail = scrubbed(complaint.message, key=key)
    message = f"{name} answered HTTP {status}" + (f": {detail}" if detail else "")
    if 300 <= status < 400:
        message += " (redirects are not followed)"
    retry_s = retry_after_s(headers)
    return _judged(complaint, message, status, complaint.retry_s if retry_s is None else retry_s)


def reported_error(name: str, complaint: Complaint, *, key: str) -> ModelError:
    """The error for a reply that began as a success and reports one inside."""
    detail = scrubbed(complaint.message or " ".join(sorted(complaint.codes)), key=key)
    message = f"{name} reported an error in its reply: {detail}"
    known = (status for code, status in {**_OUR_FAULT, **_THEIR_FAULT}.items() if code in complaint.codes)
    return _judged(complaint, message, complaint.status or next(known, None), complaint.retry_s)


def _judged(complaint: Complaint, message: str, status: int | None, retry_s: float | None) -> ModelError:
    """Refusals and used-up accounts by their codes, whatever the status; the rest by the status. None: theirs."""
    if complaint.codes & _REFUSED:
        return _permanent(message, status, "refusal")
    if status == 402 or complaint.codes & _EXHAUSTED or _MONEY_WORDS.search(complaint.message):
        hint = "the account's quota or money is used up: see its billing page"
        return TransientModelError(message, hint=hint, status=status, retry_after_s=retry_s, exhausted=True)
    if _too_long(complaint, status):
        return _permanent(message, status, "too_long")
    if status is None or status in _TRANSIENT or status >= 500:
        hint = (
            "the provider's rate is used up"
            if status == 429
            else "the provider has a problem: see its status page"
        )
        return TransientModelError(message, hint=hint, status=status, retry_after_s=retry_s)
    return _permanent(message, status, _reason(complaint, status))


def _permanent(message: str, status: int | None, reason: str) -> PermanentModelError:
    return PermanentModelError(message, hint=_HINTS[reason], status=status, reason=reason)


def _too_long(complaint: Complaint, status: int | None) -> bool:
    if status == 413 or complaint.codes & _LONG:
        return True
    return status in (None, 400, 422, 500) and _LONG_WORDS.search(complaint.message) is not None


def _reason(complaint: Complaint, status: int) -> str:
    if status in (401, 403) or "api_key_invalid" in complaint.codes or _KEY_WORDS.search(complaint.message):
        return "key"
    missing = status == 404 or 300 <= status < 400 or "model_not_found" in complaint.codes
    return "model" if missing else "request"


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
    if seconds is None:
        seconds = _number(given)
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
