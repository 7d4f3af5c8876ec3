"""The board of a prompt: its metrics by version and day as charts with marks, for a page or a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from answerable.adapters.postgres.measures import Span
from answerable.app.metrics.measuring import Sources, measured, sources_of
from answerable.monitor.definitions import VERSIONED
from answerable.monitor.measured import Mark, MeasuredRow, MetricTable
from answerable.monitor.page import Section, to_html
from answerable.monitor.version_chart import Chart, Series, chart

if TYPE_CHECKING:
    from answerable.app.system import System

VERSION, DAY = "prompt.version", "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All metrics of one prompt: `tables` by version, `daily` by version and day, `charts` as SVG."""

    prompt: str
    since: datetime
    until: datetime
    tables: Mapping[str, MetricTable]
    daily: Mapping[str, MetricTable]
    charts: Mapping[str, tuple[str, ...]]  # of quality two: what the check says, and what people say

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What changed in this time, oldest first."""
        return next((one.marks for one in self.tables.values()), ())


async def version_board(
    system: System, prompt_id: str, since: datetime, *, until: datetime | None = None
) -> Board:
    """Raises DatabaseUnreachable; a prompt that nothing was answered with has empty tables."""
    sources = sources_of(system.project, system.database)
    return await board_of(sources, sources.span(since, until or datetime.now(UTC), prompt=prompt_id))


async def board_of(sources: Sources, span: Span) -> Board:
    """The board of the span's prompt."""
    tables, daily, charts = {}, {}, {}
    for name in VERSIONED:
        tables[name] = await measured(sources, name, span, (VERSION,))
        daily[name] = await measured(sources, name, span, (VERSION, DAY))
        charts[name] = draw(daily[name])
    return Board(prompt=span.prompt, since=span.since, until=span.until, tables=tables, daily=daily, charts=charts)


async def metric_page(sources: Sources, name: str, span: Span, by: Sequence[str]) -> str:
    """One metric as an HTML file: its headline by day, a line for each combination of `by`."""
    whole = await measured(sources, name, span, by)
    daily = await measured(sources, name, span, tuple(dict.fromkeys([*by, DAY])))
    title = f"{name} of {span.prompt}" if span.prompt else name
    tables = {f"{name} by {', '.join(by) or 'nothing'}": whole, f"{name} by day": daily}
    section = Section(definition=whole.definition, charts=draw(daily), tables=tables)
    return to_html(title, [section], since=span.since, until=span.until)


def draw(daily: MetricTable) -> tuple[str, ...]:
    """What is charted by day, with a line for each combination of the other dimensions, in order of first use."""
    what = daily.definition
    lines: dict[str, list[MeasuredRow]] = {}
    for row in sorted(daily.rows, key=lambda one: one.key[DAY]):
        name = ", ".join(row.key[key] or "none" for key in daily.by if key != DAY) or "all"
        lines.setdefault(name, []).append(row)
    return tuple(
        chart(
            Chart(
                title=f"{what.name}: {name} by day",
                part=what.part(name),
                series=[_series(line, rows, name) for line, rows in lines.items()],
                marks=daily.marks,
                since=daily.since,
                until=daily.until,
                currency=daily.currency,
            )
        )
        for name in what.charted
    )


def _series(line: str, rows: Sequence[MeasuredRow], part: str) -> Series:
    points = [
        (date.fromisoformat(row.key[DAY]), number)
        for row in rows
        if (number := row.number(part)) is not None and number.n
    ]
    return Series(name=line, points=tuple(points))
