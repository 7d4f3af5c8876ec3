"""The side that a branch is compared with: the baseline where the branch began, or that system measured now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from answerable.app.branches.branch import Branch
from answerable.app.choosing import Wanted
from answerable.app.evaluating import evaluate
from answerable.app.fingerprint import scoring_part
from answerable.app.ingesting import open_ingestion
from answerable.app.project import Project
from answerable.app.system import System, open_system
from answerable.config.quality import EvalSection
from answerable.evals.change.kinds import Kind
from answerable.evals.change.settings import builds_another_index
from answerable.evals.gate.baseline import read_baseline
from answerable.evals.gate.sides import METRICS, Side, other_metrics
from answerable.evals.runs.progress import Observer, ignore

Tell = Callable[[str], None]


class NoBase(Exception):  # noqa: N818 - reads as what it is
    """There is nothing that the branch could be compared with. The message says why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """How the base is measured where it has to be."""

    wanted: Wanted
    scratch: Path
    always: bool = False  # though there is a baseline
    observe: Observer = ignore
    tell: Tell


async def base_side(head: System, branch: Branch, how: Measuring) -> tuple[Side, tuple[str, ...]]:
    """The side, and what a reader has to know of it. Raises NoBase, and what an evaluation raises.

    The baseline is the one that is committed where the branch began: what the branch makes of it does not count.
    """
    base = branch.base
    if base is None:
        raise NoBase("there is no project where the branch began: nothing to compare with")
    kept, why = (None, "as it was asked for") if how.always else await asyncio.to_thread(_kept, head, base, branch)
    if kept is not None:
        return kept, await asyncio.to_thread(_older, kept, branch)
    how.tell(f"measuring {branch.point.reference} at {branch.point.commit[:7]}: {why}")
    side = await _measured(head, base, branch, how)
    return side, (f"the base was measured now, {why}", *_same_documents(branch))


def _kept(head: System, base: Project, branch: Branch) -> tuple[Side | None, str]:
    """The committed baseline, or None and why it does not serve."""
    name = base.settings.eval.baseline
    path = base.path(name)
    if not path.is_file():
        return None, f"for there is no {name} there"
    side = read_baseline(path, name=f"{name} at {branch.point.commit[:7]}")
    patterns = [head.project.path(one) for one in head.settings.eval.patterns]
    if other_metrics(side, {METRICS: scoring_part(patterns)}):
        return None, f"for {name} was scored by other metrics or patterns than this version has"
    return side, ""


def _older(kept: Side, branch: Branch) -> tuple[str, ...]:
    """What was merged after the baseline was made is in the comparison, too."""
    commit = kept.run.commit.rstrip("+")
    between = (
        sorted(one for one in branch.point.since(commit) if branch.places.kind(one).answers) if commit else []
    )
    if not between:
        return ()
    named = ", ".join(between[:3]) + (f" and {len(between) - 3} more" if len(between) > 3 else "")
    return (
        f"the baseline is of {commit[:7]}; {named} changed between it and where the branch began, "
        "and that is in the comparison, too: --measure-base leaves it out",
    )


def _same_documents(branch: Branch) -> tuple[str, ...]:
    if branch.touches(Kind.DOCUMENTS) and not builds_another_index(branch.settings):
        return (
            "both sides answered from this branch's documents: what their change does is not in the comparison",
        )
    return ()


async def _measured(head: System, base: Project, branch: Branch, how: Measuring) -> Side:
    target = head.settings.eval.target
    if target and not target.startswith(("http://", "https://")):
        raise NoBase(
            f"{target} is loaded once a process: set a baseline on {branch.point.reference} and commit it"
        )
    if target:
        raise NoBase(f"what is behind {target} now is no base: set a baseline and commit it")
    name = f"{branch.point.reference} {branch.point.commit[:7]}"
    wanted = replace(how.wanted, label=name)
    async with _opened(head, base, branch, how) as system:
        finished = await evaluate(system, wanted, observe=how.observe, tell=how.tell)
    run = replace(finished.run, commit=branch.point.commit, label=branch.point.reference)
    return Side(run=run, rows=finished.rows)


@asynccontextmanager
async def _opened(head: System, base: Project, branch: Branch, how: Measuring) -> AsyncIterator[System]:
    """The base's prompts and settings over this branch's index; over an index of its own where that differs."""
    settings = base.settings.model_copy(
        update={"database": head.settings.database, "eval": _same_cases(head.project)}
    )
    over = replace(base, settings=settings)
    if not builds_another_index(branch.settings):
        async with open_system(over) as system:
            yield system
        return
    if head.settings.database.url is not None:
        raise NoBase(
            f"{branch.point.reference} has another index, and the database is not this run's own: "
            "set a baseline there and commit it"
        )
    folder = await asyncio.to_thread(branch.point.lay_out, how.scratch / "whole")
    alone = replace(over, base=folder, home=None)
    async with open_system(alone) as system:
        await fill(system, how.tell)
        yield system


def _same_cases(project: Project) -> EvalSection:
    """The branch's cases and measures, wherever the base's own folder is."""
    section = project.settings.eval
    placed = {
        name: tuple(str(project.path(one)) for one in getattr(section, name)) for name in ("suites", "patterns")
    }
    return section.model_copy(update={**placed, "criteria": str(project.path(section.criteria))})


async def fill(system: System, tell: Tell) -> tuple[str, ...]:
    """Sync every source. What could not be read is said."""
    said = []
    async with open_ingestion(system) as ingestion:
        for section in system.settings.source:
            report = await ingestion.sync(section)
            tell(f"{section.id}: {report.added} added, {report.changed} changed, {report.unchanged} unchanged")
            said += [f"{uri} cannot be read, and is not in the index: {why}" for uri, why in report.failed.items()]
    return tuple(said)
