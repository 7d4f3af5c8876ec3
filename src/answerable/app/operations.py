"""What an operator sees of a running process: its figures for Prometheus, and the page of its providers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from answerable.app.jobs.board import JobBoard
from answerable.app.provider_rows import Shown, provider_rows
from answerable.app.rollouts.watch import RolloutWatch
from answerable.app.watching import Watching
from answerable.config import Settings
from answerable.core.errors import Unreachable
from answerable.core.figures import FIGURES, Sample
from answerable.llm.meter import Meter, MeterRow
from answerable.monitor.refreshed import Refreshed

STATES = ("closed", "open", "half-open", "misconfigured")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """Reads what the process knows already. `budgets` is read behind a scrape, `spent` behind the page."""

    settings: Settings
    watching: Watching
    meter: Meter
    budgets: Refreshed | None = None
    attacked: Refreshed | None = None  # the red team's last run
    standing: Refreshed | None = None  # of the index, and what waits for a person
    spooled: Refreshed | None = None  # on disk
    alerts: Refreshed | None = None  # that stand
    spent: Refreshed | None = None
    jobs: JobBoard | None = None
    worked: Refreshed | None = None  # the jobs' last runs
    guarded: RolloutWatch | None = None  # which knows the rollouts
    now: Callable[[], datetime] = _now
    since: datetime = field(default_factory=_now)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """While questions are served rollouts are followed and watched; at its end nothing is read any more."""
        async with AsyncExitStack() as stack:
            if self.guarded is not None:
                await stack.enter_async_context(self.guarded.rollouts.following())
                await stack.enter_async_context(self.guarded.watching())
            for one in (self.spent, *self._refreshed):
                if one is not None:
                    stack.push_async_callback(one.close)
            if (exporting := self.watching.exporting) is not None:
                await stack.enter_async_context(exporting.serving(self.samples))
            yield

    async def scrape(self, further: Iterable[Sample] = ()) -> tuple[bytes, str]:
        """The figures as Prometheus reads them, and their media type. Asks no database.

        `further` are the server's own samples. The text is written in a thread: with hundreds of endpoints it
        takes longer than a question should wait.
        """
        from answerable.adapters.prometheus import CONTENT_TYPE, exposition  # 40 ms that only a scrape needs

        return await asyncio.to_thread(exposition, FIGURES, [*self.samples(), *further]), CONTENT_TYPE

    def samples(self) -> list[Sample]:
        """Every figure's values."""
        found = self.watching.counting.samples()
        rows = self.meter.snapshot()
        found += [one for row in rows for one in _of_row(row)]
        found += self._of_routes()
        found += self._of_rates()
        for one in self._refreshed:
            found += one.samples() if one is not None else ()
        if self.watching.exporting is not None:
            found += self.watching.exporting.telemetry.samples()
        return found

    @property
    def _refreshed(self) -> tuple[Refreshed | None, ...]:
        """Read behind a scrape."""
        return (self.budgets, self.attacked, self.standing, self.spooled, self.worked, self.alerts)

    def standing_alerts(self) -> int:
        """Of severity page or ticket, as read a few seconds ago, without waiting."""
        samples = self.alerts.samples() if self.alerts is not None else ()
        return sum(int(one.value) for one in samples if one.labels != ("note",) and isinstance(one.value, float))

    async def providers(self, *, tenant: str) -> dict[str, Any]:
        """The page's rows, as plain values; `happenings` is None while the database is away."""
        shown = Shown(settings=self.settings, meter=self.meter, watching=self.watching, now=self.now())
        return {
            "since": self.since,
            "now": shown.now,
            "routes": provider_rows(shown),
            "happenings": await self._happenings(tenant),
            "spent": self._spent() if tenant == self.settings.project.tenant else None,
        }

    async def job_rows(self) -> dict[str, Any]:
        """The page of the jobs: how each stands, and the newest runs. Raises Unreachable."""
        now = self.now()
        if self.jobs is None:
            return {"now": now, "rows": [], "runs": []}
        return {"now": now, "rows": await self.jobs.rows(now), "runs": await self.jobs.newest()}

    def _spent(self) -> dict[str, Any] | None:
        """All processes' cost of today, read up to a minute ago; None until it was, or while it cannot be."""
        samples = {one.name: one for one in (self.spent.samples() if self.spent is not None else ())}
        if not samples:
            return None
        cost = samples["cost"]
        return {
            "cost": f"{cost.value}",
            "currency": cost.labels[0],
            "unpriced": f"{samples['unpriced'].value:.0f}",
        }

    async def _happenings(self, tenant: str) -> list[dict[str, Any]] | None:
        try:
            found = await self.watching.happenings.latest(tenant=tenant, limit=20)
        except Unreachable:
            return None
        return [{"at": one.at, "name": one.name, "props": dict(one.props)} for one in found]

    def _of_routes(self) -> list[Sample]:
        fields = ("requests", "retries", "hedges", "hedges_won", "unaffordable")
        return [
            Sample(name=f"answerable_route_{name}_total", labels=(row.use,), value=float(getattr(row, name)))
            for row in self.meter.routes()
            for name in fields
        ]

    def _of_rates(self) -> list[Sample]:
        """By endpoint; what was said last counts."""
        newest = sorted(
            (
                (post.rate_at, key[1:3], post.rate)
                for key, post in self.watching.board.posts.items()
                if post.rate_at
            ),
            key=lambda one: one[0],
        )
        rates = {where: rate for _, where, rate in newest if rate is not None}
        return [
            Sample(name="answerable_rate_limit_remaining", labels=(*where, kind), value=float(left))
            for where, rate in rates.items()
            for kind, left in (("requests", rate.remaining_requests), ("tokens", rate.remaining_tokens))
            if left is not None
        ]


def _of_row(row: MeterRow) -> Sequence[Sample]:
    """Nothing of a cache, which is no endpoint: its hits are among the calls."""
    if row.calls and set(row.calls) == {"hit"}:
        return ()
    endpoint = (row.provider, row.endpoint, row.model)
    found = [
        Sample(name="answerable_breaker_state", labels=(*endpoint, one), value=float(row.state.breaker == one))
        for one in STATES
    ]
    found.append(
        Sample(name="answerable_model_calls_under_way", labels=endpoint, value=float(row.state.under_way))
    )
    if row.use and row.success is not None:
        where = (row.use, *endpoint)
        found.append(Sample(name="answerable_model_success_ratio", labels=where, value=row.success))
    return found
