"""What is known of a prompt's versions: effects, rollout, behavior, production. One that fails breaks no other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from answerable.app.metrics.version_board import Board, version_board
from answerable.app.prompts.effects import Effect, Measurements
from answerable.app.prompts.matrix import matrices
from answerable.app.prompts.past import history_of
from answerable.app.rollouts.status import status_row, statuses
from answerable.app.system import System
from answerable.core.errors import AnswerableError
from answerable.monitor.page import columns, rows
from answerable.prompts.history import Version

SHOWN = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A section of the page, or why there is none."""

    value: Any = None
    fault: str = ""

    @property
    def record(self) -> dict[str, Any]:
        """JSON-able."""
        return {"fault": self.fault, "value": self.value}


async def evidence(system: System, name: str, *, now: datetime | None = None) -> dict[str, Any]:
    """The sections by name, each with `value` (None: there is nothing) and `fault`."""
    past = (await asyncio.to_thread(history_of, system.project, name)).versions
    production = await _told(_production(system, name, now or datetime.now(UTC)))
    return {
        "effects": (await _told(_effects(system, name, past))).record,
        "rollout": (await _told(_rollout(system, name))).record,
        "behavior": Told(value=await asyncio.to_thread(matrices, system.project, name, past)).record,
        "production": production.record,
    }


def shares(system: System) -> dict[str, str]:
    """Of each prompt under a rollout, who is served what, in short; from memory, without the database."""
    found = {}
    for name, served in system.rollouts.standing.served.items():
        rollout = served.rollout
        back = rollout.id in system.rollouts.standing.back
        found[name] = rollout.stable.version if back else f"{rollout.candidate.version}: {rollout.share:.0%}"
    return found


def without_charts(found: Mapping[str, Any]) -> dict[str, Any]:
    """The same for programs: the numbers alone."""
    production = found["production"]
    if production["value"] is None:
        return dict(found)
    metrics = [{key: one[key] for key in one if key != "charts"} for one in production["value"]["metrics"]]
    return {**found, "production": {**production, "value": {**production["value"], "metrics": metrics}}}


async def _told(work: Awaitable[Any]) -> Told:
    try:
        return Told(value=await work)
    except AnswerableError as error:
        return Told(fault=f"{error}")


async def _effects(system: System, name: str, past: Sequence[Version]) -> dict[str, Any]:
    measurements = Measurements(project=system.project, runs=system.runs)
    return {one.version: _effect(one) async for one in measurements.effects(name, past)}


def _effect(one: Effect) -> dict[str, Any]:
    """Shares and their difference are in [0, 1] and [-1, 1]."""
    line = one.line
    difference = line.difference if line else None
    return {
        "before": one.before,
        "why": one.why,
        "others": list(one.others),
        "runs": [one.base, one.head],
        "verdict": line.change.value if line and difference else "",
        "unmoved": bool(line and line.unmoved),
        "n": line.n if line else 0,
        "unmeasured": line.unmeasured if line else 0,
        "difference": difference.mean if difference else None,
        "interval": [difference.interval.low, difference.interval.high] if difference else None,
    }


async def _rollout(system: System, name: str) -> dict[str, Any] | None:
    return next((status_row(one) for one in await statuses(system.rollouts, system.database, prompt=name)), None)


async def _production(system: System, name: str, now: datetime) -> dict[str, Any] | None:
    board = await version_board(system, name, now - SHOWN, until=now)
    return {"since": board.since, "until": board.until, "metrics": _metrics(board)} if _any(board) else None


def _any(board: Board) -> bool:
    return any(table.rows for table in board.tables.values())


def _metrics(board: Board) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "says": table.definition.says,
            "columns": columns(table),
            "rows": rows(table),
            "notes": list(table.notes),
            "charts": list(board.charts[name]),
        }
        for name, table in board.tables.items()
        if table.rows
    ]
