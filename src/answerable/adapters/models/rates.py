"""Rate limits as providers tell them in their headers, read into one noun."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from answerable.adapters.models.failure import retry_after_s
from answerable.core.rate import RateLimit

# OpenAI, Azure, Groq, xAI: x-ratelimit-remaining-tokens; Mistral: …-req-minute; Cerebras: …-requests-day.
# Anthropic: anthropic-ratelimit-input-tokens-remaining. The draft's first form, gateways: (x-)ratelimit-remaining.
_NAME = re.compile(
    r"x-ratelimit-(?P<what>remaining|reset)-(?P<of>requests|req|tokens)(?:-(?:second|minute|hour|day))?"
    r"|anthropic-ratelimit-(?P<of2>requests|tokens|input-tokens|output-tokens)-(?P<what2>remaining|reset)"
    r"|(?:x-)?ratelimit-(?P<what3>remaining|reset)"
)
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")
_UNITS_S = (86_400.0, 3_600.0, 60.0, 1.0, 0.001)
_STRUCTURED = re.compile(
    r"(?:^|[;,\s])(?P<key>r|t|remaining|reset)=(?P<value>\d+)"
)  # IETF RateLimit: "…";r=50;t=30
_LONGEST_S = 366 * 86_400.0
_EPOCH_S = 1e9  # a reset beyond this many is a point in time, in seconds; beyond a thousand times as many, in ms


def rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """What the headers say; None where they say nothing.

    Several windows give the least that remains. `reset_s` is of what is used up, or else the longest told.
    """
    told = list(_told(headers))
    now = _server_time(headers) if told else datetime.now(UTC)
    left: dict[str, int] = {}
    resets: dict[str, float] = {}
    for of, what, value in told:
        number = _whole(value) if what == "remaining" else _reset_s(value, now)
        if number is None:
            continue
        if what == "remaining":
            left[of] = min(int(number), left.get(of, int(number)))
        else:
            resets[of] = max(number, resets.get(of, 0.0))
    reset_s = _of_the_scarce(left, resets)
    if reset_s is None:
        reset_s = retry_after_s(headers)
    if not left and reset_s is None:
        return None
    return RateLimit(remaining_requests=left.get("requests"), remaining_tokens=left.get("tokens"), reset_s=reset_s)


def _told(headers: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """(requests or tokens, remaining or reset, value) of every header that tells one."""
    for name, value in headers.items():
        if "ratelimit" not in name:
            continue
        if name == "ratelimit":
            for pair in _STRUCTURED.finditer(value):
                yield "requests", "remaining" if pair["key"] in ("r", "remaining") else "reset", pair["value"]
        elif match := _NAME.fullmatch(name):
            of = match["of"] or match["of2"] or "requests"
            what = match["what"] or match["what2"] or match["what3"]
            yield "tokens" if of.endswith("tokens") else "requests", what, value


def _of_the_scarce(left: Mapping[str, int], resets: Mapping[str, float]) -> float | None:
    used_up = [resets[of] for of, remaining in left.items() if remaining <= 0 and of in resets]
    return max(used_up or resets.values(), default=None)


def _whole(value: str) -> float | None:
    try:
        number = max(0.0, float(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _reset_s(value: str, now: datetime) -> float | None:
    """Seconds until then: `6m0s`, `7.66s`, `20ms`, `30`, a Unix time, or RFC 3339."""
    value = value.strip()
    number = _whole(value)
    if number is not None:
        if number >= _EPOCH_S * 1000:
            number /= 1000
        return max(0.0, number - now.timestamp()) if number >= _EPOCH_S else number
    match = _DURATION.fullmatch(value)
    if value and match:
        return min(
            _LONGEST_S,
            sum(float(part) * unit for part, unit in zip(match.groups(), _UNITS_S, strict=True) if part),
        )
    try:
        then = datetime.fromisoformat(value)
    except ValueError:
        return None
    return max(0.0, (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp() - now.timestamp())


def _server_time(headers: Mapping[str, str]) -> datetime:
    """By the provider's own clock, where it gives the time."""
    try:
        return parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return datetime.now(UTC)
