"""A judge: retried once, remembered, capped, and unmeasured rather than wrong."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from answerable.adapters.fakes.judgments import MemoryJudgments
from answerable.core.answer import Answer, Citation
from answerable.core.errors import DatabaseUnreachable, TransientModelError
from answerable.core.evaluation import Answered, EvalCase, Status
from answerable.core.outcome import Outcome
from answerable.evals.judges.budget import Budget
from answerable.evals.judges.interview import MAX_CHARS
from tests.unit.evals.judges.bench import GROUNDED, MATERIAL, judge, says

CASE = EvalCase(id="a", question="Within how many days?")
ANSWER = Answer(
    id="an_1",
    trace_id="tr_1",
    text="Within 14 days [1].",
    outcome=Outcome.ANSWERED,
    citations=(
        Citation(n=1, chunk_id="ch_1", document_id="doc_1", quote="14 days.", start=0, end=8, title="Returns"),
    ),
)


@pytest.mark.parametrize(("verdict", "value"), [("YES", 1.0), ("NO", 0.0), (" yes ", 1.0)])
async def test_a_verdict_is_a_score_with_its_reason_and_its_judge(verdict: str, value: float) -> None:
    one, llm = judge(says(verdict, why="14 is 14.", evidence=["14 days", "made up"]))
    score = await one.score(CASE, ANSWER)
    assert (score.name, score.value, score.passed, score.reason) == ("judge:grounded", value, None, "14 is 14.")
    assert score.detail["judge"] == one.identity.digest
    assert score.detail["evidence"] == [{"quote": "14 days", "found": True}, {"quote": "made up", "found": False}]
    assert llm.calls[0].temperature == 0.0
    assert GROUNDED.text in llm.calls[0].system


async def test_unsure_is_unmeasured() -> None:
    one, _ = judge(says("UNSURE", why="cut off"))
    score = await one.score(CASE, ANSWER)
    assert (score.status, score.value) == (Status.ERROR, None)
    assert score.reason == "unmeasured: unsure: cut off"


async def test_invalid_output_is_asked_for_once_more_with_another_token() -> None:
    one, llm = judge("I think YES.", says("NO"))
    said = await one.judge(MATERIAL)
    assert (said.verdict, len(llm.calls)) == (Answered.NO, 2)
    assert llm.calls[0].user != llm.calls[1].user
    assert said.cost == one.interviewer.budget.spent > 0


async def test_output_that_stays_invalid_is_unmeasured_and_never_remembered() -> None:
    cut_off = replace(says("YES"), finish="length")
    one, llm = judge("YES", cut_off, says("MAYBE"), "NO", says("YES"))
    assert (await one.judge(MATERIAL)).error == "no valid reply in 2 attempts"
    assert (await one.judge(MATERIAL)).verdict is None
    assert (await one.judge(MATERIAL)).verdict is Answered.YES
    assert len(llm.calls) == 5


async def test_a_model_or_a_memory_that_fails_leaves_the_answer_unmeasured() -> None:
    one, _ = judge(TransientModelError("the judge is down"))
    assert (await one.score(CASE, ANSWER)).reason == "unmeasured: the judge is down"

    class Gone(MemoryJudgments):
        async def get(self, **_: object) -> dict[str, object]:  # type: ignore[override]
            raise DatabaseUnreachable("no database")

    one, llm = judge(says("YES"), judgments=Gone())
    assert (await one.score(CASE, ANSWER)).reason == "unmeasured: no database"
    assert not llm.calls


async def test_what_was_judged_before_is_not_paid_for_again() -> None:
    judgments = MemoryJudgments()
    first, _ = judge(says("NO", why="45."), judgments=judgments)
    again, silent = judge(says("YES"), judgments=judgments)
    said = await first.judge(MATERIAL)
    unseen = replace(MATERIAL, answer=f"\u200b{MATERIAL.answer} ")
    for material in (MATERIAL, unseen):
        known = await again.judge(material)
        assert (known.verdict, known.why, known.cost, known.remembered) == (said.verdict, said.why, 0, True)
    assert not silent.calls


async def test_everything_that_decides_a_verdict_is_in_its_key() -> None:
    judgments = MemoryJudgments()
    one, llm = judge(says("NO"), judgments=judgments)
    await one.judge(MATERIAL)
    for other in (
        judge(says("YES"), judgments=judgments, model="openai-compatible http://judge judge-2"),
        judge(says("YES"), judgments=judgments, model="openai-compatible http://other judge-1"),
        judge(says("YES"), judgments=judgments, criterion=replace(GROUNDED, sha256="0" * 64)),
    ):
        assert (await other[0].judge(MATERIAL)).verdict is Answered.YES
    for changed in (
        replace(MATERIAL, answer="Within 15 days [1]."),
        replace(MATERIAL, question="Within how many weeks?"),
        replace(MATERIAL, context=(replace(MATERIAL.context[0], text="15 days."),)),
    ):
        await one.judge(changed)
    await one.again(1).judge(MATERIAL)
    await one.again(1).judge(MATERIAL)
    assert len(llm.calls) == 1 + 3 + 1


async def test_the_same_answer_twice_at_once_is_paid_for_once() -> None:
    one, llm = judge(says("YES"))
    said = await asyncio.gather(*(one.judge(MATERIAL) for _ in range(5)))
    assert len(llm.calls) == 1
    assert sum(not each.remembered for each in said) == 1


async def test_judging_stops_before_the_budget_is_passed() -> None:
    budget = Budget(cap=Decimal("0.025"))  # a call is estimated at 0.01
    answered = asyncio.Event()
    one, llm = judge(replace(says("YES"), hold=answered), budget=budget)
    materials = [replace(MATERIAL, answer=f"{n} [1].") for n in range(4)]
    asked = [asyncio.create_task(one.judge(material)) for material in materials]
    while sum(task.done() for task in asked) < 2:
        await asyncio.sleep(0)
    answered.set()
    said = await asyncio.gather(*asked)
    assert [each.error for each in said].count("the budget for judges is spent") == 2
    assert len(llm.calls) == 2
    assert budget.held == 0
    assert Decimal(0) < budget.spent < budget.cap


async def test_a_model_without_a_price_costs_an_unknown_amount() -> None:
    one, _ = judge(says("YES"), priced=False)
    score = await one.score(CASE, ANSWER)
    assert score.detail["cost"] is None
    assert one.interviewer.budget.unpriced == 1


async def test_a_criterion_that_does_not_apply_is_not_asked() -> None:
    one, llm = judge(says("YES"))
    for answer in (replace(ANSWER, outcome=Outcome.ABSTAINED), replace(ANSWER, citations=())):
        assert (await one.score(CASE, answer)).status is Status.NOT_APPLICABLE
    compared, _ = judge(says("YES"), criterion=replace(GROUNDED, shows=("answer", "reference")))
    assert (await compared.score(CASE, ANSWER)).reason == "the case has no reference"
    assert not llm.calls


async def test_an_answer_too_long_to_read_whole_is_unmeasured() -> None:
    one, llm = judge(says("YES"))
    said = await one.judge(replace(MATERIAL, answer="x" * MAX_CHARS))
    assert "longer than the 60,000 characters" in said.error
    assert not llm.calls
