"""Metrics that are made of counts by day: which counters each wants, and the rows it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from answerable.adapters.postgres.measures import Span
from answerable.adapters.postgres.tallies import Kind, PostgresTallies, whole_days
from answerable.app.metrics import service_parts, task_parts
from answerable.app.metrics.labels import UNSHOWN, Label
from answerable.app.metrics.measured_parts import in_order
from answerable.app.metrics.sums import Key, Sums, sums_by_key
from answerable.app.metrics.task_parts import ABSTAINED, FOLLOWING, STATE
from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.monitor.definition import FEW_PERSONS, Definition
from answerable.monitor.followup_measured import labeled_pairs
from answerable.monitor.measured import Measured, MeasuredRow

_ABOUT_PEOPLE = ("language", "channel", "topic")
_COST = ("task", "task.cost", "task.cost2", "task.cost_bin", "task.unpriced")
_SCORED = ("task.score", "task.score2")
_RETURNS = tuple(f"cohort.{days}{of}" for days in (7, 28) for of in ("", ".completed", ".failed"))
_KEPT = (*(f"answer.cache.{one}" for one in (*service_parts.KEPT, "made")), "answer.priced", "answer.kept_read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a metric is made of. `n` counts its items; empty: what people read. `kind`: of which raw rows."""

    n: str
    kind: Kind
    counters: tuple[str, ...] = ()
    daily: tuple[str, ...] = ()
    labels: bool = False
    returns: bool = False  # also who came back


def _tasks(*counters: str, daily: tuple[str, ...] = (), labels: bool = False) -> Recipe:
    return Recipe(n="task", kind="task", counters=("task", *counters), daily=daily, labels=labels)


def _answers(*counters: str, n: str = "answer.shown", labels: bool = False) -> Recipe:
    return Recipe(n=n, kind="event", counters=(n, *counters), labels=labels)


