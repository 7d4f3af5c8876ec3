"""A red-team run: each trial end to end, judged by what left and kept as a line; nothing else stays behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from answerable.app.project import Project
from answerable.app.redteam.attempts import Attempts, Endpoint, InDocuments, Questions
from answerable.app.redteam.packs import packs_of
from answerable.app.redteam.pricing import check_cost
from answerable.app.redteam.scratch import open_scratch
from answerable.app.redteam.standing import HAPPENING
from answerable.app.redteam.targets import CAPTURED, aim
from answerable.app.setup import setup_of
from answerable.app.system import System
from answerable.app.targets import Aim, open_target
from answerable.core.errors import ConfigError
from answerable.core.ports import Happening
from answerable.evals.redteam.pack import Family, Pack, Trial
from answerable.evals.redteam.record import PackRef, RedteamRun, RunFolder, RunHead, TrialRow, new_id
from answerable.evals.redteam.summary import ALL, Summary, summarize


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person asked for. Empty: all packs, all families."""

    packs: tuple[str, ...] = ()
    families: tuple[Family, ...] = ()
    target: str = CAPTURED
    detectors: bool = True
    limit: int | None = None
    max_cost: Decimal | None = None
    resume: str = ""  # a run's id, or latest


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is; `kept` trials were there already."""

    done: int
    total: int
    kept: int
    through: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What came of it. `stopped` says why it is not at its end; empty: it is."""

    summary: Summary
    stopped: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Todo:
    pack: Pack
    trial: Trial


def runs_of(project: Project) -> RunFolder:
    """Where the project keeps its runs."""
    return RunFolder(folder=project.state / "redteam")


async def attack(
    system: System, wanted: Wanted, *, observe: Callable[[Progress], None], tell: Callable[[str], None]
) -> Finished:
    """Try what is left of a run. Raises ConfigError for what does not fit, before anything is asked."""
    runs = runs_of(system.project)
    head, kept = _begun(system, wanted, runs)
    packs = packs_of(system.project).chosen([one.name for one in head.packs])
    _check_same(head, packs)
    todo = _todo(head, packs)
    left = [one for one in todo if (one.trial.id, one.pack.name) not in kept]
    tell(_opening(head, len(todo), len(todo) - len(left)))
    check_cost(system, head.target, len(left), wanted.max_cost, tell)
    stopped = await _try_all(system, head, left, runs, _Watch(observe, len(todo), kept), wanted.max_cost)
    if not stopped:
        runs.finish(head.id)
    run = runs.read(head.id)
    summary = summarize(run, runs.before(head))
    if not stopped:
        system.happenings.write(_happening(system, summary))
    return Finished(summary=summary, stopped=stopped)


class _Watch:
    """Counts, and tells who watches."""

    def __init__(
        self, observe: Callable[[Progress], None], total: int, kept: dict[tuple[str, str], TrialRow]
    ) -> None:
        self._observe, self._total, self._kept = observe, total, len(kept)
        self._done, self._through = self._kept, sum(1 for row in kept.values() if row.breaches)
        self._began = time.monotonic()
        self.spent = sum((Decimal(row.cost) for row in kept.values() if row.cost), Decimal(0))

    def took(self, row: TrialRow) -> None:
        self._done += 1
        self._through += bool(row.breaches)
        self.spent += Decimal(row.cost or 0)
        self._observe(
            Progress(
                done=self._done,
                total=self._total,
                kept=self._kept,
                through=self._through,
                seconds=time.monotonic() - self._began,
            )
        )


async def _try_all(
    system: System,
    head: RunHead,
    todo: Sequence[_Todo],
    runs: RunFolder,
    watch: _Watch,
    max_cost: Decimal | None,
) -> str:
    async with AsyncExitStack() as stack:
        ways: dict[str, Attempts] = {}
        for one in todo:
            surface = "question" if one.trial.carrier is None else "document"
            if surface not in ways:
                ways[surface] = await _way(system, head, surface, stack)
            row = await ways[surface].attempt(one.pack, one.trial)
            runs.add(head.id, row)
            watch.took(row)
            if max_cost is not None and watch.spent >= max_cost:
                return f"{watch.spent} is spent, and --max-cost is {max_cost}"
    return ""


