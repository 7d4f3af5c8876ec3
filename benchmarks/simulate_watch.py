"""Who noticed what in a simulated month: the jobs of alerts and drift on the set clock, and their words kept."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from proof import say
from simulate_product import Product
from simulate_worlds import last_look

from answerable.adapters.postgres.alerts import PostgresAlerts
from answerable.adapters.postgres.drift import PostgresDrift
from answerable.adapters.postgres.topics import PostgresTopics
from answerable.app.alerts.evaluating import evaluate_alerts
from answerable.app.alerts.parts import AlertParts
from answerable.app.alerts.rulebook import rules_of
from answerable.app.drift.daily import DriftParts, drift_daily
from answerable.monitor.alerts.rules import HAPPENINGS
from answerable.testing.simulation.month import Month
from answerable.testing.simulation.world import POISONED, Change

CLOSING_H, DRIFT_H = 1, 6
AFTERMATH = timedelta(days=2)  # an alarm so soon after a change is about the change, or about its end
ECHOES = frozenset(rule.id for rule in HAPPENINGS)  # they pass on what somebody did or found
WORDS: Mapping[str, tuple[str, ...]] = {
    "provider": ("provider", "model"),
    "users": ("users", "topic", "language"),
    "data": ("data", "document", POISONED, "index"),
    "us": ("us", "deploy", "prompt"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alert that opened, or one finding of drift. `cause` is provider, users, data, us or empty."""

    at: datetime
    by: str  # alert | drift
    what: str
    cause: str
    words: str
    began_at: datetime
    of: int  # questions of persons until then


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """How often jobs run here; in production alerts are looked at every minute, tasks are made every five."""

    look: timedelta = timedelta(minutes=15)
    close_days: int = 1


@dataclass(slots=True, kw_only=True)
class Watch:
    """What was said while a month went by, and what each job took."""

    said: list[Alarm] = field(default_factory=list)
    cpu_s: dict[str, float] = field(default_factory=dict)
    runs: Counter[str] = field(default_factory=Counter)

    def alarms(self) -> list[dict[str, Any]]:
        """As they are kept."""
        return [_kept(one) for one in self.said]

    def incidents(self, month: Month) -> list[dict[str, Any]]:
        """Of each change: who noticed it first, when, after how many questions, and what was blamed."""
        return [self._incident(month, one) for one in month.world.changes]

    def false(self, month: Month) -> int:
        """Alarms about no change: before the first, or when the aftermath of each was over. Echoes are none."""
        return sum(1 for one in self.said if one.what not in ECHOES and not _explained(month, one))

    def _incident(self, month: Month, change: Change) -> dict[str, Any]:
        since, until = _span(month, change)
        mine = [one for one in self.said if since <= one.at < until + AFTERMATH and one.began_at < until]
        found = [one for one in mine if one.what not in ECHOES]
        echo = next((one for one in mine if one.what in ECHOES), None)
        first = found[0] if found else None
        named = next((one for one in mine if one.cause == change.blame), None) if change.blame else None
        asked = sum(1 for one in month.needs for turn in one.turns if one.counts and turn.at < since)
        return {
            "name": change.name,
            "blame": change.blame,
            "since": since.isoformat(),
            "until": until.isoformat(),
            "detected": first.at.isoformat() if first else None,
            "after_h": round((first.at - since).total_seconds() / 3600, 2) if first else None,
            "after_answers": first.of - asked if first else None,
            "by": f"{first.by}: {first.what}" if first else "",
            "blamed": first.cause if first else "",
            "words": first.words if first else "",
            "named_right": named.at.isoformat() if named else None,
            "named_by": f"{named.by}: {named.what}" if named else "",
            "named_after_h": round((named.at - since).total_seconds() / 3600, 2) if named else None,
            "right": None if first is None or not change.blame else named is not None,
            "echo": echo.what if echo else "",
            "alarms": len(found),
        }


def _kept(one: Alarm) -> dict[str, Any]:
    return {**asdict(one), "at": one.at.isoformat(), "began_at": one.began_at.isoformat()}


def _span(month: Month, change: Change) -> tuple[datetime, datetime]:
    """When it harms somebody: what harms nobody is looked at for two days."""
    since = month.world.at_day(change.since_day)
    until = month.world.at_day(change.until_day)
    return since, until if change.blame else min(until, since + AFTERMATH)


