"""A drill: a project asked one question it can answer, once for each fault, to see that it fails as documented."""

from __future__ import annotations

import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from answerable.answer.ask import Asker
from answerable.app.choosing import suites_of
from answerable.app.drill_bench import Bench, Kept, open_bench, stands_in
from answerable.app.system import System
from answerable.core.answer import Answer
from answerable.core.deadline import Deadline
from answerable.core.errors import AnswerableError, ConfigError
from answerable.core.outcome import Outcome
from answerable.core.ports import Happening
from answerable.core.query import Query
from answerable.core.seam import seam
from answerable.evals.cases.files import read_suite
from answerable.testing.faults import CELLS, Cell, Component, Fault
from answerable.testing.faults.observed import Observed, Watcher, differences

_TRIED = 20  # cases, until one is answered in full


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person asked for. Empty: every component, every fault, a case of the project as the question."""

    components: tuple[Component, ...] = ()
    faults: tuple[Fault, ...] = ()
    question: str = ""
    live: bool = False
    deadline_s: float | None = None

    @property
    def cells(self) -> tuple[Cell, ...]:
        """In the order of the matrix."""
        return tuple(
            one
            for one in CELLS
            if (not self.components or one.component in self.components)
            and (not self.faults or one.fault in self.faults)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """One cell as it went. `differs` says in words what is not as documented."""

    cell: Cell
    outcome: str
    degraded: tuple[str, ...]
    seconds: float
    differs: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether all is as documented."""
        return not self.differs


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """All cells. `notes` say what of the project took no part."""

    question: str
    deadline_s: float
    live: bool
    seconds: float
    cells: tuple[Drilled, ...]
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[Drilled, ...]:
        """Those that are not as documented."""
        return tuple(one for one in self.cells if not one.passed)


async def drill(system: System, wanted: Wanted, tell: Callable[[Drilled], None]) -> Drill:
    """Every wanted cell, one after the other; `tell` hears of each. Leaves a happening, and nothing else.

    Raises ConfigError where no question is answered in full without a fault.
    """
    began = time.monotonic()
    deadline_s = wanted.deadline_s or system.settings.answer.deadline
    await system.warm()
    with tempfile.TemporaryDirectory(prefix="answerable-drill-") as folder:
        async with open_bench(system, live=wanted.live, deadline_s=deadline_s, folder=Path(folder)) as bench:
            canary, healthy = await _canary(system, bench, wanted)
            cells = [one async for one in _drilled(bench, wanted.cells, canary, healthy, tell)]
    done = Drill(
        question=canary.text,
        deadline_s=deadline_s,
        live=wanted.live,
        seconds=time.monotonic() - began,
        cells=tuple(cells),
        notes=_notes(system, wanted),
    )
    system.operations.watching.happened(_happening(done, system.settings.project.tenant))
    return done


def drill_record(done: Drill) -> dict[str, object]:
    """JSON-able."""
    return {
        "question": done.question,
        "deadline_s": done.deadline_s,
        "live": done.live,
        "seconds": round(done.seconds, 3),
        "passed": len(done.cells) - len(done.failed),
        "failed": len(done.failed),
        "notes": list(done.notes),
        "cells": [
            {
                "id": one.cell.id,
                "component": one.cell.component.value,
                "fault": one.cell.fault.value,
                "documented": one.cell.gets.value,
                "passed": one.passed,
                "outcome": one.outcome,
                "degraded": list(one.degraded),
                "seconds": round(one.seconds, 3),
                "differs": list(one.differs),
            }
            for one in done.cells
        ],
    }


async def _drilled(
    bench: Bench, cells: Sequence[Cell], canary: Query, healthy: Answer, tell: Callable[[Drilled], None]
) -> AsyncIterator[Drilled]:
    for cell in cells:
        async with bench.site(cell) as site:
            watch, began = Watcher(), time.monotonic()
            query = bench.system.with_deadline(canary, Deadline.after(bench.deadline_s))
            answer, raised = await _asked(site.asker, query, watch)
            seconds = time.monotonic() - began
            kept = await site.kept(answer) if answer else Kept(count=0)
        seen = Observed(
            answer=answer,
            events=tuple(watch.events),
            seconds=seconds,
            deadline_s=bench.deadline_s,
            recorded=kept.count,
            raised=raised,
            trace=kept.trace,
        )
        one = Drilled(
            cell=cell,
            outcome=answer.outcome.value if answer else "none",
            degraded=answer.degraded if answer else (),
            seconds=seconds,
            differs=differences(cell, seen, healthy=healthy),
        )
        tell(one)
        yield one


async def _asked(asker: Asker, query: Query, watch: Watcher) -> tuple[Answer | None, str]:
    """The answer; None, and why, where asking raised something: that is a finding, and the other cells go on."""
    try:
        with seam("asker"):
            return await asker.ask(query, listen=watch), ""
    except (AnswerableError, TimeoutError) as error:
        return None, f"{type(error).__name__}: {error}"


async def _canary(system: System, bench: Bench, wanted: Wanted) -> tuple[Query, Answer]:
    """A question that is answered in full while nothing is in its way, and the answer."""
    for query in _questions(system, wanted):
        timed = system.with_deadline(query, Deadline.after(bench.deadline_s))
        answer = await bench.asker.ask(timed)
        if answer.outcome is Outcome.ANSWERED and answer.citations:
            return query, answer
        if wanted.question:
            raise ConfigError(
                f"without any fault the question ends as {answer.outcome}",
                hint="give another --question, one that the index answers",
            )
    counts = await system.documents.counts(tenant=system.settings.project.tenant)
    if not counts.get("documents"):
        raise ConfigError("there are no documents to ask about", hint="answerable source sync")
    raise ConfigError("no case is answered in full without a fault", hint="give a question with --question")


def _questions(system: System, wanted: Wanted) -> list[Query]:
    if wanted.question:
        return [system.query(wanted.question)]
    try:
        filed, _ = read_suite(suites_of(system, ()))
    except AnswerableError as error:
        raise ConfigError(f"there is no case to ask: {error}", hint="give a question with --question") from error
    cases = [one.case for one in filed if one.case.expect.outcome in (None, Outcome.ANSWERED)]
    return [system.query(one.question, groups=one.groups) for one in cases if not one.history][:_TRIED]


def _notes(system: System, wanted: Wanted) -> tuple[str, ...]:
    if wanted.live:
        return ()
    models = "models are played by a scripted server, and nothing is spent; --live asks the configured ones"
    name = system.settings.retrieval.reranker
    stood = (f"reranker {name!r} is asked over the network: proximity stands in",) if stands_in(system) else ()
    return (models, *stood)


def _happening(done: Drill, tenant: str) -> Happening:
    failed = len(done.failed)
    return Happening(
        name="drill.finished",
        tenant=tenant,
        props={
            "cells": len(done.cells),
            "passed": len(done.cells) - failed,
            "failed": failed,
            "seconds": round(done.seconds, 3),
        },
    )
