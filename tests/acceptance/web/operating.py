"""A busy afternoon at the shop's gateway: one provider works, one has swapped its model, one is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.adapters.fakes.jobs import MemoryJobRuns
from answerable.app.jobs.board import JobBoard
from answerable.app.operations import Operations
from answerable.app.watching import open_watching
from answerable.config import Settings
from answerable.core.call import Call
from answerable.core.completion import Usage
from answerable.core.job import JobRun, RunState
from answerable.core.ports import Happening
from answerable.core.rate import RateLimit
from answerable.llm.meter import EndpointState, Meter, RouteRow

SETTINGS = {
    "provider": {
        "main": {
            "kind": "openai-compatible",
            "base_url": "https://a.example/v1",
            "model": "small-model-2026-05-01",
        },
        "backup": {"kind": "anthropic", "model": "claude-sonnet-4-5"},
        "house": {"kind": "openai-compatible", "base_url": "http://127.0.0.1:8000/v1", "model": "Qwen/Qwen3-8B"},
    },
    "route": [
        {"use": "answer", "chain": ["main", "backup", "extractive"]},
        {"use": "judge", "chain": ["house"]},
    ],
}


def a_call(provider: str, model: str, number: int, *, at: datetime, **changes: object) -> Call:
    values: dict[str, object] = {
        "use": "answer", "outcome": "ok", "endpoint": provider, "reported": model,
        "duration_ms": 900.0 + 37 * (number % 23), "first_text_ms": 300.0 + 11 * (number % 17),
        "prompt_id": "answer", "prompt_version": "2.3.0",
        "usage": Usage(input=1800, cached=1200, output=90, cost=Decimal("0.00210")),
    }  # fmt: skip
    return Call(provider=provider, model=model, at=at, **values | changes)


async def busy_operations(*, home: str) -> Operations:
    """Calls of the last minutes, heard by everybody who listens."""
    happenings = MemoryHappenings(home=home)
    watching = await open_watching(happenings, home=home)
    meter = Meter()
    now = datetime.now(UTC)
    for call in _calls(now):
        for observe in (meter.record, *watching.observers):
            observe(call)
    _states(meter)
    for name, props in (
        (
            "breaker.opened",
            {"provider": "backup", "endpoint": "eu-2", "calls": 12, "failed": 9, "reason": "HTTP 503"},
        ),
        (
            "budget.threshold",
            {"scope": "daily", "name": "techcorp", "limit": "50", "share": "0.8", "currency": "USD"},
        ),
    ):
        happenings.write(Happening(name=name, props=props, at=now - timedelta(minutes=4)))
    return Operations(
        settings=Settings.model_validate(SETTINGS), watching=watching, meter=meter, jobs=await _jobs(home, now)
    )


async def _jobs(home: str, now: datetime) -> JobBoard:
    """One was done, one failed since; what an error says may be anything."""
    runs = MemoryJobRuns()
    for hours, name, state, error in (
        (30, "book", RunState.DONE, ""),
        (9, "retention", RunState.DONE, ""),
        (6, "book", RunState.FAILED, "cannot read <img src=//evil.example/x onerror=alert(1)>"),
    ):
        began = now - timedelta(hours=hours)
        run = JobRun(job=name, tick=began, attempt=1, worker="host-a:4711", started_at=began)
        told = {"trace": 1204, "answer": 77} if state is RunState.DONE else {}
        ended = began + timedelta(seconds=2.4)
        await runs.end(tenant=home, run=replace(run, state=state, ended_at=ended, told=told, error=error))
    return JobBoard(tenant=home, runs=runs)


def _calls(now: datetime) -> list[Call]:
    found = []
    for number in range(240):
        at = now - timedelta(seconds=240 - number)
        model = SETTINGS["provider"]["main"]["model"]
        reported = model if number < 200 else "small-model-2026-08-01"
        rate = RateLimit(remaining_requests=412, remaining_tokens=181_000)
        found.append(a_call("main", model, number, at=at, reported=reported, fingerprint="fp_5c1", rate=rate))
        if number % 60 == 7:
            error = "main: HTTP 429 too many requests, retry after 2 s"
            found.append(a_call("main", model, number, at=at, outcome="transient", reported="", usage=None,
                                status=429, error=error))  # fmt: skip
    for number in range(12):
        at = now - timedelta(seconds=200 - number)
        model = SETTINGS["provider"]["backup"]["model"]
        if number < 3:
            dated = f"{model}-20250929"
            found.append(
                a_call("backup", model, number, at=at, endpoint="eu-1", reported=dated, usage=Usage(input=9))
            )
        else:
            found.append(a_call("backup", model, number, at=at, endpoint="eu-2", outcome="transient", reported="",
                                usage=None, status=503, error="backup: HTTP 503 overloaded"))  # fmt: skip
    return found


def _states(meter: Meter) -> None:
    for provider, endpoint, state in (
        ("main", "main", EndpointState(under_way=7)),
        ("backup", "eu-1", EndpointState(breaker="half-open", under_way=1)),
        ("backup", "eu-2", EndpointState(breaker="open", ready_in_s=3.4)),
        ("house", "house", EndpointState()),
    ):
        model = SETTINGS["provider"][provider]["model"]
        meter.watch(provider=provider, endpoint=endpoint, model=model, state=lambda state=state: state)
    row = RouteRow(use="answer", requests=1208, retries=31, hedges=12, hedges_won=5, unaffordable=2)
    meter.watch_route("answer", lambda: row)
