"""Happenings of what a look found: pages that contradict each other, and a change that the gate holds back."""

from __future__ import annotations

from answerable.core.conflict import Recorded
from answerable.core.ports import Happening
from answerable.evals.gate.decide import Ruling
from answerable.evals.gate.report import Report
from answerable.evals.gate.search_first import Stopped


def conflicts_found(tenant: str, recorded: Recorded, *, standing: int) -> Happening | None:
    """One a look, however many are new; None where none is. `standing`: how many are open now."""
    if not recorded.opened:
        return None
    props = {"opened": recorded.opened, "standing": standing}
    return Happening(name="conflict.found", tenant=tenant, props=props)


def gate_failed(tenant: str, base: str, found: Report | Stopped) -> Happening | None:
    """None where it passed, or could not tell."""
    if found.decision.ruling is not Ruling.FAILED:
        return None
    failed = len(found.decision.of(Ruling.FAILED))
    props = {"base": base, "checks": failed} | (
        {"stage": "retrieval"}
        if isinstance(found, Stopped)
        else {"stage": "answers", "run": found.head.run.id, "suite": found.head.run.suite}
    )
    return Happening(name="gate.failed", tenant=tenant, props=props)
