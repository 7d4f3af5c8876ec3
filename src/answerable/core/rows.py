"""Runs and rows as JSON and back: one shape for the database, the bundle, the baseline in git and the reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from answerable.core.errors import IntegrityError
from answerable.core.evaluation import Row, Run, Score, Status


def score_record(score: Score) -> dict[str, Any]:
    """JSON-able; what is empty is left out."""
    record = {
        "name": score.name,
        "value": score.value,
        "passed": score.passed,
        "status": score.status.value,
        "reason": score.reason,
        "detail": dict(score.detail),
    }
    return {key: value for key, value in record.items() if value not in (None, "", {})}


def row_record(row: Row) -> dict[str, Any]:
    """JSON-able; costs are decimal strings, None where there is no price."""
    return {
        "case": row.case,
        "repeat": row.repeat,
        "key": row.key,
        "category": row.category,
        "cluster": row.cluster,
        "tags": list(row.tags),
        "language": row.language,
        "passed": row.passed,
        "outcome": row.outcome,
        "scores": [score_record(one) for one in row.scores],
        "latency_ms": row.latency_ms,
        "cost": _money(row.cost),
        "judge_cost": _money(row.judge_cost),
        "error": row.error,
        "answer": dict(row.answer),
    }


def run_record(run: Run) -> dict[str, Any]:
    """JSON-able; times are ISO 8601."""
    return {
        "id": run.id,
        "tenant": run.tenant,
        "suite": run.suite,
        "target": run.target,
        "label": run.label,
        "commit": run.commit,
        "branch": run.branch,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "repeats": run.repeats,
        "fingerprint": dict(run.fingerprint),
        "cases": list(run.cases),
        "detail": dict(run.detail),
    }


def row_of(record: Mapping[str, Any]) -> Row:
    """The row of a record. Raises IntegrityError, which names the case and what is wrong with it."""
    try:
        return Row(
            case=record["case"],
            repeat=record["repeat"],
            key=record["key"],
            category=record["category"],
            cluster=record["cluster"],
            tags=tuple(record.get("tags", ())),
            language=record.get("language", "en"),
            passed=record["passed"],
            outcome=record["outcome"],
            scores=_scores(record.get("scores", ())),
            latency_ms=float(record.get("latency_ms", 0.0)),
            cost=_decimal(record.get("cost")),
            judge_cost=_decimal(record.get("judge_cost")),
            error=record.get("error", ""),
            answer=dict(record.get("answer", {})),
        )
    except (KeyError, TypeError, ValueError, InvalidOperation, AttributeError) as exc:
        named = record.get("case", "?") if isinstance(record, Mapping) else "?"
        raise IntegrityError(f"the row of case {named} cannot be read: {exc!r}", hint="run it again") from exc


def run_of(record: Mapping[str, Any]) -> Run:
    """The run of a record. Raises IntegrityError."""
    try:
        finished = record["finished_at"]
        return Run(
            id=record["id"],
            tenant=record["tenant"],
            suite=record["suite"],
            target=record["target"],
            label=record.get("label", ""),
            commit=record.get("commit", ""),
            branch=record.get("branch", ""),
            started_at=datetime.fromisoformat(record["started_at"]),
            finished_at=datetime.fromisoformat(finished) if finished else None,
            repeats=record["repeats"],
            fingerprint=dict(record["fingerprint"]),
            cases=tuple(record["cases"]),
            detail=dict(record.get("detail", {})),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise IntegrityError(f"a run cannot be read: {exc!r}", hint="run it again") from exc


def _scores(records: Sequence[Mapping[str, Any]]) -> tuple[Score, ...]:
    return tuple(
        Score(
            name=one["name"],
            value=one.get("value"),
            passed=one.get("passed"),
            status=Status(one["status"]),
            reason=one.get("reason", ""),
            detail=dict(one.get("detail", {})),
        )
        for one in records
    )


def _money(cost: Decimal | None) -> str | None:
    return None if cost is None else str(cost)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