RECIPES: Mapping[str, Recipe] = {
    "completion": _tasks(*STATE, *_SCORED, "task.left_out", labels=True),
    "escalation": _tasks(
        "task.escalated",
        *(f"task.escalation.{one}" for one in ("asked", "policy", "failure")),
        "escalation.claimed",
        "escalation.resolved",
        daily=("escalation.claimed",),
        labels=True,
    ),
    "satisfaction": replace(
        _tasks("task.answers", "task.up", "task.down", "task.solved", "task.not_solved", "task.repeated"),
        returns=True,
    ),
    "harm": Recipe(n="", kind="event", counters=("answer.shown", "answer.abstained.guard"), labels=True),
    "task_cost": _tasks(*_COST, *STATE, *_SCORED, daily=("task.cost",), labels=True),
    "abstention": _answers(*ABSTAINED, n="answer.in_scope", labels=True),
    "follow_ups": _tasks(*FOLLOWING),
    "containment": _tasks("task.state.escalated"),
    "deflection": _tasks("task.ticket", "task.form", "task.form_ticket", "task.holdout", "task.holdout_ticket"),
    "gaps": _tasks("task.gap", "task.gap_done"),
    "speed": _answers("answer.ms_bin", "answer.first_bin", "answer.deadline", "answer.degraded", n="answer"),
    "fallback": _answers("call.fallback", "call.ok", "call.hedge", n="call"),
    "cache": _answers(*_KEPT),
    "staleness": _answers("answer.cites", "answer.stale"),
    "conflicts": _answers("answer.conflict", "answer.said_conflict"),
    "freshness": Recipe(n="", kind="event"),
    "review": Recipe(n="", kind="event"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """What a metric needs besides counts and labels, read once."""

    corpus: Mapping[str, int] | None = None
    lags: Sequence[Mapping[str, Any]] = ()
    readings: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallied:
    """A metric of whole days."""

    project: Project
    tallies: PostgresTallies
    what: Definition
    span: Span
    labels: Sequence[Label] = ()  # parted as the rows will be

    @property
    def recipe(self) -> Recipe:
        """What it is made of."""
        return RECIPES[self.what.name]

    async def rows(self, by: Sequence[str]) -> list[MeasuredRow]:
        """A row for each combination that occurs; what is of too few persons has no numbers."""
        sums = await self._sums(by)
        extra = await self._extra(by)
        known = await self._persons(by)
        keys = sorted({*sums, *((one.key if by else ()) for one in self.labels), *_keys_of(extra, by)})
        return [
            row
            for key in keys
            if (row := self._row(by, key, sums.get(key, Sums()), extra, known)).n or row.withheld
        ]

    def _row(
        self,
        by: Sequence[str],
        values: Key,
        sums: Sums,
        extra: Extra,
        known: Mapping[Key, int] | None,
    ) -> MeasuredRow:
        key = dict(zip(by, values, strict=True))
        mine = [one for one in self.labels if one.key == values] if by else self.labels
        numbers = self._numbers(sums, mine, _of(extra, key))
        n = sums.n(self.recipe.n) if self.recipe.n else self._items(mine, numbers)
        if known is not None and known.get(values, 0) < FEW_PERSONS:
            return MeasuredRow(key=key, n=n, withheld=True)
        return MeasuredRow(key=key, n=n, numbers=in_order(self.what, numbers))

    def _items(self, labels: Sequence[Label], numbers: Sequence[Measured]) -> int:
        if self.what.name == "harm":
            return sum(one.harmful is not None and one.outcome not in UNSHOWN for one in labels)
        return max((one.n for one in numbers), default=0)

    def _numbers(self, sums: Sums, labels: Sequence[Label], extra: Extra) -> list[Measured]:
        match self.what.name:
            case "task_cost":
                ticket = self.project.settings.metrics.human_ticket_cost
                return task_parts.task_cost(sums, labels, ticket=ticket)
            case "follow_ups":
                return task_parts.follow_ups(sums, labels, pairs=labeled_pairs("rephrase"))
            case name if name in _OF_TASKS:
                return _OF_TASKS[name](sums, labels)
            case _:
                return self._service_numbers(sums, extra)

    def _service_numbers(self, sums: Sums, extra: Extra) -> list[Measured]:
        match self.what.name:
            case "cache":
                return service_parts.cache(sums)
            case "staleness":
                return service_parts.staleness(sums, extra.corpus)
            case "freshness":
                return service_parts.freshness([one["lag_s"] for one in extra.lags])
            case "review":
                return service_parts.review(extra.readings)
            case name if name in _OF_SERVICE:
                return _OF_SERVICE[name](sums)
        raise ConfigError(f"{self.what.name} is defined and not measured")

    async def _sums(self, by: Sequence[str]) -> dict[Key, Sums]:
        recipe = self.recipe
        if not recipe.counters:
            return {}
        rows: Sequence[Mapping[str, Any]] = await self.tallies.sums(self.span, recipe.counters, by, recipe.daily)
        returns = await self._cohorts() if recipe.returns and not by else ()
        return sums_by_key([*rows, *returns], by)

    async def _cohorts(self) -> Sequence[Mapping[str, Any]]:
        """Of weeks whose time to return ended in the span, whichever prompt they were served with."""
        rows: list[Mapping[str, Any]] = []
        for days in (7, 28):
            shift = timedelta(days=7 + days)
            span = replace(self.span, since=self.span.since - shift, until=self.span.until - shift, prompt="")
            rows += await self.tallies.sums(span, [one for one in _RETURNS if one.startswith(f"cohort.{days}")])
        return rows

    async def _persons(self, by: Sequence[str]) -> dict[Key, int] | None:
        """None where nothing is withheld: of all together, and of what is not about people."""
        if not by or not (self.what.personal or set(by) & set(_ABOUT_PEOPLE)):
            return None
        rows = await self.tallies.persons(self.span, self.recipe.kind, by)
        return {tuple(row[name] for name in by): row["persons"] for row in rows}

    async def _extra(self, by: Sequence[str]) -> Extra:
        match self.what.name:
            case "staleness" if not by:
                today, stale_s = self.span.until.astimezone(UTC).date(), self.project.settings.data.stale_after
                return Extra(corpus=await self.tallies.corpus(self.span.tenant, today=today, stale_s=stale_s))
            case "freshness":
                return Extra(lags=await self.tallies.lags(self.span))
            case "review":
                return Extra(readings=await self.tallies.readings(self.span))
        return Extra()

    def whole(self) -> tuple[datetime, datetime]:
        """The days that it is of, as moments."""
        first, last = whole_days(self.span)
        start = datetime(first.year, first.month, first.day, tzinfo=UTC)
        return start, start + timedelta(days=(last - first).days)


_OF_TASKS = {
    "completion": task_parts.completion,
    "escalation": task_parts.escalation,
    "satisfaction": task_parts.satisfaction,
    "harm": task_parts.harm,
    "abstention": task_parts.abstention,
    "containment": task_parts.containment,
    "deflection": task_parts.deflection,
    "gaps": task_parts.gaps,
}
_OF_SERVICE = {
    "speed": service_parts.speed,
    "fallback": service_parts.fallback,
    "conflicts": service_parts.conflicts,
}


def _keys_of(extra: Extra, by: Sequence[str]) -> set[Key]:
    return {tuple(row[name] for name in by) for row in (*extra.lags, *extra.readings)}


def _of(extra: Extra, key: Mapping[str, str]) -> Extra:
    if not key:
        return extra
    mine = [[one for one in rows if one["day"] == key.get("day")] for rows in (extra.lags, extra.readings)]
    return Extra(lags=mine[0], readings=mine[1])
