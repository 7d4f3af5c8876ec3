"""The raw items behind a number: which tasks, which answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from answerable.adapters.postgres.measures import Span
from answerable.app.metrics.measuring import Sources
from answerable.core.errors import ConfigError
from answerable.core.task import TaskState
from answerable.monitor.definitions import definition

MOST = 100
_OF_TASKS = ("left_out", "down", "gaps", "unpriced", "follow", "escalated")
_ANSWERS = ("answer.shown", "answer.abstained")
_EVENTS: Mapping[str, tuple[str, ...]] = {
    "abstained": ("answer.abstained",),
    "blocked": ("answer.abstained",),
    "deadline": _ANSWERS,
    "degraded": _ANSWERS,
    "stale": ("answer.shown",),
    "conflict": ("answer.shown",),
    "cached": ("answer.shown",),
    "fallback": ("model.called",),
    "call_failed": ("model.called",),
    "harm": ("review.completed",),
    "reviews": ("review.completed",),
    "labels": ("review.completed",),
}


async def items_behind(
    sources: Sources, name: str, items: str, span: Span, *, limit: int = MOST
) -> list[dict[str, Any]]:
    """The newest of them, as values. Raises ConfigError for items that the metric does not have."""
    what = definition(name)
    known = [one.items for one in what.parts if one.items]
    if items not in known:
        hint = f"one of {', '.join(known)}" if known else f"{name} has none"
        raise ConfigError(f"{name} has no items {items!r}", hint=hint)
    kind, _, value = items.partition(":")
    tallies = sources.tallies
    if kind in {one.value for one in TaskState} and not value:
        return await tallies.task_items(span, "state", kind, limit)
    if kind in _OF_TASKS:
        return await tallies.task_items(span, kind, value, limit)
    return await tallies.event_items(span, kind, value, _EVENTS[kind], limit)
