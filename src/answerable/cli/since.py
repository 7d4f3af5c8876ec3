"""The option --since: from when on something is looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from answerable.config.values import parse_duration
from answerable.core.errors import ConfigError


def since_of(text: str, now: datetime) -> datetime:
    """`7d`, `24h`, or a day as `2026-11-01`, which begins in UTC. Raises ConfigError for what is no time past."""
    try:
        return now - timedelta(seconds=parse_duration(text))
    except (ValueError, OverflowError):
        pass
    try:
        start = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--since {text!r} is no time", hint="28d, 24h, or a day as 2026-11-01") from error
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    if start >= now:
        raise ConfigError(f"--since {text!r} is not past")
    return start
