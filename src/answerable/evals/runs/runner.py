"""Asks every case, several at once, and keeps each row as soon as it is there.

Whatever ends a run early (Ctrl-C, kill -9, the budget, a lost database) costs no row that was finished: each is
durable before the next begins. A row that broke is kept too, and is asked again when the run is taken up.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from answerable.core.answer import Answer
from answerable.core.errors import AnswerableError
from answerable.core.evaluation import EvalCase, Row, Run, Score, Status
from answerable.core.passage import Passage
from answerable.core.ports import Metric, Runs, Target
from answerable.evals.runs.budget import NOTHING, Budget
from answerable.evals.runs.making import Record, broken_row, measured_row
from answerable.evals.runs.plan import Asked, Plan
from answerable.evals.runs.progress import Observer, Progress, ignore

CACHED = "cached"  # in a row's answer: it came from an earlier run
GUESSED = (
    "outcome_guessed"  # in a row's degraded: the target did not say how it ended, which is not a lack of time
)
_KEYS_AT_ONCE = 200  # rows hold their passages: not all of a large suite's in one statement

Ranking = Callable[[EvalCase, Sequence[Passage]], Sequence[Score]]  # retrieval scores of what was found


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a run ended. `stopped` is why it is not whole; empty: every row is there."""

    run: Run
    rows: tuple[Row, ...]
    asked: int  # now
    cached: int  # of earlier runs
    kept: int  # of this run, before it was taken up again
    seconds: float
    spent: Decimal
    unpriced: int  # rows asked now whose cost is not known
    stopped: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A frozen set of ports. `rank` scores what Target.search found, `limit` passages deep; None: not asked."""

    target: Target
    runs: Runs
    metrics: Sequence[Metric]
    record: Record
    rank: Ranking | None = None
    limit: int = 10
    concurrency: int = 4
    max_cost: Decimal | None = None
    use_cache: bool = True
    observe: Observer = ignore

    async def run(self, run: Run, plan: Plan) -> Finished:
        """Take the run up, or begin it, and bring it as far as the budget allows.

        Raises what stops the whole run: DatabaseUnreachable and the like. What breaks in a case is in its row.
        """
        run = await self.runs.start(run)
        work = _Work(runner=self, run=run, budget=Budget(self.max_cost))
        await work.take_up(plan)
        await work.ask_all()
        rows = await self.runs.rows(tenant=run.tenant, run=run.id)
        if not work.stopped:
            run = await self.runs.finish(tenant=run.tenant, run=run.id)
        return work.finished(run, rows)

    async def row(self, asked: Asked) -> Row:
        """Ask one case and score what comes."""
        began = time.perf_counter()
        try:
            answer = await self.target.ask(asked.case)
            took = (time.perf_counter() - began) * 1000
            scores = [*await self._ranked(asked.case)]
        except AnswerableError as error:
            took = (time.perf_counter() - began) * 1000
            return broken_row(asked, explain(error), latency_ms=took)
        scores += [await measure(metric, asked.case, answer) for metric in self.metrics]
        return measured_row(asked, answer, scores, record=self.record, latency_ms=took)

    async def _ranked(self, case: EvalCase) -> Sequence[Score]:
        if self.rank is None or (found := await self.target.search(case, limit=self.limit)) is None:
            return ()
        return self.rank(case, found)


@dataclass(slots=True, kw_only=True)
class _Work:
    """One run on its way."""

    runner: Runner
    run: Run
    budget: Budget
    open: deque[Asked] = field(default_factory=deque)
    total: int = 0
    kept: int = 0
    cached: int = 0
    asked: int = 0
    failed: int = 0
    unmeasured: int = 0
    began: float = field(default_factory=time.perf_counter)
    stopped: str = ""

    async def take_up(self, plan: Plan) -> None:
        """Leave out what the run has already, and what an earlier run measured under the same key."""
        every = list(plan.asked())
        self.total = len(every)
        mine = {
            (row.case, row.repeat, row.key): row
            for row in await self.runner.runs.rows(tenant=self.run.tenant, run=self.run.id)
            if is_whole(row)
        }
        for asked in every:
            if row := mine.get((asked.case.id, asked.repeat, asked.key)):
                self.kept += 1
                self._count(row)
                self.budget.spent += _spent(row)
            else:
                self.open.append(asked)
        if self.runner.use_cache:
            await self._take_from_cache()
        self.began = time.perf_counter()
        self._tell()

    async def ask_all(self) -> None:
        """Several at once. Where money is counted the first goes alone: it tells what the others may cost."""
        if self.budget.limit is not None and self.open and self.budget.admits():
            await self._ask_next()
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.runner.concurrency):
                    group.create_task(self._ask_on())
        except ExceptionGroup as several:
            first = several.exceptions[0]
        else:
            first = None
        if first is not None:
            raise first  # out here, where it keeps its own cause
        if self.open:
            limit, spent = self.budget.limit, self.budget.spent
            self.stopped = (
                f"the budget of {limit} would be exceeded: {spent} spent, {len(self.open)} rows not asked"
            )

    def finished(self, run: Run, rows: Sequence[Row]) -> Finished:
        """The end, counted."""
        return Finished(
            run=run,
            rows=tuple(rows),
            asked=self.asked,
            cached=self.cached,
            kept=self.kept,
            seconds=time.perf_counter() - self.began,
            spent=self.budget.spent,
            unpriced=self.budget.unpriced,
            stopped=self.stopped,
        )

    async def _ask_on(self) -> None:
        """Until nothing is left, or what is under way may use the money up: who is last then sees to the rest."""
        while self.open and self.budget.admits():
            await self._ask_next()

    async def _ask_next(self) -> None:
        row = await self.runner.row(self.open.popleft())
        await self._keep(row)
        self.budget.settle(_cost(row))
        self.asked += 1
        self._count(row)
        self._tell()

    async def _take_from_cache(self) -> None:
        missing: deque[Asked] = deque()
        several = list(self.open)
        for start in range(0, len(several), _KEYS_AT_ONCE):
            part = several[start : start + _KEYS_AT_ONCE]
            found = await self.runner.runs.cached(tenant=self.run.tenant, keys=[one.key for one in part])
            for asked in part:
                if (row := found.get(asked.key)) is None or not is_whole(row) or is_degraded(row):
                    missing.append(asked)
                    continue
                row = _filed(row, asked.case)
                await self._keep(row)
                self.cached += 1
                self._count(row)
        self.open = missing

    async def _keep(self, row: Row) -> None:
        await self.runner.runs.add(tenant=self.run.tenant, run=self.run.id, row=row)

    def _count(self, row: Row) -> None:
        self.failed += row.passed is False
        self.unmeasured += row.passed is None

    def _tell(self) -> None:
        self.runner.observe(
            Progress(
                total=self.total,
                done=self.kept + self.cached + self.asked,
                kept=self.kept + self.cached,
                failed=self.failed,
                unmeasured=self.unmeasured,
                spent=self.budget.spent,
                seconds=time.perf_counter() - self.began,
            )
        )


async def measure(metric: Metric, case: EvalCase, answer: Answer) -> Score:
    """The metric's score; a crash inside of it is a score too, and leaves the row unmeasured."""
    try:
        return await metric.score(case, answer)
    except Exception as error:  # noqa: BLE001 - a metric may be anybody's; one that breaks must not end the run
        return Score(name=metric.name, status=Status.ERROR, reason=f"{type(error).__name__}: {error}")


