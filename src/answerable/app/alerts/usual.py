"""What is usual: the hours before now, without those in which the rule's own alert stood."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from answerable.core.alert import Alert, Hour
from answerable.monitor.alerts.rules import Rule
from answerable.monitor.alerts.signals import SIGNALS, SUM, Kind, Tally, bin_of, edge_of

HOUR = timedelta(hours=1)
KNOWN = 300  # units, from which on the past says what is usual
FRESH = timedelta(hours=2)  # the newest hours: what is wrong now may have begun in them
_TAIL = 0.05  # of measured values, beyond the limit as a matter of course
_Z = 2.33  # one-sided 99 %
_SHRINK = 200.0  # units of the whole that the same hours of other days are mixed with
_NEW_PAGE = 0.03  # the share of answers that a page may be in which hardly any was made from before
_TIMES, _ROOM = 2.0, 0.15  # of a known page: several times as many, and some


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """`share` is what was found, `most` what is still well (in (0, 1)); `n` is 0 where the past is not known.

    `limit`: of a measured signal the value beyond which one is bad; `names`: the share of each thing by name.
    """

    most: float
    share: float | None = None
    n: int = 0
    limit: float | None = None
    names: Mapping[str, float] = field(default_factory=dict)

    def counted(self, rule: Rule, tally: Tally) -> tuple[int, int]:
        """Of a tally the units and the bad ones."""
        if SIGNALS[rule.id].kind is not Kind.MEASURED:
            return tally.n, min(tally.bad, tally.n)
        if self.limit is None:
            return tally.n, 0
        edge = bin_of(self.limit)
        beyond = (count for n, count in tally.bins.items() if (int(n) <= edge if rule.low else int(n) > edge))
        return tally.n, sum(beyond)

    def most_of(self, rule: Rule, name: str) -> float:
        """Of one page: one that nobody knew yet may be in few answers, a known one in twice as many."""
        share = self.names.get(name, 0.0)
        return _NEW_PAGE if share < _NEW_PAGE / 10 else _inside(_TIMES * share + _ROOM + rule.tolerated)


def usual_of(rule: Rule, hours: Sequence[Hour], *, now: datetime, alerts: Iterable[Alert] = ()) -> Usual | None:
    """None where nothing can be said: the rule has no figure of its own, and the past is too short."""
    past = _without(rule, hours, now, alerts)
    kind = SIGNALS[rule.id].kind
    n = sum(hour.n for hour in past)
    if n < KNOWN:
        return Usual(most=_inside(rule.most)) if rule.most is not None and kind is Kind.COUNTED else None
    if kind is Kind.NAMED:
        return Usual(most=_NEW_PAGE, n=n, names=_names(past, n))
    if kind is Kind.MEASURED:
        return _measured(rule, past, n)
    share, error = _share([(hour.n, min(hour.bad, hour.n)) for hour in past])
    share = max(share, _this_time_of_day(past, now, share))
    return Usual(most=_inside(share + _Z * error + rule.tolerated), share=share, n=n)


def _without(rule: Rule, hours: Sequence[Hour], now: datetime, alerts: Iterable[Alert]) -> list[Hour]:
    spans = [
        ((one.began_at or one.opened_at) - HOUR, one.resolved_at or now) for one in alerts if one.rule == rule.id
    ]
    last = now - FRESH
    return [
        hour
        for hour in hours
        if hour.signal == rule.id
        and hour.n
        and hour.at + HOUR <= last
        and not any(begun < hour.at + HOUR and hour.at < over for begun, over in spans)
    ]


def _share(counts: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """The share, and its standard error: by hours as clusters (a ratio estimator), and no less than binomial's."""
    n = sum(units for units, _ in counts)
    share = sum(bad for _, bad in counts) / n
    binomial = math.sqrt(max(share * (1.0 - share), 1.0 / n) / n)
    if len(counts) < 2:
        return share, binomial
    spread = math.fsum((bad - share * units) ** 2 for units, bad in counts) * len(counts) / (len(counts) - 1)
    return share, max(binomial, math.sqrt(spread) / n)


def _this_time_of_day(past: Sequence[Hour], now: datetime, share: float) -> float:
    """At this hour of other days, one hour around it, drawn toward the whole where that is little."""
    here = now.astimezone(UTC).hour
    near = [hour for hour in past if (hour.at.astimezone(UTC).hour - here + 1) % 24 <= 2]
    n, bad = sum(hour.n for hour in near), sum(min(hour.bad, hour.n) for hour in near)
    return (bad + _SHRINK * share) / (n + _SHRINK)


def _names(past: Sequence[Hour], n: int) -> dict[str, float]:
    total: Counter[str] = Counter()
    for hour in past:
        total.update(hour.bins)
    return {name: count / n for name, count in total.items()}


def _measured(rule: Rule, past: Sequence[Hour], n: int) -> Usual:
    bins: Counter[int] = Counter()
    for hour in past:
        bins.update({int(name): count for name, count in hour.bins.items()})
    at = _quantile(bins, _TAIL if rule.low else 1.0 - _TAIL)
    limit = edge_of(at - 1) if rule.low else max(edge_of(at), rule.floor)
    return Usual(most=_inside(_TAIL + rule.tolerated), share=_TAIL, n=n, limit=limit)


def _quantile(bins: Mapping[int, int], at: float) -> int:
    wanted, seen = at * sum(bins.values()), 0
    for one in sorted(bins):
        seen += bins[one]
        if seen >= wanted:
            return one
    return max(bins)


def _inside(most: float) -> float:
    return min(0.95, max(0.005, most))


def at_this_hour(signal: str, hours: Iterable[Hour], now: datetime, *, around: int = 0) -> list[float]:
    """What the same hour of earlier days came to, and hours `around` it: units, or what was added up."""
    here = now.astimezone(UTC).hour
    return [
        hour.bins[SUM] / 1e6 if SUM in hour.bins else float(hour.n)
        for hour in hours
        if hour.signal == signal
        and (hour.at.astimezone(UTC).hour - here + around) % 24 <= 2 * around
        and hour.at + HOUR <= now - FRESH
    ]
