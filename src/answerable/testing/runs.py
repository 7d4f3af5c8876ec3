"""What every Runs promises. Subclass RunsContract in your tests and override the fixture `runs`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from answerable.core.errors import NotFound
from answerable.core.evaluation import Row, Run, Score, Status
from answerable.core.ports import Runs

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
COMMIT = "6f2c1e0a9b8d7c6e5f4a3b2c1d0e9f8a7b6c5d4e"
FINGERPRINT = {"prompts": "p1", "models": "m1", "parameters": "x1", "index": "i1", "code": "c1"}


def make_run(number: int = 1, *, tenant: str = "acme", **changes: object) -> Run:
    """The run started `number` minutes after noon."""
    bare = Run(
        id=f"er_{number:04d}",
        tenant=tenant,
        suite="evals/cases",
        target="answerable",
        fingerprint=FINGERPRINT,
        cases=("a", "b"),
        repeats=2,
        started_at=NOON + timedelta(minutes=number),
        detail={"plan": "sha", "day": "2026-11-22"},
    )
    return replace(bare, **changes)  # type: ignore[arg-type]


def make_row(case: str = "a", repeat: int = 0, **changes: object) -> Row:
    """A passed row whose key follows from its case and repeat."""
    bare = Row(
        case=case,
        repeat=repeat,
        key=f"key-{case}-{repeat}",
        category="obvious",
        cluster="returns.md",
        passed=True,
        outcome="answered",
        answer={"text": "30 days [1].", "passages": [{"uri": "returns.md", "score": 0.25}]},
        scores=(Score(name="outcome", value=1.0, passed=True), Score(name="must", value=0.5, passed=None)),
        tags=("obvious", "returns"),
        latency_ms=12.5,
        cost=Decimal("0.0021"),
    )
    return replace(bare, **changes)  # type: ignore[arg-type]


class RunsContract:
    """Runs with their rows, each tenant's own."""

    @pytest.fixture
    def runs(self) -> Runs:
        """Without any run; override."""
        raise NotImplementedError

    async def test_a_run_comes_back_as_it_was_started(self, runs: Runs) -> None:
        run = make_run(label="first", commit=COMMIT, branch="main")
        assert await runs.start(run) == run
        assert await runs.run(tenant="acme", reference=run.id) == run

    async def test_starting_again_takes_up_what_is_there(self, runs: Runs) -> None:
        run = await runs.start(make_run())
        await runs.add(tenant="acme", run=run.id, row=make_row())
        again = await runs.start(make_run(suite="another", cases=("z",)))
        assert again == run
        assert await runs.rows(tenant="acme", run=run.id) == [make_row()]

    async def test_rows_come_by_case_then_repeat_with_all_that_is_known(self, runs: Runs) -> None:
        run = await runs.start(make_run())
        rows = [
            make_row("b", 10),
            make_row("b", 2, passed=False, judge_cost=Decimal("0.1"), language="de"),
            make_row("B"),
            make_row("a", 0, passed=None, cost=None, error="the target broke", answer={}, scores=()),
            make_row("ä", 0, scores=(Score(name="judge:safe", status=Status.ERROR, reason="no JSON"),)),
        ]
        for row in rows:
            await runs.add(tenant="acme", run=run.id, row=row)
        assert await runs.rows(tenant="acme", run=run.id) == [rows[2], rows[3], rows[1], rows[0], rows[4]]

    async def test_the_same_case_and_repeat_again_takes_the_place_of_the_row(self, runs: Runs) -> None:
        run = await runs.start(make_run())
        for row in (make_row(), make_row("a", 1), make_row(passed=False, key="other")):
            await runs.add(tenant="acme", run=run.id, row=row)
        assert await runs.rows(tenant="acme", run=run.id) == [
            make_row(passed=False, key="other"),
            make_row("a", 1),
        ]

    async def test_rows_added_at_once_are_all_kept(self, runs: Runs) -> None:
        run = await runs.start(make_run())
        rows = [make_row(f"c{number:02d}") for number in range(30)]
        await asyncio.gather(*(runs.add(tenant="acme", run=run.id, row=row) for row in rows))
        assert await runs.rows(tenant="acme", run=run.id) == rows

    async def test_text_that_a_database_would_refuse_is_kept_readable(self, runs: Runs) -> None:
        run = await runs.start(make_run())
        await runs.add(tenant="acme", run=run.id, row=make_row(answer={"text": "a\x00b\ud800c €"}))
        (row,) = await runs.rows(tenant="acme", run=run.id)
        assert row.answer["text"] == "a\ufffdb\ufffdc €"

    async def test_a_run_is_unfinished_until_it_is_finished(self, runs: Runs) -> None:
        run = await runs.start(make_run())
        assert run.finished_at is None
        ended = await runs.finish(tenant="acme", run=run.id)
        assert ended.finished_at is not None
        assert replace(ended, finished_at=None) == run
        assert await runs.run(tenant="acme", reference=run.id) == ended

    async def test_runs_come_newest_first(self, runs: Runs) -> None:
        for number in (2, 3, 1):
            await runs.start(make_run(number))
        assert [run.id for run in await runs.runs(tenant="acme")] == ["er_0003", "er_0002", "er_0001"]
        assert [run.id for run in await runs.runs(tenant="acme", limit=1)] == ["er_0003"]

    async def test_a_run_is_found_by_what_people_call_it(self, runs: Runs) -> None:
        await self._several(runs)
        called = {
            "er_0001": "er_0001",
            "before": "er_0003",  # the newest of this label, finished or not
            "latest": "er_0002",
            "main": "er_0002",
            COMMIT: "er_0001",
            COMMIT[:7]: "er_0001",  # without changes before with
            f"{COMMIT}+": "er_0002",
            "er_0003": "er_0003",
            "zz": "zz_0005",
        }
        found = {word: (await runs.run(tenant="acme", reference=word)).id for word in called}
        assert found == called

    async def test_what_means_nothing_or_too_much_is_not_found(self, runs: Runs) -> None:
        await self._several(runs)
        for word in ("", "er_", "er_9", COMMIT[:6], "unfinished-branch", "%", "er_000_"):
            with pytest.raises(NotFound):
                await runs.run(tenant="acme", reference=word)

    async def test_the_latest_of_no_finished_run_is_not_found(self, runs: Runs) -> None:
        await runs.start(make_run())
        with pytest.raises(NotFound):
            await runs.run(tenant="acme", reference="latest")

    async def test_measured_rows_are_found_by_key_the_newest_of_each(self, runs: Runs) -> None:
        first, second = await runs.start(make_run(1)), await runs.start(make_run(2))
        await runs.add(tenant="acme", run=first.id, row=make_row("a", latency_ms=1.0))
        await runs.add(tenant="acme", run=first.id, row=make_row("b", passed=False))
        await runs.add(tenant="acme", run=second.id, row=make_row("a", latency_ms=2.0))
        found = await runs.cached(tenant="acme", keys=["key-a-0", "key-b-0", "key-c-0"])
        assert found == {"key-a-0": make_row("a", latency_ms=2.0), "key-b-0": make_row("b", passed=False)}
        assert await runs.cached(tenant="acme", keys=[]) == {}

    async def test_rows_that_could_not_be_measured_are_never_taken_from_the_cache(self, runs: Runs) -> None:
        run = await runs.start(make_run())
        await runs.add(tenant="acme", run=run.id, row=make_row("a", passed=None, error="broke"))
        await runs.add(tenant="acme", run=run.id, row=make_row("b", passed=None))
        await runs.add(tenant="acme", run=run.id, row=make_row("c"))
        await runs.add(tenant="acme", run=run.id, row=make_row("c", passed=None, error="broke later"))
        keys = ["key-a-0", "key-b-0", "key-c-0"]
        assert await runs.cached(tenant="acme", keys=keys) == {}

    async def test_nothing_is_another_tenants(self, runs: Runs) -> None:
        run = await runs.start(make_run(label="mine"))
        await runs.add(tenant="acme", run=run.id, row=make_row())
        await runs.finish(tenant="acme", run=run.id)
        assert await runs.runs(tenant="other") == []
        assert await runs.cached(tenant="other", keys=["key-a-0"]) == {}
        for word in (run.id, "mine", "latest"):
            with pytest.raises(NotFound):
                await runs.run(tenant="other", reference=word)
        other = await runs.start(make_run(tenant="other"))  # the same id is another run there
        assert await runs.rows(tenant="other", run=other.id) == []

    async def test_a_run_that_is_not_there_takes_no_rows_and_gives_none(self, runs: Runs) -> None:
        await runs.start(make_run())
        for tenant, run in (("acme", "er_9999"), ("other", "er_0001")):
            with pytest.raises(NotFound):
                await runs.add(tenant=tenant, run=run, row=make_row())
            with pytest.raises(NotFound):
                await runs.finish(tenant=tenant, run=run)
            with pytest.raises(NotFound):
                await runs.rows(tenant=tenant, run=run)
        assert await runs.rows(tenant="acme", run="er_0001") == []

    async def _several(self, runs: Runs) -> None:
        await runs.start(make_run(1, commit=COMMIT, branch="main", label="before"))
        await runs.start(make_run(2, commit=f"{COMMIT}+", branch="main"))
        await runs.start(make_run(3, commit=f"{COMMIT}", branch="unfinished-branch", label="before"))
        await runs.start(make_run(0, id="zz_0005"))
        for run in ("er_0001", "er_0002", "zz_0005"):
            await runs.finish(tenant="acme", run=run)