def is_whole(row: Row) -> bool:
    """Whether all of it was measured; a judge that was unsure has said so, one that broke is asked again."""
    broken = [one for one in row.scores if one.status is Status.ERROR and not one.detail.get("verdict")]
    return row.passed is not None and not broken


def is_degraded(row: Row) -> bool:
    """Whether a step was left out for want of time or of a model: the fingerprint does not stand for that."""
    return any(one != GUESSED for one in row.answer.get("degraded", ()))


def explain(error: AnswerableError) -> str:
    """Cause and fix on one line."""
    return f"{error} ({error.hint})" if error.hint else str(error)


def _cost(row: Row) -> Decimal | None:
    """Answer and judges; None where the answer has no price."""
    if row.cost is None and row.judge_cost is None:
        return None
    return (row.cost or NOTHING) + (row.judge_cost or NOTHING)


def _spent(row: Row) -> Decimal:
    """Of a row that this run asked itself."""
    return NOTHING if row.answer.get(CACHED) else _cost(row) or NOTHING


def _filed(row: Row, case: EvalCase) -> Row:
    """A row of an earlier run, under what the case is called now: tags and cluster are in no key."""
    answer = {**row.answer, CACHED: True}
    return replace(row, answer=answer, tags=case.tags, category=case.category, cluster=case.cluster_id)