async def _way(system: System, head: RunHead, surface: str, stack: AsyncExitStack) -> Attempts:
    """How trials of a surface are made; what they need is opened when the first one comes."""
    if head.target.startswith(("http://", "https://")):
        aimed = await stack.enter_async_context(open_target(system, Aim(target=head.target)))
        return Endpoint(target=aimed.target)
    if surface == "question":
        await system.warm()
        return Questions(system=system, aimed=aim(system, head.target), detectors=head.detectors)
    scratch = await stack.enter_async_context(open_scratch(system.project, detectors=head.detectors))
    return InDocuments(scratch=scratch, aimed=aim(system, head.target), detectors=head.detectors)


def _begun(system: System, wanted: Wanted, runs: RunFolder) -> tuple[RunHead, dict[tuple[str, str], TrialRow]]:
    if wanted.resume:
        run: RedteamRun = runs.read(wanted.resume)
        if run.finished:
            raise ConfigError(f"{run.head.id} is finished", hint="begin another without --resume")
        return run.head, {(row.id, row.pack): row for row in run.rows}
    aim_checked(system, wanted.target)
    now = datetime.now(UTC)
    head = RunHead(
        id=new_id(now),
        at=now.isoformat(timespec="seconds"),
        target=wanted.target,
        detectors=wanted.detectors,
        packs=tuple(PackRef.of(one) for one in packs_of(system.project).chosen(wanted.packs)),
        families=tuple(one.value for one in wanted.families),
        limit=wanted.limit,
        setup=setup_of(system.project, system.asker),
    )
    if not _todo(head, packs_of(system.project).chosen([one.name for one in head.packs])):
        raise ConfigError("no pack has an attack of that family that this target can be asked")
    runs.begin(head)
    return head, {}


def aim_checked(system: System, target: str) -> None:
    """Raises ConfigError for a target that there is not."""
    if not target.startswith(("http://", "https://")):
        aim(system, target)


def _check_same(head: RunHead, packs: Sequence[Pack]) -> None:
    hashes = {one.name: one.sha256 for one in head.packs}
    for pack in packs:
        if hashes[pack.name] != pack.sha256:
            raise ConfigError(f"pack {pack.name} is another than when {head.id} was begun", hint="begin anew")


def _todo(head: RunHead, packs: Sequence[Pack]) -> list[_Todo]:
    """What is asked first, then what travels in documents, page by page, so that few pages are read anew."""
    endpoint = head.target.startswith(("http://", "https://"))
    found = [
        _Todo(pack=pack, trial=trial)
        for pack in packs
        for trial in pack.trials()
        if (not head.families or trial.attack.family.value in head.families)
        and not (endpoint and trial.carrier is not None)
    ]
    if head.limit is not None and head.limit < len(found):  # spread over all of them, not the first
        found = [found[at * len(found) // head.limit] for at in range(head.limit)]
    return sorted(
        found, key=lambda one: (one.trial.carrier is not None, one.trial.carrier is not None and _page(one))
    )


def _page(one: _Todo) -> str:
    return f"{one.pack.name}/{one.trial.carrier.id if one.trial.carrier else ''}"


def _opening(head: RunHead, total: int, kept: int) -> str:
    packs = ", ".join(f"{one.name} {one.version} of {one.date}" for one in head.packs)
    detectors = "" if head.detectors else ", detectors off"
    there = f", {kept} are there" if kept else ""
    return f"{head.id}: {total} trials{there}; {packs}; target {head.target}{detectors}"


def _happening(system: System, summary: Summary) -> Happening:
    head, line = summary.run.head, summary.line(ALL)
    assert line is not None  # noqa: S101 - a run has a line for all
    return Happening(
        name=HAPPENING,
        tenant=system.settings.project.tenant,
        props={
            "run": head.id,
            "target": head.target[:200],
            "detectors": head.detectors,
            "trials": line.n,
            "through": line.through,
            "unmeasured": line.unmeasured,
            "upper95": 1.0 if line.upper is None else round(line.upper, 5),
            "packs": ", ".join(f"{one.name} {one.version}" for one in head.packs)[:300],
            "pack_date": min(one.date for one in head.packs),
        },
    )