def _explained(month: Month, one: Alarm) -> bool:
    spans = [_span(month, change) for change in month.world.changes if change.blame]
    return any(since <= one.at < until + AFTERMATH for since, until in spans)


async def watched_month(
    product: Product, month: Month, cadence: Cadence, each_week: Callable[[Watch, int], None]
) -> Watch:
    """The month goes by look by look; each job runs when its time has come."""
    watch, tenant = Watch(), month.world.tenant
    alerts = AlertParts(
        tenant=tenant,
        events=product.events,
        happenings=product.happenings,
        alerts=PostgresAlerts(product.database),
        settings=product.project.settings.alerts,
        rules=rules_of(product.project.settings.alerts),
    )
    drift = DriftParts(
        drift=PostgresDrift(product.database),
        topics=PostgresTopics(product.database),
        happenings=product.happenings,
        settings=product.project.settings.drift,
        tenant=tenant,
        model="simulated",
    )
    until, asked = last_look(month), 0
    events, marks = iter(_slices(month, cadence.look)), list(month.happenings)
    now = month.world.start
    while now < until:
        now += cadence.look
        came = next(events, [])
        asked += sum(one.name == "question.asked" and not one.props.get("why_not") for one in came)
        due = [one for one in marks if one.at < now]
        marks = marks[len(due) :]
        with Timed(watch, "append"):
            await product.take(came, due)
        with Timed(watch, "alerts"):
            evaluated = await evaluate_alerts(alerts, now=now)
        watch.said += [_of_alert(one, now, asked) for one in evaluated.opened]
        day = int(month.world.day_of(now))
        if now.minute == 0 and now.hour == CLOSING_H and day % cadence.close_days == 0:
            with Timed(watch, "tasks"):
                await product.close(tenant, now)
        if now.minute == 0 and now.hour == DRIFT_H:
            with Timed(watch, "drift"):
                report = await drift_daily(drift, now=now)
            watch.said += [_of_finding(one, now, asked) for one in report.new]
            with Timed(watch, "counts"):
                await product.count(tenant, now)
            if day % 7 == 6:
                each_week(watch, day)
            say(f"day {day}: {len(watch.said)} alarms, {sum(watch.cpu_s.values()):.0f} s; {report.sentence}")
    await product.close(tenant, until)
    await product.count(tenant, until)
    return watch


def _slices(month: Month, look: timedelta) -> Iterator[list[Any]]:
    """Events of the time of one look."""
    at, end = 0, month.world.start + look
    events: Sequence[Any] = month.events
    while at < len(events):
        begin = at
        while at < len(events) and events[at].at < end:
            at += 1
        yield list(events[begin:at])
        end += look


class Timed:
    """CPU time of this process, added up by the name of a job; the database's own is not in it."""

    def __init__(self, watch: Watch, name: str) -> None:
        self._watch, self._name = watch, name

    def __enter__(self) -> None:
        self._began = time.process_time()

    def __exit__(self, *_: object) -> None:
        took = time.process_time() - self._began
        self._watch.cpu_s[self._name] = self._watch.cpu_s.get(self._name, 0.0) + took
        self._watch.runs[self._name] += 1


def _of_alert(one: Any, now: datetime, asked: int) -> Alarm:
    cause = str(one.facts.get("cause", "")) or _cause(one.blame)
    what = f"{one.rule} {one.key}".strip() if one.rule not in ECHOES else one.rule
    return Alarm(at=now, by="alert", what=what, cause=cause, words=one.blame[:300],
                 began_at=one.began_at or now, of=asked)  # fmt: skip


def _of_finding(one: Any, now: datetime, asked: int) -> Alarm:
    return Alarm(at=now, by="drift", what=one.headline.signal.name, cause=one.blame.cause.value,
                 words=one.sentence("UTC")[:300], began_at=one.headline.start, of=asked)  # fmt: skip


def _cause(words: str) -> str:
    """The first cause whose words are in the sentence."""
    lowered = "" if words.startswith("can't tell") else words.lower()
    return next((cause for cause, marks in WORDS.items() if any(word in lowered for word in marks)), "")
