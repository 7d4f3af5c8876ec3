"""From counts of answers and calls to numbers of the service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from answerable.app.metrics.combined import of_estimate
from answerable.app.metrics.measured_parts import counted, quantile, share
from answerable.app.metrics.sums import Sums
from answerable.evals.stats.agreement import kappa
from answerable.evals.stats.means import mean_interval
from answerable.monitor.measured import Measured

KEPT = ("exact", "semantic", "pinned")


def speed(sums: Sums) -> list[Measured]:
    """Times by bins, and whether the time was up."""
    n = sums.n("answer")
    return [
        *(of_estimate(f"p{level}", "bins", sums.quantile("answer.ms_bin", level / 100), unit="ms")
          for level in (50, 95, 99)),
        of_estimate("first_text_p95", "bins", sums.quantile("answer.first_bin", 0.95), unit="ms"),
        share("deadline_hits", sums.n("answer.deadline"), n),
        share("degraded", sums.n("answer.degraded"), n),
    ]  # fmt: skip


def fallback(sums: Sums) -> list[Measured]:
    """Of calls."""
    n = sums.n("call")
    return [
        share("fallback", sums.n("call.fallback"), n),
        share("success", sums.n("call.ok"), n),
        share("hedged", sums.n("call.hedge"), n),
    ]


def cache(sums: Sums) -> list[Measured]:
    """Kept answers, and how many of them people found wrong."""
    shown, priced = sums.n("answer.shown"), sums.n("answer.priced")
    kept = {name: sums.n(f"answer.cache.{name}") for name in KEPT}
    each = sums.total("answer.cache.made") / priced if priced else None
    return [
        share("hits", sum(kept.values()), shown),
        *(share(name, count, shown) for name, count in kept.items()),
        share("wrong", round(sums.total("answer.kept_read")), sums.n("answer.kept_read")),
        counted("saved", None if each is None else sum(kept.values()) * each, n=shown, unit="money"),
    ]


def staleness(sums: Sums, corpus: Mapping[str, int] | None) -> list[Measured]:
    """In use, and of all there is; `corpus` is None in a row of a parted table."""
    shown, cites = sums.n("answer.shown"), sums.n("answer.cites")
    return [
        share("answers", sums.n("answer.stale"), shown),
        share("citations", round(sums.total("answer.cites")), cites),
        share("corpus", corpus["stale"], corpus["pages"]) if corpus else share("corpus", 0, 0),
    ]


def conflicts(sums: Sums) -> list[Measured]:
    """Of answers shown."""
    shown = sums.n("answer.shown")
    return [
        share("exposed", sums.n("answer.conflict"), shown),
        share("said", sums.n("answer.said_conflict"), shown),
    ]


def freshness(lags: Sequence[float]) -> list[Measured]:
    """Seconds from a change to its being found."""
    return [quantile(f"p{level}", lags, level / 100, of=len(lags), unit="s") for level in (50, 95)]


def review(readings: Sequence[Mapping[str, Any]]) -> list[Measured]:
    """`readings`: answer, minutes (or None), blind, second and verdict of each."""
    n = len(readings)
    minutes = [float(one["minutes"]) for one in readings if one["minutes"] is not None]
    twice = _read_twice(readings)
    agreed = kappa(twice) if twice else None
    return [
        counted("readings", n, n=n),
        of_estimate("minutes", "mean", mean_interval(minutes), unmeasured=n - len(minutes), unit="minutes"),
        share("blind", sum(one["blind"] for one in readings), n),
        share("second", sum(one["second"] for one in readings), n),
        share("agreement", sum(one == other for one, other in twice), len(twice)),
        counted("kappa", agreed.value if agreed else None, n=len(twice), unit="ratio"),
    ]


def _read_twice(readings: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    found: dict[str, dict[bool, str]] = defaultdict(dict)
    for one in readings:
        if one["verdict"]:
            found[one["answer"]][one["second"]] = one["verdict"]
    return [(both[False], both[True]) for both in found.values() if len(both) == 2]
