"""Numbers as people say them: k of 100, very likely between this and that. Unmeasured has no number."""

from __future__ import annotations

from datetime import datetime

from answerable.app.metrics.comparing import Change
from answerable.monitor.measured import Measured

UNKNOWN = "not known yet"
_FULL = 100


def scale_of(share: float | None) -> int:
    """Of how many a share is said, so that one digit at least is left: 100, 1,000 or 10,000."""
    if share is None or share == 0 or share >= 0.015:
        return _FULL
    return 1_000 if share >= 0.0015 else 10_000


def out_of(one: Measured | None) -> str:
    """`81 of 100`; of fewer than 30 `7 of 12`; of nothing that was measured `not known yet`."""
    if one is None or one.value is None:
        return UNKNOWN
    if one.few:
        return f"{one.k} of {one.n}"
    scale = scale_of(one.value)
    return f"{round(one.value * scale):,} of {scale:,}"


def likely(one: Measured | None) -> str:
    """A sentence of where the true number is; empty where nothing is known or it is of too few."""
    if one is None or one.few or one.high is None:
        return ""
    scale = scale_of(one.high if one.value == 0 else one.value)
    high = min(scale, round(one.high * scale))
    if one.low is None or (one.value == 0 and one.low == 0):
        return f"The true number could still be up to {high:,} of {scale:,}."
    low = max(0, round(one.low * scale))
    if low == high:
        return "The true number is very likely close to that."
    return f"The true number is very likely between {low:,} and {high:,} of {scale:,}."


def moved(one: Change | None) -> str:
    """A sentence against the time before; a change that chance alone could make is none."""
    if one is None:
        return ""
    before = f"{round(one.before * scale_of(one.before)):,} of {scale_of(one.before):,}"
    if one.direction == 0:
        return "That is about the same as before."
    return f"That is {'up' if one.direction > 0 else 'down'} from {before}."


def amount(value: float | None, currency: str) -> str:
    """Money; below one unit with two digits that count, in cents where there are such."""
    if value is None:
        return UNKNOWN
    if value and abs(value) < 1 and currency in ("USD", "EUR"):
        return f"{100 * value:.2g} {'US cents' if currency == 'USD' else 'euro cents'}"
    return f"{value:,.2f} {currency}" if abs(value) < 1000 else f"{value:,.0f} {currency}"


def day(at: datetime) -> str:
    """`12 November`."""
    return f"{at.day} {at:%B}"


def days(since: datetime, last: datetime) -> str:
    """`26 October to 22 November 2026`, both included."""
    year = "" if since.year == last.year else f" {since.year}"
    return f"{day(since)}{year} to {day(last)} {last.year}"
