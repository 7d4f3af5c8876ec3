"""Calibrating when to answer: from labeled answers (cases, reviews, a file) to abstain.lock."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from answerable.adapters.fakes.journal import MemoryJournal
from answerable.answer.ask import Asker
from answerable.app.abstaining import fingerprint
from answerable.app.reviewing import make_desk
from answerable.app.setup import answering, setup_of
from answerable.app.system import System
from answerable.app.targets import SystemTarget
from answerable.core.errors import ConfigError, NotFound
from answerable.core.evaluation import EvalCase
from answerable.core.outcome import Outcome
from answerable.core.ports import Metric
from answerable.evals.abstain.answers import Scored
from answerable.evals.abstain.calibration import Calibration, calibrate
from answerable.evals.abstain.lock import FILE, Lock, make_lock, write_lock
from answerable.evals.abstain.reviewed import above_all_bars, reviewed
from answerable.evals.metrics.suite import model_free
from answerable.evals.runs.passing import passes

_ANYTHING = 1e-9  # the threshold that withholds only what has no passage at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Labeled:
    """Answers to calibrate with, where they came from, and how many could not be used."""

    answers: tuple[Scored, ...]
    origin: str
    unmeasured: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """What came of it. `lock` None: nothing can be promised, and nothing was written."""

    labeled: Labeled
    calibration: Calibration
    lock: Lock | None
    path: Path


def certify_answers(system: System, labeled: Labeled, *, by: str, seed: int) -> Calibrated:
    """Calibrate, and write abstain.lock where there is something to promise."""
    section, path = system.settings.abstain, system.project.path(FILE)
    done = calibrate(labeled.answers, alpha=section.risk, confidence=section.confidence, by=by, seed=seed)
    if not done.certified:
        return Calibrated(labeled=labeled, calibration=done, lock=None, path=path)
    lock = make_lock(
        done,
        labeled.answers,
        origin=labeled.origin,
        fingerprint=fingerprint(system.project, system.asker),
        now=datetime.now(UTC),
        lasts_s=section.expires,
    )
    write_lock(lock, path)
    return Calibrated(labeled=labeled, calibration=done, lock=lock, path=path)


async def label_cases(system: System, cases: Sequence[EvalCase]) -> Labeled:
    """Ask every case as if no threshold were there, and see which answers its expectation refuses.

    The answers below the present threshold were never made: without them nothing could be said of a lower one.
    An answer to a case that wants none is wrong; a case without a bar, or that broke, is unmeasured. Raises
    ConfigError.
    """
    if not cases:
        raise ConfigError("there are no cases", hint="[eval] suites names their folders")
    metrics = model_free([system.project.path(one) for one in system.settings.eval.patterns])
    gate = asyncio.Semaphore(system.settings.eval.concurrency)

    async def label(case: EvalCase) -> Scored | None:
        async with gate:
            return await _label_case(system, case, metrics)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(label(case)) for case in cases]
    found = [one for task in tasks if (one := task.result()) is not None]
    return Labeled(answers=tuple(found), origin=f"{len(cases)} cases", unmeasured=len(cases) - len(found))


async def _label_case(system: System, case: EvalCase, metrics: Sequence[Metric]) -> Scored | None:
    watch = MemoryJournal()  # the project's own journal is for what people ask
    bare = replace(system.asker.answerability, threshold=_ANYTHING, bars={}, certificate="")
    asker: Asker = replace(system.asker, answerability=bare, journal=watch)
    answer = await asker.ask(SystemTarget(system=system, asker=asker).query(case))
    score = _probability(await watch.trace(tenant=system.settings.project.tenant, reference="latest"))
    if score is None or answer.outcome is Outcome.FAILED or answer.degraded:
        return None  # no certificate covers an answer made the cheaper way, so it is no label either
    head = Scored(score=score, wrong=None, topic=case.category, language=answer.language, id=case.id)
    if not answer.outcome.answers:
        return head
    passed = passes([await one.score(case, answer) for one in metrics])
    return None if passed is None else replace(head, wrong=not passed)


def _probability(trace: Mapping[str, Any]) -> float | None:
    found = [step["detail"].get("probability") for step in trace["steps"] if step["name"] == "answerable"]
    return found[-1] if found else None


async def label_reviews(system: System) -> Labeled:
    """What people said of the plain random part of the reviews: the drawn-on-purpose part is no fair sample.

    An answer of another prompt, model or setting, or one whose trace is gone, says nothing of this system: it is
    unmeasured.
    """
    files = [one for one in await make_desk(system).files() if one.item.uniform]
    wanted = answering(setup_of(system.project, system.asker))
    found = []
    for file in files:
        trace = await _trace(system, file.item.trace_id)
        if trace is not None and answering(trace.get("setup") or {}) == wanted:
            found.append(reviewed(file, trace))
    answers = above_all_bars(one for one in found if one is not None)
    return Labeled(answers=tuple(answers), origin="reviews", unmeasured=len(files) - len(answers))


async def _trace(system: System, reference: str) -> Mapping[str, Any] | None:
    try:
        return await system.journal.trace(tenant=system.settings.project.tenant, reference=reference)
    except NotFound:
        return None
