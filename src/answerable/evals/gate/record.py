"""A report as JSON, for programs: every figure with its n, its interval and what could not be measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from answerable.evals.gate.decide import Check
from answerable.evals.gate.headline import sentences, title
from answerable.evals.gate.lines import Line, MustPass, Times
from answerable.evals.gate.pairs import Pair
from answerable.evals.gate.quantiles import Quantile
from answerable.evals.gate.report import Report, names, reasons, shown_row
from answerable.evals.gate.retrieved import text_of
from answerable.evals.gate.sides import Side
from answerable.evals.gate.waivers import Waiver


def report_record(report: Report) -> dict[str, Any]:
    """JSON-able. Shares and differences of shares are in [0, 1], times in ms, money in the project's currency."""
    comparison, decision = report.comparison, report.decision
    pairing = comparison.pairing
    return {
        "ruling": decision.ruling.value,
        "exit": decision.ruling.exit_code,
        "verdict": comparison.overall.change.value,
        "title": title(comparison, decision),
        "words": list(sentences(comparison, decision)),
        "base": _side(report.base),
        "head": _side(report.head),
        "notes": list(report.notes),
        "must_pass": _must_pass(comparison.must_pass),
        "lines": [_line(line) for line in comparison.lines],
        "times": [_times(one) for one in comparison.times],
        "cases": {
            "compared": len(pairing.pairs),
            "unmeasured": list(names(pairing.unmeasured)),
            "quarantined": list(names(pairing.quarantined)),
            "changed": list(pairing.changed),
            "added": list(pairing.added),
            "removed": list(pairing.removed),
            "fixed": list(names(report.fixed)),
            "broken": list(names(report.broken)),
            "flaky": list(names(report.flaky)),
        },
        "regressions": _regressions(report.regressions),
        "checks": [_check(check) for check in decision.checks],
        "expired_waivers": [_waiver(one) for one in decision.expired],
        "command": report.command,
    }


def _side(side: Side) -> dict[str, Any]:
    run = side.run
    return {
        "run": run.id,
        "name": side.name,
        "commit": run.commit,
        "branch": run.branch,
        "label": run.label,
        "target": run.target,
        "repeats": run.repeats,
        "fingerprint": dict(run.fingerprint),
        "rows": len(side.rows),
    }


def _must_pass(held: MustPass) -> dict[str, Any]:
    return {
        "cases": list(held.cases),
        "base_passed": held.base_passed,
        "head_passed": held.head_passed,
        "failed": list(held.failed),
        "failed_before": list(held.failed_before),
        "a_repeat_failed": list(held.shaky),
        "unmeasured": list(held.unmeasured),
        "missing": list(held.missing),
        "quarantined": list(held.quarantined),
    }


def _line(line: Line) -> dict[str, Any]:
    difference = line.difference
    return {
        "kind": line.kind.value,
        "name": line.name,
        "n": line.n,
        "unmeasured": line.unmeasured,
        "base": line.base,
        "head": line.head,
        "difference": difference and difference.mean,
        "low": difference and difference.interval.low,
        "high": difference and difference.interval.high,
        "confidence": difference and difference.interval.confidence,
        "clusters": difference and difference.clusters,
        "verdict": line.change.value if line.n else "not measured",
        "p": line.p,
        "fixed": line.fixed,
        "broken": line.broken,
        "mcnemar": line.mcnemar,
        "detectable": line.detectable,
        "more_cases": line.more_cases,
        "gates": line.gates,
        "note": line.note,
    }


def _times(times: Times) -> dict[str, Any]:
    return {"name": times.name, "base": _quantile(times.base), "head": _quantile(times.head)}


def _quantile(one: Quantile) -> dict[str, Any]:
    return {"ms": one.value, "low": one.low, "high": one.high, "n": one.n}


def _regressions(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    return [
        {
            "case": pair.case,
            "category": pair.head.category,
            "base_rate": pair.base.rate,
            "head_rate": pair.head.rate,
            "reasons": list(reasons(shown_row(pair.head))),
            "base_answer": text_of(pair.base.rows[0]),
            "head_answer": text_of(shown_row(pair.head)),
        }
        for pair in pairs
    ]


def _check(check: Check) -> dict[str, Any]:
    waiver = check.waiver
    return {
        "name": check.name,
        "ruling": check.ruling.value,
        "words": check.words,
        "waived": waiver and _waiver(waiver),
    }


def _waiver(waiver: Waiver) -> dict[str, Any]:
    return waiver.model_dump(mode="json", exclude_defaults=True)
