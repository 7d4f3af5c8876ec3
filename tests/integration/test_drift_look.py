"""Drift on a real Postgres: events are folded into sums, a change is told once, and topics are kept by version."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.drift import PostgresDrift
from answerable.adapters.postgres.events import PostgresEvents
from answerable.adapters.postgres.happenings import PostgresHappenings
from answerable.adapters.postgres.topics import PostgresTopics
from answerable.app.drift.daily import DriftParts, drift_daily
from answerable.config.monitoring import DriftSection
from answerable.core.event import Event
from answerable.monitor.drift.finding import Cause, Sure
from answerable.monitor.topics import Topic, Topics

START = datetime(2026, 9, 7, tzinfo=UTC)
CHANGE = START + timedelta(days=8)


def events(day: int) -> list[Event]:
    """120 answers a day; of the new prompt's, which a third gets from day 8 on, nine of ten are refusals."""
    found = []
    for n in range(120):
        at = START + timedelta(days=day, minutes=12 * n)
        new = at >= CHANGE and n % 3 == 0
        refused = n % 10 != 0 if new else n % 12 == 0
        version = "1.1.0" if new else "1.0.0"
        who = bytes([n % 50])
        found.append(
            Event(
                name="answer.abstained" if refused else "answer.shown", tenant="default", at=at, person=who,
                answer=f"an-{day}-{n}", language="en", prompt_id="answer", prompt_version=version, latency_ms=900,
                props={"reason": "low_score"} if refused else {"claims": 2, "claims_withheld": 0, "conflicts": 0},
            )
        )  # fmt: skip
    found.append(
        Event(name="question.asked", tenant="default", at=START + timedelta(days=day), answer=f"an-{day}-0",
              props={"why_not": "staff", "chars": 30})
    )  # fmt: skip
    return found


async def test_a_worse_version_is_told_once_and_shown_to_be_ours(database: Database, tmp_path: Path) -> None:
    log = PostgresEvents(database, spool=tmp_path / "events")
    async with PostgresHappenings(database, spool=tmp_path / "happenings", home="default") as happenings:
        parts = DriftParts(
            drift=PostgresDrift(database), topics=PostgresTopics(database), happenings=happenings,
            settings=DriftSection(), tenant="default", model="m",
        )  # fmt: skip
        await log.append([one for day in range(11) for one in events(day)])
        quiet = await drift_daily(parts, now=CHANGE)
        assert (quiet.found, quiet.answers) == ([], 119)  # what staff asked is no answer of anybody
        told = await drift_daily(parts, now=CHANGE + timedelta(days=3))
        await happenings.flush()
        again = await drift_daily(parts, now=CHANGE + timedelta(days=3, hours=1))
        (found,) = told.new
        assert (found.blame.cause, found.blame.sure) == (Cause.US, Sure.SHOWN)
        assert found.headline.signal.name == "refusals"
        assert found.headline.earliest <= CHANGE <= found.headline.latest
        assert (len(again.found), again.new) == (1, [])
        assert "Nothing new" in again.sentence
        (kept,) = await happenings.latest(tenant="default", name="drift.found")
        assert kept.props["sentence"] == found.sentence()
    cells = await parts.drift.read(
        tenant="default", since=START, until=START + timedelta(hours=6), dimensions=[""], signal="refusals"
    )
    assert [(one.n, one.total, one.persons, one.nn, one.xx) for one in cells] == [(29, 2.0, 29, 29.0, 2.0)]
    await _topics_are_kept(parts.topics)


async def _topics_are_kept(kept: PostgresTopics) -> None:
    center = np.eye(3, dtype=np.float32)[:1]
    topic = Topic(id="t-1", name="bills", size=9, persons=7, reach=0.5)
    made = Topics(model="m", made_at=START, topics=(topic,), centers=center, cases=center)
    for _ in range(2):
        await kept.keep(tenant="default", version=made.version, topics=made.as_json())
    back = await kept.newest(tenant="default", model="m")
    assert back is not None
    assert Topics.from_json(back).topics == made.topics
    assert await kept.newest(tenant="default", model="another") is None
    assert await kept.newest(tenant="other", model="m") is None
