"""A review from the draw to the labels, with fakes: blind, held, amended, taken back, decided, late."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from answerable.adapters.fakes.journal import MemoryJournal
from answerable.adapters.fakes.reviews import MemoryReviews
from answerable.answer.record import answer_record
from answerable.app.drawing import pick_period, plan_batch, undrawn
from answerable.app.review_statistics import export_reviews, review_statistics, what_is_late
from answerable.app.reviewing import Desk, Said
from answerable.config.quality import ReviewSection
from answerable.core.answer import Citation
from answerable.core.errors import ConfigError, NotFound
from answerable.core.evaluation import Answered
from answerable.core.outcome import Outcome
from answerable.core.review import Role
from answerable.core.trace import Step
from answerable.evals.items import read_items
from answerable.evals.judges.criteria import load_criteria
from answerable.evals.labels import read_labels
from answerable.testing.journal import make_answer, make_query, make_trace

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)  # the Tuesday after the week of the answers
YES, NO, UNSURE = Answered
NEEDED = ("grounded", "relevant", "complete", "safe")


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def desk(clock):
    """Six answers and an abstention of the week before; ann and bob read, all of it twice."""
    journal = MemoryJournal(answer_record)
    for number in range(7):
        trace = make_trace(number)
        trace.steps = [Step(name="answerable", started_ms=1.0, detail={"probability": 0.8, "threshold": 0.3})]
        quote = Citation(
            n=1, chunk_id="c", document_id="d", quote="Two years.", start=0, end=10, title="Warranty", uri="=a.md"
        )
        answer = make_answer(trace, citations=(quote,), model="main/secret-model")
        if number == 6:
            answer = replace(answer, outcome=Outcome.ABSTAINED, citations=())
        journal.write(trace, make_query(text=f"Question {number}?"), answer, None)
    section = ReviewSection(reviewers=("ann", "bob"), overlap=1.0, seed=3)
    return Desk(
        reviews=MemoryReviews(journal, clock=clock),
        journal=journal,
        section=section,
        criteria=load_criteria(),
        tenant="acme",
        clock=clock,
    )


def said(sheet, answer=YES, **changes):
    return Said(**{"verdicts": {one.id: answer for one in sheet.criteria}, "reason": "so it is", **changes})


async def read_all(desk, reader, answer=YES):
    """Read everything that is open for somebody."""
    seen = []
    while sheet := await desk.open_next(reader):
        await desk.record(sheet.item.id, reader, said(sheet, answer))
        seen.append(sheet)
    return seen


@pytest.fixture
async def batch(desk):
    return await plan_batch(desk, pick_period(desk))


async def test_the_last_week_is_drawn_once_and_covers_what_criteria_apply_to(desk, batch):
    assert (batch.id, batch.population, batch.criteria[-1]) == ("2026-W47", 7, "rightly-declined")
    assert batch.due == datetime(2026, 11, 25, tzinfo=UTC)
    assert await plan_batch(desk, pick_period(desk, "2026-W47")) == batch
    items = await desk.reviews.items(tenant="acme")
    assert len(items) == 7
    assert {one.score for one in items} == {0.8}
    assert {one.seats for one in items} <= {("ann", "bob"), ("bob", "ann")}


async def test_a_running_week_is_only_drawn_by_who_says_so(desk, clock):
    clock.now = datetime(2026, 11, 22, 12, 3, 30, tzinfo=UTC)
    with pytest.raises(ConfigError, match="is not over"):
        await plan_batch(desk, pick_period(desk, running=True))
    early = await plan_batch(desk, pick_period(desk, running=True), early=True)
    assert (early.population, early.ends) == (4, clock.now)


async def test_what_is_shown_is_blind_and_asks_what_applies(desk, batch):
    sheets = await read_all(desk, "ann")
    assert len(sheets) == 7
    assert sheets[0].left == 6
    assert {tuple(one.id for one in sheet.criteria) for sheet in sheets} == {NEEDED, ("rightly-declined",)}
    assert all(one.reasons == () for one in sheets)
    assert await desk.open_next("ann") is None


async def test_an_item_is_held_for_who_opened_it_and_comes_back_to_them(desk, batch):
    one = replace(desk, section=desk.section.model_copy(update={"reviewers": ()}))
    first = await one.open_next("ann")
    assert (await one.open_next("ann")).item == first.item
    assert len(await one.reviews.holds(tenant="acme")) == 1


async def test_the_time_from_opening_is_kept_and_what_was_never_opened_is_unmeasured(desk, batch, clock):
    sheet = await desk.open_next("ann")
    clock.now += timedelta(seconds=40)
    kept = await desk.record(sheet.item.id, "ann", said(sheet))
    again = await desk.record(sheet.item.id, "ann", said(sheet, NO))
    assert (kept.seconds, again.seconds) == (40.0, None)
    files = [one for one in await desk.files() if one.item == sheet.item]
    assert files[0].said(sheet.criteria[0].id) == {"ann": NO}
    assert len(await desk.reviews.readings(tenant="acme")) == 2


async def test_taking_back_reopens_the_item_and_forgets_nothing(desk, batch):
    await read_all(desk, "ann")
    taken = await desk.undo("ann")
    assert taken.withdrawn
    assert (await desk.open_next("ann")).item.id == taken.item
    assert len(await desk.reviews.readings(tenant="acme")) == 8
    with pytest.raises(NotFound):
        await desk.undo("bob")


async def test_where_two_differ_a_third_decides_and_that_is_what_counts(desk, batch):
    sheets = await read_all(desk, "ann")
    await read_all(desk, "bob", NO)
    for reader in ("ann", "bob"):
        assert await desk.open_next(reader, role=Role.ADJUDICATOR) is None
    before = (await review_statistics(desk)).rates[0]
    assert (before.measured, before.open) == (0, 6)
    sheet = await desk.open_next("lead", role=Role.ADJUDICATOR)
    assert sheet.reasons == ("so it is", "so it is")
    with pytest.raises(ConfigError, match="one of its readers"):
        await desk.record(sheet.item.id, "ann", said(sheet), role=Role.ADJUDICATOR)
    while sheet:
        await desk.record(sheet.item.id, "lead", said(sheet, YES), role=Role.ADJUDICATOR)
        sheet = await desk.open_next("lead", role=Role.ADJUDICATOR)
    found = await review_statistics(desk)
    assert {(one.yes, one.measured, one.open) for one in found.rates} == {(6, 6, 0), (1, 1, 0)}
    assert found.decided == len(sheets)
    assert found.progress[0].done
    assert found.agreements[0].agreed.value == 0.0


@pytest.mark.parametrize(
    ("reader", "changes", "cause"),
    [
        ("eve", {}, "not among the reviewers"),
        ("ann", {"verdicts": {"grounded": YES}}, "is not answered"),
        ("ann", {"verdicts": dict.fromkeys((*NEEDED, "rightly-declined"), YES)}, "is not asked"),
        ("ann", {"verdicts": dict.fromkeys(NEEDED, NO), "reason": " "}, "want a reason"),
        ("ann", {"severity": "S1", "reason": ""}, "want a reason"),
        ("ann", {"severity": "S9"}, "no severity"),
    ],
)
async def test_what_does_not_fit_is_refused_and_nothing_is_kept(desk, batch, reader, changes, cause):
    item = next(one for one in await desk.reviews.items(tenant="acme") if one.outcome == "answered")
    whole = {"verdicts": dict.fromkeys(NEEDED, YES), "reason": "so it is"}
    with pytest.raises(ConfigError, match=cause):
        await desk.record(item.id, reader, Said(**{**whole, **changes}))
    assert await desk.reviews.readings(tenant="acme") == []


async def test_an_item_with_two_readings_has_no_room_for_a_third(desk, batch):
    free = replace(desk, section=desk.section.model_copy(update={"reviewers": ()}))
    for reader in ("ann", "bob"):
        await read_all(desk, reader)
    item = (await desk.reviews.items(tenant="acme"))[0]
    file = await free._file(item.id)
    with pytest.raises(ConfigError, match="is for "):
        await free.record(
            item.id, "cid", Said(verdicts=dict.fromkeys([c.id for c in free.asked_of(file, Role.READER)], YES))
        )


async def test_an_answer_that_is_gone_is_passed_over(desk, batch):
    class Gone(MemoryJournal):
        async def trace(self, *, tenant, reference):
            raise NotFound(reference)

    empty = replace(desk, journal=Gone())
    assert await empty.open_next("ann") is None
    assert await desk.reviews.holds(tenant="acme") == []


async def test_late_is_what_was_not_drawn_and_what_was_not_read(desk, clock):
    assert (await undrawn(desk)).id == "2026-W47"
    assert await what_is_late(desk) == ["2026-W47 is over and was not drawn"]
    await plan_batch(desk, pick_period(desk))
    assert await what_is_late(desk) == []
    clock.now = datetime(2026, 11, 25, 0, 1, tzinfo=UTC)
    await read_all(desk, "ann")
    assert await what_is_late(desk) == ["2026-W47 is overdue since 2026-11-25: 7 of 14 readings"]
    await read_all(desk, "bob")
    assert await what_is_late(desk) == []


async def test_what_is_exported_can_be_read_back_and_says_who_decided(desk, batch, tmp_path):
    await read_all(desk, "ann")
    await read_all(desk, "bob", UNSURE)
    sheet = await desk.open_next("lead", role=Role.ADJUDICATOR)
    await desk.record(sheet.item.id, "lead", said(sheet, NO), role=Role.ADJUDICATOR)
    done = await export_reviews(desk, tmp_path)
    labels, items = read_labels(done.files[0]), read_items(done.files[1])
    assert (len(labels), len(items)) == (done.labels, 7)
    assert {one.rater for one in labels} == {"ann", "bob", "adjudicator:lead"}
    assert {one.probability for one in labels} == {1.0}
    assert {one.item for one in labels} == {one.item for one in items}
    assert items[0].context[0].text == "Two years." or items[0].outcome is Outcome.ABSTAINED
    table = done.files[2].read_text("utf-8").splitlines()
    assert len(table) == 1 + done.labels
    assert any(",'=a.md," in line for line in table)  # a page's name is whatever its writer called it
    assert not any(",=" in line for line in table)
