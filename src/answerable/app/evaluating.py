"""An evaluation from the configuration's parts: which cases, of what, measured how, kept where."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from answerable.adapters.checkout import Checkout
from answerable.answer.record import answer_record
from answerable.app.choosing import Wanted, choose_cases
from answerable.app.fingerprint import patterns_part, versions
from answerable.app.system import System
from answerable.app.targets import Aimed, open_target
from answerable.core.errors import NotFound
from answerable.core.evaluation import EvalCase, Run
from answerable.core.identity import random_id
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
    async with open_target(system, wanted.aim) as aimed:
        plan = _plan(system, wanted, cases, aimed)
        run = await _run(system, wanted, plan)
        tell(_opening(run, plan, aimed))
        runner = Runner(
            target=aimed.target,
            runs=system.runs,
            metrics=model_free(_patterns(system)),
            record=answer_record,
            rank=partial(retrieval_scores, k=(5, system.settings.retrieval.top_k)),
            limit=system.settings.retrieval.top_k,
            concurrency=wanted.concurrency or settings.concurrency,
            max_cost=Decimal(str(settings.max_cost if wanted.max_cost is None else wanted.max_cost)),
            use_cache=wanted.use_cache and aimed.whole,
            observe=observe,
        )
        return await runner.run(run, plan)


def _plan(system: System, wanted: Wanted, cases: Sequence[EvalCase], aimed: Aimed) -> Plan:
    fingerprint = {**aimed.fingerprint, "patterns": patterns_part(_patterns(system))}
    suites = [str(one) for one in wanted.suites] or list(system.settings.eval.suites)
    return Plan(
        suite=" ".join(suites),
        target=aimed.target.name,
        cases=tuple(cases),
        repeats=wanted.repeats or system.settings.eval.repeat,
        fingerprint={part: value for part, value in fingerprint.items() if value},
    )


async def _run(system: System, wanted: Wanted, plan: Plan) -> Run:
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
        detail=_detail(system, wanted, plan),
    )


def _detail(system: System, wanted: Wanted, plan: Plan) -> Mapping[str, Any]:
    settings = system.settings.model_dump(mode="json", by_alias=True, exclude={"database"})
    return {
        "plan": plan.id,
        "day": system.asker.today().isoformat(),
        "filter": list(wanted.patterns),
        "concurrency": wanted.concurrency or system.settings.eval.concurrency,
        "settings": settings,
        "versions": versions(),
    }


def _opening(run: Run, plan: Plan, aimed: Aimed) -> str:
    times = f" × {plan.repeats}" if plan.repeats > 1 else ""
    unseen = "" if aimed.whole else "; what is behind it cannot be seen, so nothing comes from the cache"
    return f"run {run.id}: {len(plan.cases)} cases{times}, asked of {aimed.target.name}{unseen}"


def _patterns(system: System) -> list[Path]:
    return [system.project.path(one) for one in system.settings.eval.patterns]
