"""Counts by day are what the raw rows say, also when some come late, change or are forgotten."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.events import PostgresEvents
from answerable.adapters.postgres.tallies import PostgresTallies
from answerable.adapters.postgres.tasks import PostgresTasks
from answerable.app.metrics.measuring import Sources, measured, sources_of
from answerable.app.metrics.product_board import HEADLINES, product_board
from answerable.app.metrics.rolling_up import roll_up
from answerable.app.project import Project
from answerable.config import Settings
from answerable.core.event import Event, event_id_of
from answerable.core.task import Task, TaskState
from answerable.monitor.definitions import METRICS
from answerable.monitor.measured import Measured, MetricTable
from answerable.testing.events import NOON

TENANT = "default"
NOW = NOON + timedelta(hours=10)
STATES = list(TaskState)


def a_task(n: int, rng: random.Random, **changes: object) -> Task:
    closed = NOON - timedelta(days=n % 9, minutes=n % 600)
    state = rng.choices(STATES, (8, 3, 12, 30, 20, 22, 5))[0]
    task = Task(
        id=f"ta_{n:05d}", tenant=TENANT, person=bytes([n % 40]), conversation=f"co_{n}",
        opened_at=closed - timedelta(days=1, minutes=9), last_at=closed - timedelta(days=1), closed_at=closed,
        turns=1 + n % 3, state=state, p_complete=rng.random(), why_not="staff" if n % 17 == 0 else "",
        outcome="abstained" if state is TaskState.FAILED and n % 2 else "answered",
        escalation=rng.choice(("asked", "policy", "failure")) if state is TaskState.ESCALATED else "",
        topic=("returns", "shipping", "taxes")[n % 3], language="de" if n % 4 == 0 else "en",
        channel="form" if n % 5 == 0 else "page", prompt_id="answer", prompt_version="1.0.0", model="m",
        follow_ups={"rephrase": n % 2}, cost=None if n % 50 == 3 else Decimal(n % 90) / 1000, currency="USD",
        unpriced=int(n % 50 == 3), answers=(f"an_{n}",), votes={"up": int(n % 10 == 0), "down": int(n % 30 == 1)},
    )  # fmt: skip
    return replace(task, **changes)  # type: ignore[arg-type]


def shown(n: int, **changes: object) -> Event:
    at = NOON - timedelta(days=n % 9, minutes=n % 600)
    event = Event(
        name="answer.abstained" if n % 6 == 0 else "answer.shown", tenant=TENANT, at=at,
        id=event_id_of(at, "shown", str(n)), person=bytes([n % 40]), answer=f"an_{n}", language="en",
        topic="returns", prompt_id="answer", prompt_version="1.0.0", model="m", latency_ms=500 + 7 * n,
        cost=Decimal("0.01"), degraded=("no_rerank",) if n % 8 == 0 else (), outcome="answered",
        props={"reason": "no_context"} if n % 6 == 0 else
        {"cache": "exact" if n % 4 == 0 else "none", "citations": 2, "stale_citations": n % 2, "conflicts": n % 3},
    )  # fmt: skip
    return replace(event, **changes)  # type: ignore[arg-type]


def reviewed(n: int, **said: object) -> Event:
    at = NOON - timedelta(hours=1)
    props = {"inclusion_weight": 5.0, "stratum": "random", "minutes": 2.0, "verdict": "good", **said}
    return Event(
        name="review.completed", tenant=TENANT, at=at, id=event_id_of(at, "read", str(n), str(said)),
        conversation=f"co_{n}", answer=f"an_{n}", outcome="answered", props=props,
    )  # fmt: skip


def numbers(table: MetricTable) -> dict[str, Measured]:
    assert table.total is not None
    return {one.name: one for one in table.total.numbers}


@pytest.fixture
def sources(database: Database, tmp_path: Path) -> Sources:
    return sources_of(Project(settings=Settings(), base=tmp_path), database)


async def test_thanks_ask_nothing_and_kept_answers_are_judged_by_who_read_them(
    database: Database, sources: Sources, tmp_path: Path
) -> None:
    log, span = PostgresEvents(database, spool=tmp_path / "spool"), sources.span(NOW - timedelta(days=28), NOW)
    told = [shown(n) for n in range(1, 61)]  # every sixth is a refusal, every fourth of the others a kept answer
    thanks = [
        Event(name="question.asked", tenant=TENANT, at=one.at - timedelta(seconds=1), answer=one.answer,
              id=event_id_of(one.at, "q", one.answer), props={"follow_up": "thanks"}) for one in told[5:12:6]
    ]  # fmt: skip
    scope = shown(66, props={"reason": "out_of_scope"})
    read = [reviewed(4, harm="incorrect"), reviewed(8, harm="none"), reviewed(9, harm="incorrect"),
            reviewed(8, harm="incorrect", second_reader=True)]  # fmt: skip
    await log.append([*told, *thanks, scope, *read])
    await roll_up(sources.tallies, tenant=TENANT, now=NOW)
    refused = numbers(await measured(sources, "abstention", span))["abstained"]
    assert (refused.k, refused.n) == (8, 58)
    kept = numbers(await measured(sources, "cache", span))
    assert (kept["wrong"].k, kept["wrong"].n) == (1, 2)
    assert numbers(await measured(sources, "review", span))["second"].k == 1


async def test_counts_are_what_the_raw_rows_say_whatever_comes_late_changes_or_goes(
    database: Database, sources: Sources, tmp_path: Path
) -> None:
    rng = random.Random(7)
    tasks = {one.id: one for one in (a_task(n, rng) for n in range(600))}
    answers = [shown(n) for n in range(600)]
    log, book = PostgresEvents(database, spool=tmp_path / "spool"), PostgresTasks(database)
    tallies = PostgresTallies(database=database)
    span = sources.span(NOW - timedelta(days=28), NOW)

    async def agrees() -> None:
        """With `tasks` and `answers` as they are then."""
        assert await tallies.touched(TENANT) == []
        counted = numbers(await measured(sources, "completion", span))
        raw = [one for one in tasks.values() if one.eligible]
        states = Counter(one.state.value for one in raw)
        done = states["confirmed"] + states["verified"]
        assert (counted["low"].n, counted["low"].k, counted["mid"].k) == (len(raw), states["confirmed"], done)
        assert counted["left_out"].value == len(tasks) - len(raw)
        money = numbers(await measured(sources, "task_cost", span))
        priced = [float(one.cost) for one in raw if one.cost is not None]
        assert money["per_task"].n == len(priced)
        assert money["per_task"].value == pytest.approx(sum(priced) / len(priced))
        assert money["p95"].value == pytest.approx(sorted(priced)[int(0.95 * len(priced))], rel=0.06)
        speed = numbers(await measured(sources, "speed", span))
        assert speed["degraded"].n == len(answers)
        assert speed["p50"].value == pytest.approx(
            sorted(one.latency_ms or 0 for one in answers)[len(answers) // 2], rel=0.03
        )

    await log.append(answers)
    await book.put(list(tasks.values()))
    first = await roll_up(tallies, tenant=TENANT, now=NOW)
    assert first.days == 18
    await agrees()
    assert (await roll_up(tallies, tenant=TENANT, now=NOW)).days == 0  # nothing was touched

    late = [shown(n, id=event_id_of(NOON, "late", str(n))) for n in range(600, 640)]  # of days that were counted
    answers += late
    await log.append(late)
    reopened = replace(tasks["ta_00001"], state=TaskState.REOPENED, closed_at=NOON - timedelta(days=3))
    tasks[reopened.id] = reopened
    await book.put([reopened, a_task(700, rng, id="ta_00700")])
    tasks["ta_00700"] = a_task(700, rng, id="ta_00700")
    await book.put([tasks["ta_00700"]])
    assert await tallies.touched(TENANT) != []
    await roll_up(tallies, tenant=TENANT, now=NOW)
    await agrees()

    await _who_goes_is_gone_from_the_counts(database)
    tasks = {name: one for name, one in tasks.items() if one.person != b"\x00"}
    answers = [one for one in answers if one.person != b"\x00"]
    await roll_up(tallies, tenant=TENANT, now=NOW)
    await agrees()
    await _labels_correct_the_headline(sources, log, tasks)
    await _few_persons_are_withheld(sources, book, tallies)
    for name in METRICS:  # each can be measured, whole and parted
        table = await measured(sources, name, span, ("day",))
        assert [one.name for one in (table.rows[0].numbers if table.rows else ())] in (
            [], [part.name for part in METRICS[name].parts]
        )  # fmt: skip
    board = await product_board(sources, now=NOW)
    assert board.tasks == len([one for one in tasks.values() if one.eligible]) + 3
    assert {name: board.headline(name) is not None for name in HEADLINES} == dict.fromkeys(HEADLINES, True)

    await book.put([replace(tasks["ta_00002"], state=TaskState.FAILED)])  # when its day is long past
    assert (await roll_up(tallies, tenant=TENANT, now=NOW + timedelta(days=100))).skipped == 1


async def _who_goes_is_gone_from_the_counts(database: Database) -> None:
    """Their hash goes with their last rows, at once; their days are counted anew."""

    async def known(person: bytes) -> tuple[int, int]:
        async with database.tenant(TENANT, readonly=True) as conn:
            found = await conn.execute(
                "SELECT count(*) FILTER (WHERE %s = ANY (persons)) AS his, sum(known) AS known FROM tally_person",
                [person],
            )
            row = await found.fetchone()
        assert row is not None
        return row["his"], row["known"]

    before = await known(b"\x00")
    assert before[0] > 0
    async with database.tenant(TENANT) as conn:
        await conn.execute("SELECT forget_events('somebody', ARRAY[%s::bytea])", [b"\x00"])
    assert await known(b"\x00") == (0, before[1])
    assert {kind for kind, _ in await PostgresTallies(database=database).touched(TENANT)} == {"task", "event"}


async def _labels_correct_the_headline(sources: Sources, log: PostgresEvents, tasks: dict[str, Task]) -> None:
    """With a few labels people's word alone, with many PPI++."""
    span = sources.span(NOW - timedelta(days=28), NOW)
    readable = [n for n in range(600) if (one := tasks.get(f"ta_{n:05d}")) is not None and one.eligible]
    few = [reviewed(n, completed="yes" if n % 4 else "no", harm="none") for n in readable[:60]]
    await log.append(few)
    headline = numbers(await measured(sources, "completion", span))["corrected"]
    assert (headline.kind, headline.n) == ("people", 60)
    await log.append([reviewed(n, completed="yes" if n % 4 else "no", harm="none") for n in readable[60:300]])
    found = numbers(await measured(sources, "completion", span))
    assert (found["corrected"].kind, found["corrected"].n, found["labels"].value) == ("corrected", 300, 300)
    assert found["corrected"].low < 0.75 < found["corrected"].high
    harm = numbers(await measured(sources, "harm", span))
    assert harm["harmful"].value == 0.0
    assert 0.0 < harm["harmful"].high < 0.02  # none of 300 is not none: about 3/n
    items = await sources.tallies.task_items(span, "state", "failed", 5)
    assert len(items) == 5
    assert {one["state"] for one in items} == {"failed"}


