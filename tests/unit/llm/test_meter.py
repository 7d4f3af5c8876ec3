"""Figures of how models are doing."""

from __future__ import annotations

import pytest

from answerable.core.call import Call
from answerable.llm.meter import EndpointState, Meter, Quantiles, RouteRow


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def call(outcome: str = "ok", *, ms: float = 10.0, first_ms: float | None = None, use: str = "answer") -> Call:
    return Call(
        use=use, provider="main", model="m", outcome=outcome, endpoint="e", duration_ms=ms, first_text_ms=first_ms
    )


def test_counts_are_since_the_start_and_times_of_the_window_and_of_good_calls_only():
    clock = Clock()
    meter = Meter(window_s=60.0, clock=clock)
    meter.record(call(ms=5000.0))
    clock.now += 61.0
    for ms in range(1, 101):
        meter.record(call(ms=float(ms), first_ms=ms / 2))
    for outcome in ("transient", "transient", "permanent", "cancelled"):
        meter.record(call(outcome, ms=9999.0))
    (row,) = meter.snapshot()
    assert (row.use, row.provider, row.endpoint, row.model) == ("answer", "main", "e", "m")
    assert row.calls == {"ok": 101, "transient": 2, "permanent": 1, "cancelled": 1}
    assert row.recent == {"ok": 100, "transient": 2, "permanent": 1, "cancelled": 1}
    assert row.success == pytest.approx(100 / 103)
    assert row.duration_ms == Quantiles(n=100, p50=51.0, p95=96.0, p99=100.0)
    assert row.first_text_ms == Quantiles(n=100, p50=25.5, p95=48.0, p99=50.0)


def test_uses_are_told_apart_and_an_endpoint_that_was_never_asked_is_shown():
    meter = Meter()
    for endpoint in ("e", "idle"):
        meter.watch(provider="main", endpoint=endpoint, model="m", state=lambda: EndpointState(breaker="open"))
    meter.record(call(use="rewrite"))
    meter.record(call())
    rows = meter.snapshot()
    assert [(row.use, row.endpoint, row.state.breaker) for row in rows] == [
        ("", "idle", "open"),
        ("answer", "e", "open"),
        ("rewrite", "e", "open"),
    ]
    assert (rows[0].success, rows[0].duration_ms) == (None, Quantiles())


def test_routes_are_shown_as_they_stand():
    meter = Meter()
    meter.watch_route("rewrite", lambda: RouteRow(use="rewrite", requests=3))
    meter.watch_route("answer", lambda: RouteRow(use="answer", retries=2))
    assert [row.use for row in meter.routes()] == ["answer", "rewrite"]
