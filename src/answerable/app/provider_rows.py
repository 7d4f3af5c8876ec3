"""The rows of the provider page: each route's chain in order, with what is known of every endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from answerable.app.watching import Watching
from answerable.config import Settings
from answerable.config.gateway import RouteSection
from answerable.evals.stats.proportions import wilson
from answerable.llm.meter import EndpointState, Meter, MeterRow, Quantiles, RouteRow
from answerable.monitor.board import Version, rank

ENOUGH = 30  # fewer are shown as k of n, without a percentage


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the rows are made of."""

    settings: Settings
    meter: Meter
    watching: Watching
    now: datetime


def provider_rows(shown: Shown) -> list[dict[str, Any]]:
    """A row for each route in the order of the configuration; times in milliseconds, shares in [0, 1]."""
    rows = shown.meter.snapshot()
    routes = {one.use: one for one in shown.meter.routes()}
    return [_route(shown, section, rows, routes.get(section.use)) for section in shown.settings.route]


def _route(
    shown: Shown, section: RouteSection, rows: tuple[MeterRow, ...], route: RouteRow | None
) -> dict[str, Any]:
    links = [
        {
            "name": name,
            "model": shown.settings.provider[name].model,
            "kind": shown.settings.provider[name].kind,
            "endpoints": list(_endpoints(shown, section.use, name, rows)),
        }
        for name in section.chain
        if name in shown.settings.provider
    ]
    return {
        "use": section.use,
        "chain": section.chain,
        "links": links,
        "requests": route.requests if route else 0,
        "retries": route.retries if route else 0,
        "hedges": route.hedges if route else 0,
        "hedges_won": route.hedges_won if route else 0,
        "unaffordable": route.unaffordable if route else 0,
        "retry_share": section.retry_share,
    }


def _endpoints(shown: Shown, use: str, name: str, rows: tuple[MeterRow, ...]) -> Iterator[dict[str, Any]]:
    """Of one provider in one route; an endpoint that this route has not asked yet has its state alone."""
    theirs = [row for row in rows if row.provider == name]
    asked = {row.endpoint: row for row in theirs if row.use == use}
    others = {row.endpoint: row for row in theirs}
    model = shown.settings.provider[name].model
    for endpoint in sorted({*asked, *others}) or [""]:
        row = asked.get(endpoint)
        known = row or others.get(endpoint)
        yield _endpoint(shown, (use, name, endpoint, model), row, known.state if known else EndpointState())


def _endpoint(
    shown: Shown, key: tuple[str, str, str, str], row: MeterRow | None, state: EndpointState
) -> dict[str, Any]:
    post = shown.watching.board.post(*key)
    sight = shown.watching.models.sights.get(key[1:])
    recent = row.recent if row else {}
    n = sum(count for outcome, count in recent.items() if outcome not in ("cancelled", "hit"))
    return {
        "endpoint": key[2],
        "model": key[3],
        "state": state.breaker,
        "ready_in_s": state.ready_in_s,
        "under_way": state.under_way,
        "success": share(recent.get("ok", 0), n),
        "duration_ms": _times(row.duration_ms if row else Quantiles()),
        "first_text_ms": _times(row.first_text_ms if row else Quantiles()),
        "calls_a_minute": post.calls_a_minute(shown.now),
        "error": post.error,
        "error_at": post.error_at,
        "reported": sight.model.value if sight else "",
        "reported_since": sight.model.since if sight else None,
        "fingerprint": sight.fingerprint.value if sight and sight.fingerprint else "",
        "fingerprint_since": sight.fingerprint.since if sight and sight.fingerprint else None,
        "rate": post.rate,
        "cost": {currency: str(cost) for currency, cost in sorted(post.cost.items())},
        "unpriced": post.unpriced,
        "versions": [_version(one) for one in sorted(post.versions.values(), key=lambda one: one.since)],
    }


def share(k: int, n: int) -> dict[str, Any]:
    """k of n with Wilson's interval at 95 %; `enough` where a percentage may be shown."""
    interval = wilson(k, n)
    return {"k": k, "n": n, "enough": n >= ENOUGH, "low": interval.low, "high": interval.high}


def _times(one: Quantiles) -> dict[str, Any]:
    return {"n": one.n, "p50": one.p50, "p95": one.p95, "p99": one.p99}


def _version(one: Version) -> dict[str, Any]:
    durations = list(one.durations)
    return {
        "reported": one.reported,
        "since": one.since,
        "success": share(one.ok, one.ok + one.failed),
        "duration_ms": {"n": len(durations), "p50": rank(durations, 0.5), "p95": rank(durations, 0.95)},
    }
