"""The five product metrics at once, with what they were before: what a home page and a report are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from answerable.app.metrics.comparing import Change, changes
from answerable.app.metrics.measuring import Sources, measured_together
from answerable.monitor.definitions import PRODUCT
from answerable.monitor.measured import Mark, Measured, MetricTable

# The number of each metric that is said first.
HEADLINES: Mapping[str, str] = MappingProxyType(
    {
        "completion": "corrected",
        "escalation": "failure",
        "satisfaction": "up",
        "harm": "harmful",
        "task_cost": "per_task",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductBoard:
    """The five metrics over [since, until) and over as long a time before it (`before`).

    `tables` and `before` are by the metric's name, without parting: a table's `total` has the numbers, and is None
    where they may not be shown. `changes` are by metric and number.
    """

    since: datetime
    until: datetime
    currency: str
    tables: Mapping[str, MetricTable]
    before: Mapping[str, MetricTable]
    changes: Mapping[str, Mapping[str, Change]]

    @property
    def tasks(self) -> int:
        """Closed tasks that count."""
        return self._n(self.tables["completion"])

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What changed in this time: deploys, rollouts, models and indexes, oldest first."""
        return self.tables["completion"].marks

    def headline(self, metric: str) -> Measured | None:
        """The number that is said first; None where nothing may be shown."""
        return self.number(metric, HEADLINES[metric])

    def number(self, metric: str, part: str) -> Measured | None:
        """Any number; its `value` is None where it was not measured."""
        total = self.tables[metric].total
        return None if total is None else total.number(part)

    def change(self, metric: str, part: str = "") -> Change | None:
        """Against the time before; None where one of the two is not known."""
        return self.changes[metric].get(part or HEADLINES[metric])

    @staticmethod
    def _n(table: MetricTable) -> int:
        return 0 if table.total is None else table.total.n


async def product_board(sources: Sources, *, now: datetime, days: int = 28) -> ProductBoard:
    """Of the `days` before `now`. Raises DatabaseUnreachable."""
    length = timedelta(days=days)
    span, earlier = sources.span(now - length, now), sources.span(now - 2 * length, now - length)
    tables = await measured_together(sources, tuple(PRODUCT), span)
    before = await measured_together(sources, tuple(PRODUCT), earlier)
    first = tables["completion"]
    return ProductBoard(
        since=first.since,
        until=first.until,
        currency=first.currency,
        tables=tables,
        before=before,
        changes={name: changes(before[name].total, tables[name].total) for name in PRODUCT},
    )