async def _few_persons_are_withheld(sources: Sources, book: PostgresTasks, tallies: PostgresTallies) -> None:
    """Three persons who speak Spanish are not shown, and nor is the sum that would give them away."""
    rng, span = random.Random(8), sources.span(NOW - timedelta(days=28), NOW)
    await book.put(
        [a_task(n, rng, id=f"ta_es{n}", language="es", person=bytes([n]), why_not="") for n in range(1, 4)]
    )
    await roll_up(tallies, tenant=TENANT, now=NOW)
    parted = await measured(sources, "completion", span, ("language",))
    assert {row.key["language"]: row.withheld for row in parted.rows} == {"de": False, "en": False, "es": True}
    assert parted.total is None
    assert next(row for row in parted.rows if row.withheld).numbers == ()


async def test_answers_of_a_model_without_a_price_are_counted_and_save_what_priced_ones_cost(
    database: Database, sources: Sources, tmp_path: Path
) -> None:
    made = {"cache": "none", "citations": 1}
    priced = [shown(n, topic="priced", props=made) for n in range(1, 4)]
    unpriced = [shown(n, topic="free", cost=None, props=made) for n in range(7, 10)]
    kept = [shown(13, topic="free", cost=None, props={"cache": "exact", "citations": 1})]
    await PostgresEvents(database, spool=tmp_path / "spool").append([*priced, *unpriced, *kept])
    await roll_up(PostgresTallies(database=database), tenant=TENANT, now=NOW)
    cache = numbers(await measured(sources, "cache", sources.span(NOW - timedelta(days=28), NOW)))
    assert (cache["hits"].k, cache["hits"].n) == (1, 7)
    assert cache["saved"].value == pytest.approx(0.01)
