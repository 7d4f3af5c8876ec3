"""A finding: a change of a signal, with the cause that the data speak for; and its one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from answerable.monitor.drift.signals import Kind, Signal

_MOST = 300  # characters of a sentence in a happening
_FEW = 30


class Cause(StrEnum):
    """Who or what changed."""

    PROVIDER = "provider"
    USERS = "users"
    DATA = "data"
    US = "us"
    UNKNOWN = "unknown"


class Sure(StrEnum):
    """`shown`: only answers that the cause touched changed. `likely`: it fits in time, and nothing else does."""

    SHOWN = "shown"
    LIKELY = "likely"
    CANT_TELL = "can't tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A signal went from `before` to `after` at `start`, which lies in [earliest, latest] with 95 % of the belief.

    `low` and `high` bound the difference, 95 %. Times are beginnings of blocks; `known` is when it was seen.
    """

    signal: Signal
    start: datetime
    earliest: datetime
    latest: datetime
    known: datetime
    before: float
    after: float
    n_before: int
    n: int
    low: float
    high: float
    evidence: float

    @property
    def change(self) -> float:
        """after − before."""
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Blame:
    """The cause, how sure that is, and why in words that follow a semicolon. `only` is where alone it is so."""

    cause: Cause
    sure: Sure
    why: str
    only: str = ""
    explained: float = 0.0  # of the change, by what was compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Changes that came at one time; the first is the headline. `value` is what a mix's value is called."""

    shifts: Sequence[Shift]
    blame: Blame
    value: str = ""

    @property
    def headline(self) -> Shift:
        """What the sentence is about."""
        return self.shifts[0]

    def sentence(self, timezone: str = "UTC") -> str:
        """What changed, since when, where, and through whom: one sentence."""
        one = self.headline
        where = f"; only {self.blame.only}" if self.blame.only else ""
        said = f"Since {_when(one, timezone)} {_what(one, self.value)}{where}; {_cause(self.blame)}"
        also = [each.signal.noun for each in self.shifts[1:3]]
        said += f" (also changed: {', '.join(also)})." if also else "."
        return said if len(said) <= _MOST else said[: _MOST - 1] + "…"


def _what(one: Shift, value: str) -> str:
    signal = one.signal
    noun = f"{signal.noun.rpartition(' ')[0]} {value!r}" if value else signal.noun
    verb = "rose" if one.after > one.before else "fell"
    if signal.kind is Kind.SHARE and min(one.n, one.n_before) < _FEW:
        return f"{noun} {verb}: {round(one.after * one.n)} of {one.n}"
    return f"{noun} {verb} from {signal.said(one.before)} to {signal.said(one.after)} (n={one.n:,})"


def _when(one: Shift, timezone: str) -> str:
    zone = ZoneInfo(timezone)
    start, early, late = (each.astimezone(zone) for each in (one.start, one.earliest, one.latest))
    said = f"{start:%a %-d %b %H:%M}"
    if early == late:
        return said
    return f"{said} (between {early:%-d %b %H:%M} and {late:%-d %b %H:%M})"


def _cause(blame: Blame) -> str:
    match blame.sure:
        case Sure.CANT_TELL:
            return f"can't tell why: {blame.why}"
        case Sure.SHOWN:
            return f"because of {_NAMES[blame.cause]}: {blame.why}"
        case Sure.LIKELY:
            return f"likely {_NAMES[blame.cause]}: {blame.why}"


_NAMES = {
    Cause.PROVIDER: "the provider",
    Cause.USERS: "users",
    Cause.DATA: "the data",
    Cause.US: "us",
    Cause.UNKNOWN: "nobody",
}
