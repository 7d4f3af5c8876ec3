"""A branch's report as JSON, for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from answerable.evals.change.report import BranchReport
from answerable.evals.change.verdict import verdict
from answerable.evals.gate.record import report_record
from answerable.evals.gate.report import Report
from answerable.evals.gate.search_first import Stopped
from answerable.evals.gate.stopped_text import stopped_record


def branch_record(report: BranchReport) -> dict[str, Any]:
    """JSON-able; the gate's part is as `eval gate --format json` has it, None where nothing was compared."""
    return {
        "exit": report.exit_code,
        "verdict": verdict(report),
        "project": report.project,
        "base": report.base,
        "base_commit": report.base_commit,
        "head_commit": report.head_commit,
        "changed": [asdict(one) for one in report.changed],
        "prompts": [{**asdict(one), "silent": one.silent} for one in report.prompts],
        "held_by_other_rules": [one.path for one in report.held_by_other_rules],
        "notes": list(report.notes),
        "stages": [asdict(one) for one in report.stages],
        "lint": [asdict(one) for one in report.findings],
        "behavior": report.behavior,
        "gate": _gate(report.compared),
        "command": report.command,
    }


def _gate(found: Report | Stopped | None) -> dict[str, Any] | None:
    if isinstance(found, Stopped):
        return stopped_record(found)
    return report_record(found) if found else None
