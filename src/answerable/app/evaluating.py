"""An evaluation from the configuration's parts: which cases, of what, measured how, kept where."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from answerable.adapters.checkout import Checkout
from answerable.answer.record import answer_record
from answerable.app.choosing import Wanted, choose_cases, suites_of
from answerable.app.fingerprint import part, patterns_part, scoring_part, versions
from answerable.app.judging import open_judges
from answerable.app.prompts.effects import prompts_detail
from answerable.app.system import System
from answerable.app.targets import Aim, Aimed, open_target
from answerable.core.answer import Answer
from answerable.core.errors import NotFound
from answerable.core.evaluation import EvalCase, Run, Score, Status
from answerable.core.identity import random_id
from answerable.evals.gate.sides import METRICS
from answerable.evals.judges.budget import Budget
from answerable.evals.judges.judge import Judge
from answerable.evals.judges.panel import Panel
from answerable.evals.metrics.retrieval import retrieval_scores
from answerable.evals.metrics.suite import model_free
from answerable.evals.runs.plan import Plan
from answerable.evals.runs.progress import Observer, ignore
from answerable.evals.runs.runner import Finished, Runner

_LOOK_BACK = 200  # runs, for one to take up


async def evaluate(
    system: System, wanted: Wanted, *, observe: Observer = ignore, tell: Callable[[str], None]
) -> Finished:
    """Run it. `tell` hears what a person should know before it starts.

    Raises ConfigError for cases, targets and references that do not fit, NotFound for a run that is not there.
    """
    settings = system.settings.eval
    cases = await choose_cases(system, wanted, tell)
    async with AsyncExitStack() as stack:
        aimed = await stack.enter_async_context(open_target(system, aim_of(system, wanted)))
        judges = await stack.enter_async_context(_judges(system, wanted, cases))
        plan = _plan(system, wanted, cases, aimed, judges)
        run = await _run(system, wanted, plan, whole=aimed.whole)
        tell(_opening(run, plan, aimed))
        if aimed.whole and not (await system.documents.counts(tenant=run.tenant)).get("documents"):
            tell("the index is empty: nothing can be answered; fill it with: answerable source sync")
        runner = Runner(
            target=aimed.target,
            runs=system.runs,
            metrics=(*model_free(_patterns(system)), *(Named(judge=one) for one in judges)),
            record=answer_record,
            rank=partial(retrieval_scores, k=(5, system.settings.retrieval.top_k)),
            limit=system.settings.retrieval.top_k,
            concurrency=wanted.concurrency or settings.concurrency,
            max_cost=_max_cost(system, wanted),
            use_cache=wanted.use_cache and aimed.whole,
            observe=observe,
        )
        return await runner.run(run, plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A judge that is asked only of cases that name its criterion: each question to it costs money."""

    judge: Judge | Panel

    @property
    def name(self) -> str:
        """Of its scores."""
        return self.judge.name

    async def score(self, case: EvalCase, answer: Answer) -> Score:
        """Raises nothing but cancellation."""
        if self.judge.criterion.id not in case.expect.criteria:
            return Score(
                name=self.name, status=Status.NOT_APPLICABLE, reason="the case does not name the criterion"
            )
        return await self.judge.score(case, answer)


@asynccontextmanager
async def _judges(
    system: System, wanted: Wanted, cases: Sequence[EvalCase]
) -> AsyncIterator[tuple[Judge | Panel, ...]]:
    """A judge for each criterion that a case names; none where they were not asked for. Raises ConfigError."""
    named = sorted({criterion for case in cases for criterion in case.expect.criteria})
    if not wanted.judge or not named:
        yield ()
        return
    budget = Budget(cap=_max_cost(system, wanted))
    parts = system.money.parts
    async with open_judges(
        system.project, named, judgments=system.judgments, budget=budget, parts=parts
    ) as judges:
        yield judges


def aim_of(system: System, wanted: Wanted) -> Aim:
    """What is asked: as wanted, else as configured."""
    return wanted.aim if wanted.aim.target else replace(wanted.aim, target=system.settings.eval.target)


def _max_cost(system: System, wanted: Wanted) -> Decimal:
    given = wanted.max_cost
    return Decimal(str(system.settings.eval.max_cost if given is None else given))


def _plan(
    system: System, wanted: Wanted, cases: Sequence[EvalCase], aimed: Aimed, judges: Sequence[Judge | Panel]
) -> Plan:
    fingerprint = {
        **aimed.fingerprint,
        "patterns": patterns_part(_patterns(system)),
        "judge": part([one.identity.digest for one in judges]),
        "criteria": part([one.criterion.sha256 for one in judges]),
    }
    suites = [str(one) for one in wanted.suites] or list(system.settings.eval.suites)
    return Plan(
        suite=" ".join(suites),
        target=aimed.target.name,
        cases=tuple(cases),
        repeats=wanted.repeats or system.settings.eval.repeat,
        fingerprint={part: value for part, value in fingerprint.items() if value},
    )


async def _run(system: System, wanted: Wanted, plan: Plan, *, whole: bool) -> Run:
    """A new run; with --resume the newest unfinished one of the same plan. Raises NotFound where there is none."""
    tenant = system.settings.project.tenant
    if wanted.resume:
        for run in await system.runs.runs(tenant=tenant, limit=_LOOK_BACK):
            if run.finished_at is None and run.detail.get("plan") == plan.id:
                return run
        raise NotFound(
            "no unfinished run asks these cases of what there is now",
            hint="run without --resume: rows of equal fingerprint come from the cache",
        )
    checkout = await asyncio.to_thread(Checkout.find, system.project.base.resolve())
    return Run(
        id=random_id("er", length=10),
        tenant=tenant,
        suite=plan.suite,
        target=plan.target,
        fingerprint=plan.fingerprint,
        cases=tuple(case.id for case in plan.cases),
        repeats=plan.repeats,
        started_at=datetime.now(UTC),
        commit=await asyncio.to_thread(lambda: checkout.commit) if checkout else "",
        branch=await asyncio.to_thread(lambda: checkout.branch) if checkout else "",
        label=wanted.label,
        detail={**_detail(system, wanted, plan), **(_prompts(system, plan) if whole else {})},
    )


def _detail(system: System, wanted: Wanted, plan: Plan) -> Mapping[str, Any]:
    settings = system.settings.model_dump(mode="json", by_alias=True, exclude={"database"})
    return {
        "plan": plan.id,
        "day": system.asker.today().isoformat(),
        "suites": [str(one.resolve()) for one in suites_of(system, wanted.suites)],
        "filter": list(wanted.patterns),
        "concurrency": wanted.concurrency or system.settings.eval.concurrency,
        "settings": settings,
        "versions": versions(),
        METRICS: scoring_part(_patterns(system)),
    }


def _prompts(system: System, plan: Plan) -> Mapping[str, Any]:
    """What answers and judges with is known of this system alone, not of another target."""
    renderer = system.asker.renderer
    return prompts_detail(
        system.project, renderer.prompt, part([renderer.scope]), judged="judge" in plan.fingerprint
    )


def _opening(run: Run, plan: Plan, aimed: Aimed) -> str:
    times = f" × {plan.repeats}" if plan.repeats > 1 else ""
    unseen = "" if aimed.whole else "; what is behind it cannot be seen, so nothing comes from the cache"
    return f"run {run.id}: {len(plan.cases)} cases{times}, asked of {aimed.target.name}{unseen}"


def _patterns(system: System) -> list[Path]:
    return [system.project.path(one) for one in system.settings.eval.patterns]
