"""Two sides and the project's rules: where each side is read from, what it is held to, and what is excused."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from answerable.adapters.checkout import Checkout
from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.evals.gate.baseline import read_baseline, write_baseline
from answerable.evals.gate.compare import compare, is_must_pass
from answerable.evals.gate.decide import Rules, decide
from answerable.evals.gate.entries import append_entry, checked_entry
from answerable.evals.gate.judged import FitnessOf
from answerable.evals.gate.lines import Terms
from answerable.evals.gate.quarantine import Quarantined, check_must_pass, load_quarantine, set_aside
from answerable.evals.gate.report import Report
from answerable.evals.gate.sides import Side, changed_cases, explain, obstacles, same_system
from answerable.evals.gate.waivers import Waiver, load_waivers
from answerable.evals.judges.fitness import fitness, read_records

if TYPE_CHECKING:
    from answerable.app.system import System

BASELINE = "baseline"


def is_file(reference: str) -> bool:
    """Whether a reference means a file and not a run of the database."""
    return reference == BASELINE or reference.endswith(".json")


async def read_side(project: Project, system: System | None, reference: str) -> Side:
    """`baseline`, a .json file, or a run by id, label, branch, commit, `HEAD` or `latest`.

    Raises ConfigError and NotFound. A file needs no `system`.
    """
    if reference == BASELINE:
        name = project.settings.eval.baseline
        return await asyncio.to_thread(read_baseline, project.path(name), name=name)
    if is_file(reference):
        return await asyncio.to_thread(read_baseline, project.path(reference), name=reference)
    if system is None:
        raise ConfigError(f"{reference!r} is a run, and no database is open")
    tenant = project.settings.project.tenant
    run = await system.runs.run(tenant=tenant, reference=await asyncio.to_thread(_commit, project, reference))
    return Side(run=run, rows=tuple(await system.runs.rows(tenant=tenant, run=run.id)))


def report(project: Project, base: Side, head: Side, *, command: str) -> Report:
    """Compare two sides and hold them to the project's rules. Raises ConfigError for files that cannot be read."""
    settings, day = project.settings.eval, today(project)
    quarantine = read_quarantine(project, head)
    comparison = compare(
        base.rows,
        head.rows,
        terms=terms(project),
        changed=changed_cases(base, head),
        quarantined=[one.case for one in set_aside(quarantine, day)],
        same_system=same_system(base, head),
        fitness_of=_fitness(project),
    )
    decision = decide(
        comparison,
        rules=_rules(project),
        today=day,
        of=_names(head),
        quarantine=quarantine,
        waivers=load_waivers(project.path(settings.waivers)),
        obstacles=obstacles(base, head),
    )
    return Report(
        base=base,
        head=head,
        comparison=comparison,
        decision=decision,
        notes=explain(base, head),
        quarantine=quarantine,
        command=command,
    )


def read_quarantine(project: Project, side: Side) -> tuple[Quarantined, ...]:
    """The project's quarantine, held to the must-pass cases of a side. Raises ConfigError."""
    place = project.settings.eval.quarantine
    found, held = load_quarantine(project.path(place)), terms(project)
    must_pass = {row.case for row in side.rows if is_must_pass(row.case, row.tags, held)}
    check_must_pass(set_aside(found, today(project)), must_pass, place)
    return found


async def set_baseline(system: System, reference: str) -> tuple[Path, Side]:
    """Write the baseline from a run that is finished. Raises ConfigError and NotFound."""
    side = await read_side(system.project, system, reference)
    if side.run.finished_at is None:
        raise ConfigError(f"run {side.run.id} is not finished", hint="answerable eval run --resume finishes it")
    path = system.project.path(system.settings.eval.baseline)
    await asyncio.to_thread(write_baseline, side, path)
    return path, side


def waive(project: Project, gate: str, *, name: str, reason: str, until: date, only: str = "") -> Path:
    """Add a waiver to the project's file. Raises ConfigError: no such gate, no reason, a day that is over."""
    if until < today(project):
        raise ConfigError(f"{until} is over", hint="a waiver ends on a day to come")
    path = project.path(project.settings.eval.waivers)
    load_waivers(path)  # what cannot be read is not added to
    given = {"gate": gate, "name": name, "reason": reason, "expires": until, "only": only}
    append_entry(path, checked_entry(given, Waiver, "the waiver"))
    return path


def terms(project: Project) -> Terms:
    """What counts as a difference here. The settings are points, the terms shares."""
    settings = project.settings.eval
    return Terms(
        margin=settings.margin / 100,
        tolerance=settings.gate.tolerance / 100,
        alpha=settings.alpha,
        must_pass=settings.must_pass,
    )


def today(project: Project) -> date:
    """The project's day."""
    return datetime.now(ZoneInfo(project.settings.project.timezone)).date()


def _rules(project: Project) -> Rules:
    gate_section = project.settings.eval.gate
    limit = gate_section.latency_p95
    return Rules(
        retrieval=bool(gate_section.retrieval),
        overall=bool(gate_section.overall),
        floors=gate_section.floors,
        latency_p95_ms=None if limit is None else limit * 1000,
        cost_rise=gate_section.cost_per_answer,
        unmeasured=gate_section.unmeasured,
    )


def _fitness(project: Project) -> FitnessOf:
    settings = project.settings.eval
    records = read_records(project.path(settings.fitness))
    kappa, labels = settings.judge_min_kappa, settings.judge_min_labels
    return lambda criterion, judge: fitness(
        records, criterion=criterion, judge=judge, min_kappa=kappa, min_labels=labels
    )


def _names(head: Side) -> tuple[str, ...]:
    return tuple(name for name in (head.run.id, head.digest) if name)


def _commit(project: Project, reference: str) -> str:
    """HEAD is the checkout's commit, without what is not committed; any other reference is itself."""
    if reference != "HEAD":
        return reference
    checkout = Checkout.find(project.base.resolve())
    if checkout is None:
        raise ConfigError(f"{project.base} is in no git checkout", hint="name a run: answerable eval list")
    return checkout.commit.rstrip("+")
