"""Every case is asked, every row is kept, and nothing is asked twice."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from answerable.adapters.fakes.runs import MemoryRuns
from answerable.core.completion import Usage
from answerable.core.errors import DatabaseUnreachable
from answerable.core.evaluation import Row, Score, Status
from answerable.evals.runs.progress import Progress
from answerable.evals.runs.runner import Runner
from tests.unit.evals.runs.making import (
    Breaks,
    FakeTarget,
    Says,
    answer,
    case,
    failing_on,
    passage,
    plan,
    record,
    run_of,
)

CASES = tuple(case(name) for name in "abcdef")


def runner(target: FakeTarget, runs: MemoryRuns, **changes: object) -> Runner:
    return Runner(target=target, runs=runs, record=record, **{"metrics": (Says(),), **changes})  # type: ignore[arg-type]


async def test_every_case_is_asked_once_for_each_repeat_and_the_run_is_finished():
    target, runs = FakeTarget(), MemoryRuns()
    seen: list[Progress] = []
    asked = plan(*CASES, repeats=3)
    finished = await runner(target, runs, observe=seen.append).run(run_of(asked), asked)
    assert sorted(target.asked) == sorted("abcdef" * 3)
    assert [(row.case, row.repeat) for row in finished.rows] == [(c, n) for c in "abcdef" for n in range(3)]
    assert len({row.key for row in finished.rows}) == 18
    assert finished.run.finished_at is not None
    assert (finished.asked, finished.cached, finished.stopped) == (18, 0, "")
    assert (seen[0].done, seen[-1].done, seen[-1].total) == (0, 18, 18)


async def test_a_row_holds_the_answer_its_passages_what_was_withheld_and_the_case():
    asked = plan(case("a", cites=("returns.md#limits",)))
    finished = await runner(FakeTarget(), MemoryRuns()).run(run_of(asked), asked)
    (row,) = finished.rows
    assert row.passed
    assert row.answer["text"] == "Within 30 days [1]."
    assert row.answer["passages"][0]["uri"] == "returns.md"
    assert row.answer["passages"][0]["section"] == "Limits"
    assert row.answer["withheld"] == [{"text": "A guess.", "reason": "uncited"}]
    assert row.answer["case"]["expect"]["cites"] == ["returns.md#limits"]
    assert row.cost == Decimal("0.01")


@pytest.mark.parametrize("concurrency", [1, 3])
async def test_so_many_cases_are_under_way_at_once_and_no_more(concurrency):
    target = FakeTarget()
    asked = plan(*CASES)
    await runner(target, MemoryRuns(), concurrency=concurrency).run(run_of(asked), asked)
    assert target.most == concurrency


async def test_a_case_whose_target_breaks_is_an_unmeasured_row_and_the_others_go_on():
    asked = plan(*CASES)
    finished = await runner(FakeTarget(says=failing_on("b")), MemoryRuns()).run(run_of(asked), asked)
    passed = {row.case: row.passed for row in finished.rows}
    assert passed == {"a": True, "b": None, "c": True, "d": True, "e": True, "f": True}
    broken = next(row for row in finished.rows if row.case == "b")
    assert (broken.error, broken.outcome, broken.scores) == ("b broke (mend it)", "error", ())


async def test_a_metric_that_raises_is_an_error_score_and_the_row_unmeasured():
    asked = plan(case())
    finished = await runner(FakeTarget(), MemoryRuns(), metrics=(Breaks(), Says())).run(run_of(asked), asked)
    (row,) = finished.rows
    assert row.passed is None
    assert row.scores[0].status is Status.ERROR
    assert "by zero" in row.scores[0].reason
    assert row.scores[1].passed


async def test_what_retrieval_found_is_scored_where_the_target_shows_it():
    def rank(case, passages):
        return (Score(name="found", value=float(len(passages))),)

    asked = plan(case())
    shown = await runner(FakeTarget(found=[passage()]), MemoryRuns(), rank=rank).run(run_of(asked), asked)
    assert [one.name for one in shown.rows[0].scores] == ["found", "must"]
    hidden = await runner(FakeTarget(), MemoryRuns(), rank=rank).run(run_of(asked), asked)
    assert [one.name for one in hidden.rows[0].scores] == ["must"]


async def test_a_run_that_was_cut_off_asks_only_what_is_missing():
    runs, asked = MemoryRuns(), plan(*CASES)

    def say(one):
        if one.id == "d":
            raise RuntimeError("killed")
        return answer()

    with pytest.raises(RuntimeError, match="killed"):
        await runner(FakeTarget(says=say), runs, concurrency=1).run(run_of(asked), asked)
    kept = await runs.rows(tenant="acme", run="er_1")
    assert [row.case for row in kept] == ["a", "b", "c"]
    target = FakeTarget()
    finished = await runner(target, runs, use_cache=False).run(run_of(asked), asked)
    assert target.asked == ["d", "e", "f"]
    assert (finished.kept, finished.asked, len(finished.rows)) == (3, 3, 6)
    assert finished.rows[:3] == tuple(kept)


async def test_taking_a_run_up_asks_again_what_broke():
    runs, asked = MemoryRuns(), plan(*CASES[:3])
    await runner(FakeTarget(says=failing_on("b")), runs).run(run_of(asked), asked)
    target = FakeTarget()
    finished = await runner(target, runs).run(run_of(asked), asked)
    assert target.asked == ["b"]
    assert all(row.passed for row in finished.rows)


async def test_equal_keys_come_from_earlier_runs_and_are_marked():
    runs, asked = MemoryRuns(), plan(*CASES[:3])
    first = await runner(FakeTarget(says=failing_on("b")), runs).run(run_of(asked), asked)
    target = FakeTarget()
    second = await runner(target, runs).run(run_of(asked, "er_2"), asked)
    assert target.asked == ["b"]
    assert (second.cached, second.asked, second.spent) == (2, 1, Decimal("0.01"))
    taken = second.rows[0]
    assert taken.answer["cached"] is True
    assert {**taken.answer, "cached": False} == {**first.rows[0].answer, "cached": False}


@pytest.mark.parametrize("part", ["prompts", "models", "parameters", "index", "code", "judge", "criteria"])
async def test_another_fingerprint_is_asked_anew(part):
    runs, before, after = MemoryRuns(), plan(*CASES[:2]), plan(*CASES[:2], **{part: "other"})
    await runner(FakeTarget(), runs).run(run_of(before), before)
    target = FakeTarget()
    await runner(target, runs).run(run_of(after, "er_2"), after)
    assert target.asked == ["a", "b"]


async def test_a_row_of_the_cache_is_filed_under_what_the_case_is_called_now():
    runs, before = MemoryRuns(), plan(case("a", tags=("obvious", "must-pass")))
    await runner(FakeTarget(), runs).run(run_of(before), before)
    after = plan(case("a", tags=("typo",)))
    finished = await runner(FakeTarget(), runs).run(run_of(after, "er_2"), after)
    assert finished.cached == 1
    assert [(row.category, row.tags) for row in finished.rows] == [("typo", ("typo",))]


async def test_without_the_cache_everything_is_asked_anew():
    runs, asked = MemoryRuns(), plan(*CASES[:2])
    await runner(FakeTarget(), runs).run(run_of(asked), asked)
    target = FakeTarget()
    await runner(target, runs, use_cache=False).run(run_of(asked, "er_2"), asked)
    assert target.asked == ["a", "b"]


async def test_degraded_answers_and_broken_judges_are_not_taken_from_the_cache():
    class Unsure:
        name = "judge:safe"

        async def score(self, one, _):
            detail = {"verdict": "UNSURE"} if one.id == "c" else {}
            return Score(name=self.name, status=Status.ERROR, reason="?", detail=detail)

    runs, asked = MemoryRuns(), plan(*CASES[:3])
    busy = FakeTarget(says=lambda one: answer(degraded=("lexical_only",) if one.id == "a" else ()))
    await runner(busy, runs, metrics=(Says(), Unsure())).run(run_of(asked), asked)
    target = FakeTarget()
    await runner(target, runs).run(run_of(asked, "er_2"), asked)
    assert target.asked == ["a", "b"]  # c's judge did say something: that it is unsure


async def test_a_guessed_outcome_is_no_degradation():
    runs, asked = MemoryRuns(), plan(*CASES[:1])
    await runner(FakeTarget(says=lambda _: answer(degraded=("outcome_guessed",))), runs).run(run_of(asked), asked)
    target = FakeTarget()
    await runner(target, runs).run(run_of(asked, "er_2"), asked)
    assert target.asked == []


@pytest.mark.parametrize("concurrency", [1, 2, 6])
async def test_the_budget_ends_a_run_before_it_is_exceeded_and_another_takes_it_up(concurrency):
    runs, asked = MemoryRuns(), plan(*CASES)
    limited = runner(FakeTarget(), runs, max_cost=Decimal("0.035"), concurrency=concurrency)
    stopped = await limited.run(run_of(asked), asked)
    assert stopped.spent == Decimal("0.03")
    assert len(stopped.rows) == 3
    assert stopped.run.finished_at is None
    assert "3 rows not asked" in stopped.stopped
    target = FakeTarget()
    finished = await runner(target, runs, max_cost=Decimal("0.06")).run(run_of(asked), asked)
    assert len(target.asked) == 3
    assert (finished.stopped, len(finished.rows), finished.spent) == ("", 6, Decimal("0.06"))


async def test_what_has_no_price_is_counted_and_not_held_back():
    free = FakeTarget(says=lambda _: answer(usage=Usage()))
    asked = plan(*CASES)
    finished = await runner(free, MemoryRuns(), max_cost=Decimal(0)).run(run_of(asked), asked)
    assert (len(finished.rows), finished.unpriced, finished.spent) == (6, 6, Decimal(0))


async def test_rows_of_the_cache_cost_nothing_of_the_budget():
    runs, asked = MemoryRuns(), plan(*CASES)
    await runner(FakeTarget(), runs).run(run_of(asked), asked)
    finished = await runner(FakeTarget(), runs, max_cost=Decimal("0.001")).run(run_of(asked, "er_2"), asked)
    assert (finished.cached, finished.stopped, finished.spent) == (6, "", Decimal(0))
    again = await runner(FakeTarget(), runs, max_cost=Decimal("0.001")).run(run_of(asked, "er_2"), asked)
    assert (again.kept, again.spent) == (6, Decimal(0))


async def test_the_judges_cost_counts_too():
    class Judge:
        name = "judge:safe"

        async def score(self, one, _):
            return Score(name=self.name, value=0.0, detail={"cost": "0.5", "verdict": "NO"})

    asked = plan(case())
    finished = await runner(FakeTarget(), MemoryRuns(), metrics=(Says(), Judge())).run(run_of(asked), asked)
    assert finished.spent == Decimal("0.51")
    assert finished.rows[0].judge_cost == Decimal("0.5")
    assert finished.rows[0].passed, "what a judge says never decides"


async def test_what_stops_the_whole_run_comes_out_bare_and_keeps_what_was_done():
    class Failing(MemoryRuns):
        async def add(self, *, tenant: str, run: str, row: Row) -> None:
            if row.case == "c":
                raise DatabaseUnreachable("gone")
            await super().add(tenant=tenant, run=run, row=row)

    runs, asked = Failing(), plan(*CASES)
    with pytest.raises(DatabaseUnreachable, match="gone"):
        await runner(FakeTarget(), runs, concurrency=1).run(run_of(asked), asked)
    assert [row.case for row in await runs.rows(tenant="acme", run="er_1")] == ["a", "b"]


async def test_a_cancelled_run_keeps_what_was_done():
    class Slow(FakeTarget):
        async def ask(self, one):
            if one.id == "c":
                await asyncio.Event().wait()
            return await super().ask(one)

    runs, asked = MemoryRuns(), plan(*CASES[:3])
    task = asyncio.create_task(runner(Slow(), runs, concurrency=1).run(run_of(asked), asked))
    while len(runs._rows.get(("acme", "er_1"), {})) < 2:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [row.case for row in await runs.rows(tenant="acme", run="er_1")] == ["a", "b"]
