"""A stored run as a report, in the form that somebody wants."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from answerable.app.attributing import attribute
from answerable.app.system import System
from answerable.core.evaluation import Row, Run
from answerable.evals.runs.report import report_of


async def load_report(system: System, reference: str) -> dict[str, Any]:
    """By id, label, branch, commit, `latest` or unique beginning. Raises NotFound."""
    run, rows = await load_run(system, reference)
    return report_of(run, rows, lost=await attribute(system, run, rows))


async def load_run(system: System, reference: str) -> tuple[Run, Sequence[Row]]:
    """The run with its rows. Raises NotFound."""
    tenant = system.settings.project.tenant
    run = await system.runs.run(tenant=tenant, reference=reference)
    return run, await system.runs.rows(tenant=tenant, run=run.id)


def report_place(system: System, run: str) -> Path:
    """Where a report is put that nobody gave a place."""
    return system.project.state / "reports" / f"{run}.html"
