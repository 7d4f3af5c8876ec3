"""Runs: following, resuming, stopping, idempotency and forgetting."""

from __future__ import annotations

import asyncio

import pytest

from answerable.api import runs as module
from answerable.api.access import Caller
from answerable.api.admission import Admission, AdmissionLimits
from answerable.api.problems import ProblemError
from answerable.api.runs import Runs, Wish
from answerable.core.answer import Answer
from answerable.core.deadline import Deadline
from answerable.core.errors import Overloaded
from answerable.core.events import Accepted, Done, Stage
from answerable.core.outcome import Outcome
from answerable.core.query import Principal

ANN = Caller(tenant="t", principal=Principal(id="ann"), token_id="tok_1")
LESS = Caller(tenant="t", principal=Principal(id="ann", groups=()), token_id="tok_1")
BOB = Caller(tenant="t", principal=Principal(id="bob"), token_id="tok_2")


def wish(seconds: float = 5.0, **changes) -> Wish:
    return Wish(deadline=Deadline.after(seconds), **changes)


def answering(answer_id: str = "an_1"):
    async def work(listen, waited_s: float) -> None:
        await listen(Accepted(id=answer_id, trace_id="tr_1", deadline_ms=1000))
        await asyncio.sleep(0)
        await listen(Stage(name="retrieving"))
        answer = Answer(id=answer_id, trace_id="tr_1", text="x", outcome=Outcome.ABSTAINED)
        await listen(Done(answer=answer))

    return work


async def endless(listen, waited_s: float) -> None:
    await listen(Accepted(id="an_1", trace_id="tr_1", deadline_ms=1000))
    await asyncio.Event().wait()


def new(resume_s: float = 0.0, **limits) -> Runs:
    return Runs(admission=Admission(AdmissionLimits(**limits)), resume_s=resume_s, aftermath_s=0.0)


async def names(run, after: int = 0) -> list[str]:
    return [frame.event async for frame in run.follow(after)]


async def test_two_readers_get_the_same_frames_and_a_late_one_too() -> None:
    run = new().start(ANN, answering(), wish())
    both = await asyncio.gather(names(run), names(run))
    assert both[0] == both[1] == await names(run) == ["accepted", "stage", "done"]
    assert await names(run, after=2) == ["done"]
    assert await names(run, after=99) == []


async def test_a_run_belongs_to_its_person_with_the_same_groups() -> None:
    runs = new()
    run = runs.start(ANN, answering(), wish())
    await run.result()
    assert runs.own("an_1", ANN) is run
    assert [runs.own("an_1", other) for other in (BOB, LESS)] == [None, None]


async def test_work_past_its_time_is_a_deadline() -> None:
    run = new().start(ANN, endless, wish(0.01))
    with pytest.raises(ProblemError) as raised:
        await run.result()
    assert raised.value.code == "deadline"
    assert await names(run) == ["accepted", "error"]


async def test_the_last_reader_to_leave_stops_the_work() -> None:
    runs = new()
    run = runs.start(ANN, endless, wish())
    runs.join(run)
    runs.join(run)
    runs.leave(run)
    await asyncio.sleep(0.01)
    assert run.finished_at is None
    runs.leave(run)
    await asyncio.sleep(0.01)
    assert run.problem.code == "cancelled"


async def test_whoever_comes_back_in_time_keeps_the_work_going() -> None:
    runs = new(resume_s=0.05)
    run = runs.start(ANN, endless, wish(resumes=True))
    runs.join(run)
    await run.begun()
    runs.leave(run)
    runs.join(run)
    await asyncio.sleep(0.1)
    assert run.finished_at is None
    await runs.close()
    assert run.finished_at is not None


async def test_a_key_gives_the_same_run_and_a_failed_one_may_be_tried_again() -> None:
    runs = new()
    first = runs.start(ANN, endless, wish(key="k", body_sha256="b"))
    assert runs.start(ANN, endless, wish(key="k", body_sha256="b")) is first
    with pytest.raises(ProblemError, match="another body"):
        runs.start(ANN, endless, wish(key="k", body_sha256="c"))
    runs.stop(first)
    again = runs.start(ANN, endless, wish(key="k", body_sha256="b"))  # while the first is still being stopped
    assert again is not first
    await asyncio.sleep(0.01)
    assert runs.start(ANN, endless, wish(key="k", body_sha256="b")) is again
    await runs.close()


async def test_whoever_leaves_again_has_all_the_time_to_come_back_once_more(monkeypatch) -> None:
    timers = []
    runs = new(resume_s=3.0)
    run = runs.start(ANN, endless, wish(resumes=True))
    runs.join(run)
    await run.begun()
    loop = asyncio.get_running_loop()
    with monkeypatch.context() as patch:
        patch.setattr(loop, "call_later", lambda _, done, *given: timers.append((done, given)))
        for _ in range(2):
            runs.leave(run)
            runs.join(run)
        runs.leave(run)
    for (done, given), ended in zip(timers, (False, False, True), strict=True):
        done(*given)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (run.finished_at is not None) is ended


@pytest.mark.parametrize("resumes", [False, True])
async def test_who_did_not_say_that_it_resumes_or_has_nothing_to_resume_is_stopped_at_once(resumes: bool) -> None:
    runs = new(resume_s=60)
    run = runs.start(ANN, endless, wish(resumes=resumes))
    runs.join(run)
    if not resumes:
        await run.begun()
    runs.leave(run)
    await asyncio.sleep(0.01)
    assert run.finished_at is not None
    assert runs.admission.snapshot().under_way == 0


async def test_over_the_limit_there_is_no_room_until_one_ends() -> None:
    runs = new(concurrent=1, queue=0)
    run = runs.start(ANN, answering(), wish())
    with pytest.raises(Overloaded):
        runs.start(BOB, answering(), wish())
    await run.result()
    await asyncio.sleep(0)
    assert await runs.start(BOB, answering("an_2"), wish()).result()


async def test_whoever_leaves_the_queue_frees_its_place_and_who_waits_too_long_is_told_so() -> None:
    runs = new(concurrent=1, queue=2, queue_s=0.05)
    first = runs.start(ANN, endless, wish())
    left, late = (runs.start(BOB, answering(), wish()) for _ in range(2))
    runs.stop(left)
    with pytest.raises(ProblemError) as raised:
        await late.begun()
    assert raised.value.code in ("busy", "own_share")
    assert raised.value.headers["Retry-After"] == "1"
    assert runs.admission.snapshot().waiting == 0
    runs.stop(first)
    await asyncio.sleep(0.01)
    assert runs.admission.snapshot().under_way == 0


async def test_old_and_surplus_runs_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = new()
    monkeypatch.setattr(module, "KEEP", 2)
    for place in range(4):
        await runs.start(ANN, answering(f"an_{place}"), wish()).result()
        await asyncio.sleep(0)
    assert [place for place in range(4) if runs.own(f"an_{place}", ANN)] == [2, 3]
    monkeypatch.setattr(module, "KEEP_S", -1.0)
    assert runs.own("an_3", ANN) is None
