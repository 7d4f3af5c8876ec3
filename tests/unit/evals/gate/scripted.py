"""Rows and sides written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from answerable.core.evaluation import Row, Run, Score, Status
from answerable.evals.gate.compare import compare
from answerable.evals.gate.decide import Rules, decide
from answerable.evals.gate.lines import Terms
from answerable.evals.gate.report import Report
from answerable.evals.gate.sides import Side, explain

TODAY = date(2026, 11, 22)
TERMS = Terms()


def row(case: str, passed: bool | None = True, **given: object) -> Row:
    """One answer; `category`, `repeat`, `text`, `scores`, `tags`, `cost`, `ms` and `error` as wanted."""
    scores = given.get("scores", {})
    bars = [Score(name=name, value=value) for name, value in scores.items()] if isinstance(scores, Mapping) else []
    if passed is not None:
        reason = "" if passed else "'17 days' is missing"
        bars = [Score(name="must", value=float(passed), passed=passed, reason=reason), *bars]
    else:
        bars = [Score(name="must", status=Status.ERROR, reason="the metric broke"), *bars]
    cost = given.get("cost", "0.002")
    return Row(
        case=case,
        repeat=int(str(given.get("repeat", 0))),
        key=f"{case}-{given.get('repeat', 0)}",
        category=str(given.get("category", "obvious")),
        cluster=str(given.get("cluster", case)),
        tags=tuple(given.get("tags", ())),  # type: ignore[arg-type]
        passed=passed,
        outcome="answered",
        answer={"text": given.get("text", "It takes 17 days [1]."), "passages": [{"uri": "policies/returns.md"}]},
        scores=tuple(bars),
        latency_ms=float(str(given.get("ms", 1200.0))),
        cost=None if cost is None else Decimal(str(cost)),
        error=str(given.get("error", "")),
    )


def rows(results: Mapping[str, Sequence[bool | None]], **given: object) -> list[Row]:
    """Rows of cases with their repeats."""
    return [
        row(case, passed, **{"repeat": n, "text": f"It takes {17 if passed else 30} days [1].", **given})
        for case, repeats in results.items()
        for n, passed in enumerate(repeats)
    ]


def run(cases: Sequence[str], **given: object) -> Run:
    """A finished run."""
    made = Run(
        id="run_4fd1c2",
        tenant="default",
        suite="all",
        target="system",
        fingerprint={"prompts": "p1", "models": "m1", "index": "i1", "parameters": "a1", "code": "c1"},
        cases=tuple(cases),
        repeats=1,
        started_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
        finished_at=datetime(2026, 11, 20, 10, tzinfo=UTC),
        commit="91ab77d0000",
        branch="better-prompt",
    )
    return replace(made, **given)  # type: ignore[arg-type]


def side(found: Sequence[Row], **given: object) -> Side:
    """A side of a comparison."""
    cases = sorted({one.case for one in found})
    return Side(run=run(cases, **given), rows=tuple(found))


def report(base: Side, head: Side, *, rules: Rules | None = None, **given: object) -> Report:
    """Compared and decided."""
    comparison = compare(base.rows, head.rows, terms=TERMS)
    decision = decide(comparison, rules=rules or Rules(), today=TODAY, of=(head.run.id,), **given)  # type: ignore[arg-type]
    return Report(
        base=base,
        head=head,
        comparison=comparison,
        decision=decision,
        notes=explain(base, head),
        command="answerable eval compare main..better-prompt",
    )
