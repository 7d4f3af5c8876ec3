"""A branch held to where it began: what it changes, lint, behavior, the gate, whatever one of them comes to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from answerable.adapters.branch_point import BranchPoint
from answerable.adapters.checkout import Checkout
from answerable.app.branches.branch import Branch, look
from answerable.app.project import Project
from answerable.core.errors import AnswerableError
from answerable.evals.change.report import BranchReport
from answerable.evals.change.stage import Stage, broke
from answerable.evals.runs.progress import Observer, ignore

if TYPE_CHECKING:
    from answerable.evals.gate.search_first import Searches


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person, or a runner, asked for."""

    base: str = ""  # a branch, tag or commit; empty: main or master
    everything: bool = False  # though nothing changed that decides an answer
    measure_base: bool = False  # though there is a baseline
    sync: bool | None = None  # None: where the database is this project's own
    repeats: int | None = None
    judge: bool = False
    max_cost: float | None = None
    accepted_by: str = ""  # who passes what cannot be told; empty: nobody
    accepted_for: str = ""  # the reason
    command: str = "answerable ci run"


@dataclass(slots=True, kw_only=True)
class Drafted:
    """The report as far as it has come, so that there is one whatever happens."""

    report: BranchReport

    def add(self, stage: Stage) -> None:
        """One more stage."""
        self.report = replace(self.report, stages=(*self.report.stages, stage))

    def note(self, *words: str) -> None:
        """What a reader has to know."""
        self.report = replace(self.report, notes=(*self.report.notes, *words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Who hears what is being done."""

    tell: Callable[[str], None]
    tell_searches: Callable[[Searches], None]
    observe: Observer = ignore


async def check_branch(config: Path | None, asked: Asked, *, drafted: Drafted, heard: Heard) -> None:
    """Fills the draft, stage by stage. A stage that breaks is a stage of the report; the others go on.

    What is no AnswerableError, and an interruption, go through: the draft has what was known until then.
    """
    with TemporaryDirectory(prefix="answerable-base-") as folder:
        scratch = Path(folder)
        branch = await _begin(config, asked, drafted, scratch)
        if branch is None:
            return
        if not branch.relevant and not asked.everything:
            heard.tell("nothing that decides an answer changed")
            return
        from answerable.app.branches.stages import (
            run_stages,  # seconds that a branch without a change need not wait
        )

        await run_stages(branch, asked, drafted, heard, scratch)


async def _begin(config: Path | None, asked: Asked, drafted: Drafted, scratch: Path) -> Branch | None:
    """What changed; None where that cannot be told, which is then in the draft."""
    what = "configuration"
    try:
        project = Project.open(config)
        what = "git"
        point = await asyncio.to_thread(BranchPoint.find, project.base.resolve(), asked.base)
        branch = await asyncio.to_thread(look, project, point, scratch)
    except AnswerableError as error:
        drafted.add(broke(what, _words(error), error.exit_code))
        return None
    drafted.report = replace(
        drafted.report,
        project=point.prefix.strip("/"),
        base=point.reference,
        base_commit=point.commit,
        head_commit=await asyncio.to_thread(_commit, project),
        changed=branch.changed,
        prompts=branch.prompts,
        notes=branch.notes,
    )
    return branch


def _commit(project: Project) -> str:
    checkout = Checkout.find(project.base.resolve())
    return checkout.commit if checkout else ""


@asynccontextmanager
async def caught(drafted: Drafted, name: str) -> AsyncIterator[None]:
    """What breaks inside is a stage of the report, and the work goes on behind it."""
    try:
        yield
    except AnswerableError as error:
        drafted.add(broke(name, _words(error), error.exit_code))


def _words(error: AnswerableError) -> str:
    return f"{error} ({error.hint})" if error.hint else str(error)
