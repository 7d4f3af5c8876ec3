"""Fitting the chance of completion to what people judged, and finding the model that stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from answerable.app.tasks import rules_of
from answerable.config.metrics import MetricsSection
from answerable.core.event import Event
from answerable.core.ports.events import Events, Happening, Happenings
from answerable.monitor.completion import Signs, signs_of
from answerable.monitor.completion_model import CompletionModel, Fit, Labeled, fit
from answerable.monitor.score import rule_score
from answerable.monitor.tasks import sessions_of
from answerable.monitor.turns import READ, REVIEWED, fold

FITTED = "completion.fitted"
_BACK = timedelta(days=90)
_STEP = timedelta(days=7)  # of events that are held in memory at once


async def fit_completion(
    events: Events, happenings: Happenings, *, tenant: str, now: datetime, settings: MetricsSection
) -> Fit | None:
    """A model of the last 90 days' judged tasks, kept as a happening; None with too few labels, or all alike.

    It takes the place of the rules only where it is nearer to what people said, on tasks that it has not seen.
    Raises Unreachable.
    """
    labeled = await judged_tasks(events, tenant=tenant, now=now, settings=settings)
    if len(labeled) < settings.labels_wanted or len({one.completed for one in labeled}) < 2:
        return None
    found = fit(labeled)
    happenings.write(Happening(name=FITTED, tenant=tenant, at=now, props=_props(found)))
    await happenings.flush()
    return found


async def judged_tasks(events: Events, *, tenant: str, now: datetime, settings: MetricsSection) -> list[Labeled]:
    """Each closed task of which a reviewer said whether it was completed, with what was known of it."""
    reviews = await _read(events, tenant, now - _BACK, now, (REVIEWED,))
    if len({one.answer for one in reviews if one.props.get("completed")}) < settings.labels_wanted:
        return []
    rules, labeled = rules_of(settings), list[Labeled]()
    margin = timedelta(seconds=rules.close_after_s)
    start = now - _BACK
    while start < now:
        read = await _read(events, tenant, start - margin, min(now, start + _STEP + 3 * margin), READ)
        turns = fold([*read, *reviews]).turns
        for session in sessions_of(turns, now=now, rules=rules, since=start):
            said = next((one for one in reversed(session.turns) if one.completed), None)
            if said is not None and session.task.eligible and session.task.opened_at < start + _STEP:
                signs = signs_of(session.turns, displaying=rules.displaying)
                labeled.append(Labeled(signs=signs, completed=said.completed == "yes", weight=said.weight))
        start += _STEP
    return labeled


async def standing_score(happenings: Happenings, *, tenant: str) -> Callable[[Signs], float]:
    """The model that was fitted last, if it is better than the rules; else the rules. Raises Unreachable."""
    for one in await happenings.latest(tenant=tenant, name=FITTED, limit=1):
        if one.props.get("better"):
            return CompletionModel.of(one.props)
    return rule_score


async def _read(
    events: Events, tenant: str, since: datetime, until: datetime, names: tuple[str, ...]
) -> list[Event]:
    return [one async for one in events.read(tenant=tenant, since=since, until=until, names=names)]


def _props(found: Fit) -> dict[str, object]:
    return {
        "labels": found.labels,
        "completed": found.completed,
        "brier": round(found.brier, 6),
        "brier_rule": round(found.brier_rule, 6),
        "better": found.better,
        "estimated": [f"{one.estimated:.3f}" for one in found.bins],
        "observed": [f"{one.observed:.3f} of {one.n}" for one in found.bins],
        **found.model.as_props(),
    }
