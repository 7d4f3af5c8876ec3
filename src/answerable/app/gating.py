"""The gate: a change is held to the baseline, retrieval first, and then the answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from answerable.app.choosing import Wanted, choose_cases
from answerable.app.comparing import BASELINE, read_quarantine, read_side, report, terms, today, waive
from answerable.app.evaluating import aim_of, evaluate
from answerable.app.fingerprint import scoring_part
from answerable.app.system import System
from answerable.app.targets import open_target
from answerable.app.telling import gate_failed
from answerable.core.evaluation import Row
from answerable.evals.gate.decide import Ruling, decide_retrieval
from answerable.evals.gate.report import Report
from answerable.evals.gate.search_first import Searches, Stopped, compare_searches, search_all
from answerable.evals.gate.sides import METRICS, Side, other_metrics
from answerable.evals.gate.waivers import INCONCLUSIVE, load_waivers
from answerable.evals.metrics.retrieval import retrieval_scores
from answerable.evals.runs.progress import Observer, ignore

_ACCEPTED_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepting:
    """A person's word for what could not be told."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gating:
    """What a person asked the gate for. Without a run the suite is run."""

    run: str = ""
    base: str = BASELINE
    wanted: Wanted = field(default_factory=Wanted)
    accepting: Accepting | None = None


async def gate(
    system: System,
    asked: Gating,
    *,
    observe: Observer = ignore,
    tell: Callable[[str], None],
    tell_searches: Callable[[Searches], None],
) -> Report | Stopped:
    """Hold a change to the baseline: retrieval first, then the answers. `tell` hears of each step.

    Raises ConfigError where there is no baseline, and everything that an evaluation raises.
    """
    base = await read_side(system.project, system, asked.base)
    found = await hold(system, asked, base=base, observe=observe, tell=tell, tell_searches=tell_searches)
    if told := gate_failed(system.settings.project.tenant, asked.base, found):
        system.happenings.write(told)
    return found


async def hold(
    system: System,
    asked: Gating,
    *,
    base: Side,
    observe: Observer = ignore,
    tell: Callable[[str], None],
    tell_searches: Callable[[Searches], None],
) -> Report | Stopped:
    """The same against a base that was read already: `asked.base` is only its name."""
    project = system.project
    read_quarantine(project, base)  # what cannot be read is known before anything is asked
    load_waivers(project.path(project.settings.eval.waivers))
    if asked.run:
        head = await read_side(project, system, asked.run)
    else:
        stopped = await _search_first(system, asked, base, tell=tell, tell_searches=tell_searches)
        if stopped is not None:
            return stopped
        finished = await evaluate(system, asked.wanted, observe=observe, tell=tell)
        head = Side(run=finished.run, rows=finished.rows)
    command = f"answerable eval compare {asked.base}..{head.run.id}"
    found = report(project, base, head, command=command)
    if asked.accepting is None:
        return found
    if found.decision.ruling is not Ruling.INCONCLUSIVE:
        tell(f"nothing to accept: the gate is {found.decision.ruling}")
        return found
    _accept(system, head, asked.accepting)
    return report(project, base, head, command=command)


def _accept(system: System, head: Side, accepting: Accepting) -> None:
    """For this system, so that the same change passes on another machine too; for this run if none is known."""
    waive(
        system.project,
        INCONCLUSIVE,
        name=accepting.name,
        reason=accepting.reason,
        until=today(system.project) + _ACCEPTED_FOR,
        only=head.digest or head.run.id,
    )


async def _search_first(
    system: System,
    asked: Gating,
    base: Side,
    *,
    tell: Callable[[str], None],
    tell_searches: Callable[[Searches], None],
) -> Stopped | None:
    """Whether retrieval alone holds the change back. None: go on."""
    settings = system.settings
    if not settings.eval.gate.retrieval:
        return None
    patterns = [system.project.path(one) for one in settings.eval.patterns]
    if other_metrics(base, {METRICS: scoring_part(patterns)}):
        tell("base was scored by another version of the metrics: retrieval is not gated before the answers")
        return None
    cases = await choose_cases(system, asked.wanted, tell)
    began = time.perf_counter()
    async with open_target(system, aim_of(system, asked.wanted)) as aimed:
        rows = await search_all(
            aimed.target,
            cases,
            rank=partial(retrieval_scores, k=(5, settings.retrieval.top_k)),
            limit=settings.retrieval.top_k,
            concurrency=asked.wanted.concurrency or settings.eval.concurrency,
        )
    if rows is None:
        tell("the target does not show what it finds: retrieval is not gated before the answers")
        return None
    searches = compare_searches(_without(base, rows), rows, terms=terms(system.project), seconds=_since(began))
    waivers = load_waivers(system.project.path(settings.eval.waivers))
    decision = decide_retrieval(searches.lines, today=today(system.project), waivers=waivers)
    if decision.ruling is Ruling.FAILED:
        return Stopped(searches=searches, decision=decision, command="answerable eval gate")
    tell_searches(searches)
    return None


def _without(base: Side, rows: Sequence[Row]) -> Side:
    """Base's rows of the cases that were searched."""
    searched = {row.case for row in rows}
    return replace(base, rows=tuple(row for row in base.rows if row.case in searched))


def _since(began: float) -> float:
    return time.perf_counter() - began
