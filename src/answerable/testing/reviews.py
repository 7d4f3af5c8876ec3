"""The contract of the Reviews port: subclass it, give `journal` and `reviews`, and every test here must pass."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from answerable.core.answer import Withheld
from answerable.core.errors import NotFound
from answerable.core.evaluation import Answered
from answerable.core.outcome import Outcome
from answerable.core.ports import Feedback, Journal, Reviews
from answerable.core.review import Batch, Draw, Item, Reading, Role
from answerable.core.trace import Step
from answerable.testing.journal import ANN, NOON, make_answer, make_query, make_trace

HOUR_S = 3600.0


def make_batch(week: int = 47, *, tenant: str = "acme", **changes: Any) -> Batch:
    """A batch of one week of 2026."""
    starts = datetime(2026, 11, 16, tzinfo=UTC) + timedelta(weeks=week - 47)
    batch = Batch(
        tenant=tenant,
        id=f"2026-W{week:02d}",
        starts=starts,
        ends=starts + timedelta(days=7),
        due=starts + timedelta(days=9),
        seed=7,
        population=200,
        draws=(Draw(stratum="random", size=200, drawn=12), Draw(stratum="tail", size=30, drawn=3)),
        criteria=("grounded", "relevant"),
    )
    return replace(batch, **changes)


def make_item(place: int = 0, *, batch: str = "2026-W47", **changes: Any) -> Item:
    """An item of a batch; its id follows from its place."""
    item = Item(
        id=f"ri_{batch[-2:]}_{place:02d}",
        batch=batch,
        answer_id=f"an_{place:04d}",
        trace_id=f"tr_{place:04d}",
        drawn_by=("random",),
        strata=("random", "tail"),
        probability=0.154,
        seats=("ann", "bob"),
        place=place,
        language="de",
        topic="policies/returns.md",
        score=0.8125,
    )
    return replace(item, **changes)


def make_reading(item: str = "ri_47_00", *, tenant: str = "acme", reader: str = "ann", **changes: Any) -> Reading:
    """What somebody said of an item."""
    verdicts = {"grounded": Answered.YES, "relevant": Answered.UNSURE}
    reading = Reading(
        tenant=tenant,
        item=item,
        reader=reader,
        verdicts=verdicts,
        reason="page 3 says so",
        severity="S2",
        correction="Two years.",
        comment="ask legal",
        seconds=41.5,
    )
    return replace(reading, **changes)


async def planned(reviews: Reviews, *, items: int = 3, week: int = 47, tenant: str = "acme") -> list[Item]:
    """A batch with its items, kept."""
    batch = make_batch(week, tenant=tenant)
    made = [make_item(place, batch=batch.id) for place in range(items)]
    await reviews.plan(batch, made)
    return made


class ReviewsContract:
    """What every Reviews keeps. The journal must be open, and the reviews must see what it holds."""

    @pytest.fixture
    def journal(self) -> Journal:
        """The journal whose answers are reviewed."""
        raise NotImplementedError("the subclass gives the journal")

    @pytest.fixture
    def reviews(self, journal: Journal) -> Reviews:
        """The reviews under test."""
        raise NotImplementedError("the subclass gives the reviews")

    # --- what can be drawn -------------------------------------------------------------------------------------

    async def test_what_was_asked_in_a_span_comes_with_what_tells_whether_to_look(
        self, journal: Journal, reviews: Reviews
    ) -> None:
        trace = make_trace(5)
        judged = {"probability": 0.41, "threshold": 0.3}
        trace.steps = [Step(name="answerable", started_ms=1.0, detail=judged), Step(name="x", started_ms=2.0)]
        trace.degraded = ["no_rerank"]
        answer = make_answer(trace, withheld=(Withheld(text="Ten.", reason="number"),), language="de")
        journal.write(trace, make_query(conversation="cv_1"), answer, None)
        await journal.flush()
        for value in ("up", "down"):
            said = Feedback(answer_id=answer.id, value=value)
            await journal.feedback(tenant="acme", principal=ANN, feedback=said)
        (found,) = await reviews.asked(tenant="acme", since=NOON, until=NOON + timedelta(hours=1))
        assert json.loads(json.dumps(found)) == found
        assert datetime.fromisoformat(found.pop("started_at")) == trace.started_at
        assert found.pop("answer")["text"] == answer.text
        assert found == {
            "id": trace.id,
            "outcome": "answered",
            "answer_id": answer.id,
            "principal": "ann",
            "conversation": "cv_1",
            "question": "How long is the warranty?",
            "language": "de",
            "degraded": ["no_rerank"],
            "withheld": [{"text": "Ten.", "reason": "number", "citations": []}],
            "answerable": judged,
            "feedback": "down",
        }

    async def test_a_span_has_its_beginning_and_not_its_end_and_the_oldest_first(
        self, journal: Journal, reviews: Reviews
    ) -> None:
        for number, tenant in ((3, "acme"), (1, "acme"), (2, "acme"), (4, "acme"), (2, "other")):
            trace = make_trace(number, tenant=tenant)
            journal.write(trace, make_query(tenant=tenant), make_answer(trace), None)
        await journal.flush()
        since, until = NOON + timedelta(minutes=1), NOON + timedelta(minutes=4)
        found = await reviews.asked(tenant="acme", since=since, until=until)
        assert [one["id"] for one in found] == ["tr_0001", "tr_0002", "tr_0003"]
        assert {(one["answerable"], one["feedback"]) for one in found} == {(None, None)}

    async def test_the_scores_are_those_of_the_newest_answers(self, journal: Journal, reviews: Reviews) -> None:
        outcomes = [Outcome.ANSWERED, Outcome.PARTIAL, Outcome.ABSTAINED, Outcome.CONFLICT]
        for number, outcome in enumerate(outcomes):
            trace = make_trace(number)
            trace.steps = [Step(name="answerable", started_ms=1.0, detail={"probability": number / 10})]
            journal.write(trace, make_query(), make_answer(trace, outcome=outcome, language="es"), None)
        await journal.flush()
        found = await reviews.scores(tenant="acme", since=NOON + timedelta(seconds=1), limit=10)
        assert found == [(0.3, "es"), (0.1, "es")]
        assert await reviews.scores(tenant="acme", since=NOON, limit=1) == [(0.3, "es")]
        assert await reviews.scores(tenant="other", since=NOON, limit=10) == []

    # --- batches -------------------------------------------------------------------------------------------------

    async def test_a_batch_comes_back_whole(self, reviews: Reviews) -> None:
        kept = await reviews.plan(make_batch(), items := [make_item(1, score=None, seats=("", "é")), make_item(0)])
        assert kept.created_at is not None
        assert replace(kept, created_at=None) == make_batch()
        assert await reviews.batches(tenant="acme") == [kept]
        assert await reviews.items(tenant="acme", batch="2026-W47") == [items[1], items[0]]

    async def test_the_same_period_again_changes_nothing(self, reviews: Reviews) -> None:
        first = await reviews.plan(make_batch(), [make_item(0)])
        again = await reviews.plan(make_batch(seed=8, population=1), [make_item(1), make_item(2)])
        assert again == first
        assert await reviews.items(tenant="acme") == [make_item(0)]

    async def test_batches_and_items_are_newest_first_and_in_order_of_place(self, reviews: Reviews) -> None:
        for week in (46, 48, 47):
            await planned(reviews, week=week, items=2)
        assert [one.id for one in await reviews.batches(tenant="acme")] == ["2026-W48", "2026-W47", "2026-W46"]
        found = [(one.batch, one.place) for one in await reviews.items(tenant="acme")]
        assert found == [(f"2026-W{week}", place) for week in (48, 47, 46) for place in (0, 1)]

    # --- holding -------------------------------------------------------------------------------------------------

    async def test_an_item_is_open_for_as_many_as_it_has_seats(self, reviews: Reviews) -> None:
        await planned(reviews)

        async def opens(reader: str, seats: int = 2, role: Role = Role.READER) -> bool:
            return await reviews.hold(
                tenant="acme", item="ri_47_00", reader=reader, role=role, seats=seats, seconds=HOUR_S
            )

        assert [await opens(reader) for reader in ("ann", "bob", "cid", "ann")] == [True, True, False, True]
        assert await opens("dan", seats=1, role=Role.ADJUDICATOR)
        assert not await opens("eve", seats=1, role=Role.ADJUDICATOR)
        await reviews.release(tenant="acme", item="ri_47_00", reader="bob")
        assert await opens("cid")

    async def test_of_many_at_once_one_gets_the_last_seat(self, reviews: Reviews) -> None:
        await planned(reviews)
        opened = await asyncio.gather(
            *(
                reviews.hold(
                    tenant="acme", item="ri_47_01", reader=f"r{n}", role=Role.READER, seats=1, seconds=HOUR_S
                )
                for n in range(6)
            )
        )
        assert sorted(opened) == [False] * 5 + [True]

    async def test_a_hold_ends_by_itself(self, reviews: Reviews) -> None:
        await planned(reviews)
        for reader, seconds in (("ann", 0.0), ("bob", HOUR_S)):
            assert await reviews.hold(
                tenant="acme", item="ri_47_00", reader=reader, role=Role.READER, seats=1, seconds=seconds
            )
        (held,) = await reviews.holds(tenant="acme")
        assert (held.item, held.reader, held.role) == ("ri_47_00", "bob", Role.READER)
        assert (held.until - held.since).total_seconds() == pytest.approx(HOUR_S, abs=1)
        assert await reviews.holds(tenant="other") == []

    async def test_who_goes_on_holding_keeps_the_moment_of_opening(self, reviews: Reviews) -> None:
        await planned(reviews)
        found = []
        for _ in range(2):
            await reviews.hold(
                tenant="acme", item="ri_47_00", reader="ann", role=Role.READER, seats=1, seconds=HOUR_S
            )
            found += await reviews.holds(tenant="acme")
        assert found[0].since == found[1].since
        assert found[0].until <= found[1].until

    @pytest.mark.parametrize(("tenant", "item"), [("acme", "ri_none"), ("other", "ri_47_00")])
    async def test_what_is_not_there_is_neither_opened_nor_read(
        self, reviews: Reviews, tenant: str, item: str
    ) -> None:
        await planned(reviews)
        with pytest.raises(NotFound):
            await reviews.hold(tenant=tenant, item=item, reader="ann", role=Role.READER, seats=1, seconds=1.0)
        with pytest.raises(NotFound):
            await reviews.record(make_reading(item, tenant=tenant))

    # --- readings ------------------------------------------------------------------------------------------------

    async def test_what_was_said_comes_back_as_it_was_said(self, reviews: Reviews) -> None:
        await planned(reviews)
        kept = await reviews.record(make_reading(comment="é “x” {y}"))
        assert replace(kept, number=0, at=None) == make_reading(comment="é “x” {y}")
        assert kept.at is not None
        assert await reviews.readings(tenant="acme") == [kept]

    async def test_a_second_word_does_not_wipe_out_the_first(self, reviews: Reviews) -> None:
        await planned(reviews)
        said = [
            make_reading(),
            make_reading(verdicts={"grounded": Answered.NO}, seconds=None),
            Reading(tenant="acme", item="ri_47_00", reader="ann", withdrawn=True),
            make_reading(reader="dan", role=Role.ADJUDICATOR),
        ]
        kept = [await reviews.record(one) for one in said]
        assert [one.number for one in kept] == sorted({one.number for one in kept})
        assert await reviews.readings(tenant="acme") == kept
        assert [replace(one, number=0, at=None) for one in kept] == said

    async def test_a_reading_closes_the_item_and_keeps_its_seat_until_it_is_withdrawn(
        self, reviews: Reviews
    ) -> None:
        await planned(reviews)

        async def opens(reader: str) -> bool:
            return await reviews.hold(
                tenant="acme", item="ri_47_00", reader=reader, role=Role.READER, seats=1, seconds=HOUR_S
            )

        assert await opens("ann")
        await reviews.record(make_reading())
        assert await reviews.holds(tenant="acme") == []
        assert not await opens("bob")
        assert await opens("ann")  # to amend it
        await reviews.record(make_reading(withdrawn=True))
        assert await opens("bob")

    async def test_readings_are_of_one_batch_where_one_is_asked_for(self, reviews: Reviews) -> None:
        for week in (46, 47):
            await planned(reviews, week=week)
        kept = [await reviews.record(make_reading(f"ri_{week}_00")) for week in (47, 46)]
        assert await reviews.readings(tenant="acme", batch="2026-W46") == [kept[1]]
        assert await reviews.readings(tenant="acme") == kept

    async def test_another_tenants_review_is_not_there(self, reviews: Reviews) -> None:
        await planned(reviews, tenant="other")
        await reviews.record(make_reading(tenant="other"))
        for found in (
            await reviews.batches(tenant="acme"),
            await reviews.items(tenant="acme"),
            await reviews.readings(tenant="acme"),
        ):
            assert found == []
        await planned(reviews)  # the same ids in another tenant
        assert len(await reviews.items(tenant="acme")) == 3
