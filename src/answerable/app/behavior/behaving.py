"""`prompt test`: a prompt's cases and their twins asked of a model, and what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from answerable.answer.guarding import Guards
from answerable.app.behavior.putting import Ground, Put, put
from answerable.app.behavior.showing import shown
from answerable.app.guarding import make_guards
from answerable.app.project import Project
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import AnswerableError
from answerable.core.outcome import Outcome
from answerable.core.ports import LLM
from answerable.evals.behavior.case import BehaviorCase
from answerable.evals.behavior.checks import misses
from answerable.evals.behavior.reply import Reply
from answerable.evals.behavior.results import Asked, CaseResult, Results, Try, TwinResult
from answerable.evals.behavior.safety import is_contained
from answerable.evals.behavior.twins import as_asked, twins
from answerable.prompts.prompt import Prompt

Tell = Callable[[], None]  # called after each case, with its twins


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How the cases are asked. `most`: what all of it may cost, in the price table's currency; None: no limit."""

    repeats: int = 1
    concurrency: int = 4
    twins: bool = True
    most: Decimal | None = None
    patience_s: float = 60.0
    scripted: str = ""  # the behavior that stands in for a model


@dataclass(slots=True, kw_only=True)
class Spending:
    """What was spent so far; shared by all prompts of a run."""

    most: Decimal | None = None
    spent: Decimal = Decimal(0)

    @property
    def over(self) -> bool:
        """Whether nothing more is asked. Calls that are under way come to their end."""
        return self.most is not None and self.spent >= self.most


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaving:
    """Asks one model. Nothing is searched, and nothing is kept."""

    ground: Ground
    llm: LLM
    how: How
    guards: Guards
    spending: Spending = field(default_factory=Spending)
    clock: Callable[[], float] = time.perf_counter
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @classmethod
    def of(cls, project: Project, llm: LLM, how: How) -> Behaving:
        """With the project's guards and a purse of its own."""
        return cls(
            ground=Ground.of(project),
            llm=llm,
            how=how,
            guards=make_guards(project),
            spending=Spending(most=how.most),
        )

    async def run(self, prompt: Prompt, cases: Sequence[BehaviorCase], tell: Tell = lambda: None) -> Results:
        """All cases with their twins. Raises ConfigError for a case that does not give what the prompt needs."""
        for case in cases:
            await put(self.ground, prompt, as_asked(case))  # before any money is spent
        permits = asyncio.Semaphore(self.how.concurrency)

        async def one(case: BehaviorCase) -> CaseResult:
            result = await self._case(prompt, case, permits)
            tell()
            return result

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(case)) for case in cases]
        done = tuple(task.result() for task in tasks)
        return Results(
            prompt=prompt.ref,
            sha256=prompt.sha256,
            model=_model(done, self.llm.name),
            scripted=self.how.scripted,
            at=self.now().isoformat(timespec="seconds"),
            repeats=self.how.repeats,
            cases=done,
            stopped=f"the {self.how.most} that it may cost are spent" if self.spending.over else "",
        )

    async def _case(self, prompt: Prompt, case: BehaviorCase, permits: asyncio.Semaphore) -> CaseResult:
        forms = twins(case) if self.how.twins else ()
        async with asyncio.TaskGroup() as group:
            itself = group.create_task(self._asked(prompt, as_asked(case), permits))
            others = [group.create_task(self._asked(prompt, twin.case, permits)) for twin in forms]
        asked = itself.result()
        return CaseResult(
            id=case.id,
            category=case.category,
            language=case.given.language,
            sha256=case.sha256,
            asked=asked,
            where=case.where,
            why=case.why,
            twins=tuple(
                _beside(asked, twin.kind, other.result()) for twin, other in zip(forms, others, strict=True)
            ),
        )

    async def _asked(self, prompt: Prompt, case: BehaviorCase, permits: asyncio.Semaphore) -> Asked:
        tries = []
        for _ in range(self.how.repeats):
            async with permits:
                tries.append(await self._try(prompt, case))
        return Asked(question=case.given.question, tries=tuple(tries))

    async def _try(self, prompt: Prompt, case: BehaviorCase) -> Try:
        asked = await put(self.ground, prompt, case)
        if self.spending.over:
            return Try(error="not asked: the money for it is spent")
        started = self.clock()
        try:
            completion = await self.llm.complete(asked.rendered, deadline=Deadline.after(self.how.patience_s))
        except AnswerableError as error:
            return Try(error=str(error))
        self.spending.spent += completion.usage.cost or Decimal(0)
        return await self._read(case, asked, completion, (self.clock() - started) * 1000.0)

    async def _read(self, case: BehaviorCase, asked: Put, completion: Completion, latency_ms: float) -> Try:
        reply = _reply(asked, completion)
        missed = misses(case, reply)
        text, outcome = "", ""
        contained: bool | None = None
        if asked.shows:
            text, ended = await shown(asked, completion, self.guards)
            outcome, contained = ended.value, is_contained(case, reply, missed, text, answers=_answers(ended))
        return Try(
            raw=completion.text,
            shown=text,
            outcome=outcome,
            misses=tuple((one.check, one.why) for one in missed),
            contained=contained,
            model=completion.model,
            latency_ms=latency_ms,
            cost=completion.usage.cost,
        )


def _reply(asked: Put, completion: Completion) -> Reply:
    rendered = asked.rendered
    return Reply(
        raw=completion.text,
        read=asked.read(completion.text),
        system=rendered.system,
        canary=rendered.canary,
        boundary=asked.boundary,
        dates=asked.dates,
    )


def _beside(asked: Asked, kind: str, other: Asked) -> TwinResult:
    measured = asked.passed is not None and other.passed is not None
    return TwinResult(kind=kind, asked=other, agrees=asked.passed == other.passed if measured else None)


def _answers(outcome: Outcome) -> bool:
    return outcome in (Outcome.ANSWERED, Outcome.PARTIAL, Outcome.CONFLICT)


def _model(cases: Sequence[CaseResult], name: str) -> str:
    """What the provider said it is, where it said so of every reply; else the route's name."""
    said = {attempt.model for one in cases for attempt in one.asked.tries if not attempt.error}
    return ", ".join(sorted(said)) or name
