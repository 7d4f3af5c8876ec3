"""Which cases a run asks: suites, narrowed down by what a person wants."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from answerable.adapters.checkout import Checkout
from answerable.app.system import System
from answerable.app.targets import Aim
from answerable.core.errors import ConfigError, NotFound
from answerable.core.evaluation import EvalCase
from answerable.evals.cases.files import Filed, read_suite
from answerable.evals.cases.problems import refuse
from answerable.evals.cases.select import select
from answerable.evals.runs.aggregate import case_results
from answerable.evals.runs.changed import affected, describe, failing


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person asked for. None and empty: as configured."""

    suites: tuple[Path, ...] = ()
    patterns: tuple[str, ...] = ()  # ids with *, tag:, category:, language:, outcome:, ! before each
    failing_of: str = ""  # a run: only what did not pass there
    changed: bool = False
    since: str = ""  # a commit; empty: where the branch left main
    aim: Aim = field(default_factory=Aim)
    label: str = ""
    repeats: int | None = None
    concurrency: int | None = None
    max_cost: float | None = None
    judge: bool = False
    resume: bool = False
    use_cache: bool = True


async def choose_cases(system: System, wanted: Wanted, tell: Callable[[str], None]) -> list[EvalCase]:
    """The cases of the suites, narrowed down. Raises ConfigError where none is left."""
    filed, problems = read_suite(suites_of(system, wanted.suites))
    if problems:
        raise refuse(problems)
    cases = select([one.case for one in filed], wanted.patterns)
    if wanted.failing_of:
        cases = await _failing(system, wanted.failing_of, cases)
    if wanted.changed:
        cases = await asyncio.to_thread(_changed, system, wanted, filed, cases, tell)
    if not cases:
        raise ConfigError("there is no case to ask", hint="[eval] suites names the folders with cases")
    return cases


def suites_of(system: System, given: Sequence[Path]) -> list[Path]:
    """The folders and files with cases: those given, else the configured ones."""
    return list(given) or [system.project.path(one) for one in system.settings.eval.suites]


async def _failing(system: System, reference: str, cases: Sequence[EvalCase]) -> list[EvalCase]:
    tenant = system.settings.project.tenant
    run = await system.runs.run(tenant=tenant, reference=reference)
    results = case_results(await system.runs.rows(tenant=tenant, run=run.id))
    found = failing({one.case: None if one.unmeasured else one.rate for one in results}, cases)
    if not found:
        raise NotFound(f"every case passed in run {run.id}", hint="run without --filter-failing")
    return list(found)


def _changed(
    system: System, wanted: Wanted, filed: Sequence[Filed], cases: Sequence[EvalCase], tell: Callable[[str], None]
) -> list[EvalCase]:
    base = system.project.base.resolve()
    checkout = Checkout.find(base)
    if checkout is None:
        raise ConfigError(f"{base} is in no git checkout", hint="run without --changed")
    since = wanted.since or checkout.base()
    places = {one.case.id: one.path.resolve() for one in filed}
    found = affected(
        [(case, places[case.id]) for case in cases],
        checkout.changed(since),
        everywhere=_everywhere(system, base),
        documents=[system.project.path(one.uri).resolve() for one in system.settings.source],
    )
    tell(describe(found, since=since, total=len(cases)))
    if not found.cases:
        raise NotFound("no case is touched by what changed", hint="run without --changed")
    return list(found.cases)


def _everywhere(system: System, base: Path) -> list[Path]:
    """What decides every answer or every score."""
    settings, project = system.settings, system.project
    named = [settings.answer.prompt, settings.answer.scope or "scope.md", settings.eval.criteria, "abstain.lock"]
    files = [project.path(name).resolve() for name in (*named, *settings.eval.patterns) if name]
    return [*files, base / "prompts", *([project.config.resolve()] if project.config else [])]
