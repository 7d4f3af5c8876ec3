"""A run as a report: causes of failure first, then categories, cases, costs. JSON-able; all faces show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from answerable.core.evaluation import Row, Run, Score, Status
from answerable.core.rows import score_record
from answerable.evals.runs.aggregate import Aggregate, Tally, aggregate
from answerable.evals.runs.attribution import Lost
from answerable.evals.runs.causes import Cause, cause_of, reasons
from answerable.evals.runs.passing import JUDGE
from answerable.evals.runs.quantiles import Quantile, quantile
from answerable.evals.runs.runner import CACHED, GUESSED, is_degraded
from answerable.evals.stats.proportions import wilson

FEW = 30  # below it a share is said as "k of n", without a percentage


def report_of(run: Run, rows: Sequence[Row], *, lost: Mapping[str, Lost] | None = None) -> dict[str, Any]:
    """Everything a report shows. Shares are in [0, 1], times in milliseconds, money in decimal strings.

    `lost`: by row key, where the gold spans of a failing row were lost, as far as somebody looked.
    """
    counted = aggregate(rows, cases=run.cases)
    return {
        "run": _run(run),
        "overall": _tally("all", counted.overall),
        "rows": {
            "planned": len(run.cases) * run.repeats,
            "there": len(rows),
            "cached": sum(bool(row.answer.get(CACHED)) for row in rows),
        },
        "causes": _causes(rows),
        "lost": _lost(rows, lost or {}),
        "categories": [_tally(name, one) for name, one in counted.categories.items()],
        "metrics": _metrics(rows),
        "judges": _judges(rows),
        "flaky": [one.case for one in counted.results if one.flaky],
        "not_asked": _not_asked(run, counted),
        "degraded": _degraded(rows),
        "latency": _latency(rows),
        "cost": _cost(rows),
        "fingerprint": dict(run.fingerprint),
        "reproduce": _reproduce(run),
        "cases": [_case(row) for row in sorted(rows, key=_worst_first)],
    }


def share_text(k: float, n: int, low: float, high: float) -> str:
    """`23 of 26`, and from 30 on with percentage and interval; nothing measured is said so."""
    if not n:
        return "nothing measured"
    of = f"{k:g} of {n}" if k == round(k, 2) else f"{k:.2f} of {n}"
    return of if n < FEW else f"{of}, {100 * k / n:.1f} % ({100 * low:.1f} – {100 * high:.1f})"


def _run(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "suite": run.suite,
        "target": run.target,
        "label": run.label,
        "commit": run.commit,
        "branch": run.branch,
        "started_at": run.started_at.isoformat(timespec="seconds"),
        "finished_at": run.finished_at.isoformat(timespec="seconds") if run.finished_at else None,
        "repeats": run.repeats,
        "day": run.detail.get("day", ""),
        "concurrency": run.detail.get("concurrency"),
        "filter": list(run.detail.get("filter", ())),
    }


def _tally(name: str, one: Tally) -> dict[str, Any]:
    """Repeats are averaged within their case, so Wilson's interval is wide enough for them."""
    interval = wilson(one.passed, one.measured)
    return {
        "name": name,
        "cases": one.cases,
        "measured": one.measured,
        "unmeasured": one.unmeasured,
        "passed": round(one.passed, 6),
        "flaky": one.flaky,
        "rate": one.rate,
        "low": interval.low if one.measured else None,
        "high": interval.high if one.measured else None,
        "text": share_text(one.passed, one.measured, interval.low, interval.high),
    }


def _causes(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The commonest first; what could not be measured is last, since it says nothing of the answers."""
    by_cause: dict[Cause, list[str]] = {}
    for row in rows:
        if (cause := cause_of(row)) is not None:
            by_cause.setdefault(cause, []).append(row.case)
    ordered = sorted(by_cause.items(), key=lambda one: (one[0] is Cause.UNMEASURED, -len(set(one[1]))))
    return [
        {
            "cause": cause.value,
            "title": cause.what,
            "advice": cause.advice,
            "cases": sorted(set(cases)),
            "rows": len(cases),
        }
        for cause, cases in ordered
    ]


def _metrics(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Each by itself, in the order they were measured; a judge's raw rate is never shown here."""
    by_name: dict[str, list[Score]] = {}
    for row in rows:
        for one in row.scores:
            by_name.setdefault(one.name, []).append(one)
    return [_metric(name, scores) for name, scores in by_name.items() if not name.startswith(JUDGE)]


def _metric(name: str, scores: Sequence[Score]) -> dict[str, Any]:
    values = [one.value for one in scores if one.value is not None]
    bars = [one.passed for one in scores if one.passed is not None]
    return {
        "name": name,
        "n": len(values),
        "mean": sum(values) / len(values) if values else None,
        "passed": sum(bars) if bars else None,
        "barred": len(bars),
        "not_applicable": sum(one.status is Status.NOT_APPLICABLE for one in scores),
        "unmeasured": sum(one.status is Status.ERROR for one in scores),
    }


def _judges(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """How often each was asked and said neither YES nor NO. Never its rate: that needs people's labels."""
    said = [one for row in rows for one in row.scores if one.name.startswith(JUDGE)]
    asked = [one for one in said if one.status is not Status.NOT_APPLICABLE]
    return [
        {
            "name": name,
            "asked": sum(one.name == name for one in asked),
            "unmeasured": sum(one.name == name and one.status is Status.ERROR for one in asked),
        }
        for name in dict.fromkeys(one.name for one in asked)
    ]


def _not_asked(run: Run, counted: Aggregate) -> list[str]:
    known = {one.case for one in counted.results}
    return [case for case in run.cases if case not in known]


def _degraded(rows: Sequence[Row]) -> dict[str, int]:
    """Rows in which a step was left out, by the step: a busy machine or a lost model measures something else."""
    every = [one for row in rows if is_degraded(row) for one in row.answer["degraded"] if one != GUESSED]
    return {name: every.count(name) for name in sorted(set(every))}


def _latency(rows: Sequence[Row]) -> dict[str, Any]:
    """Of the rows that this run asked itself; those of the cache were timed at another hour."""
    taken = [row.latency_ms for row in rows if not row.error and not row.answer.get(CACHED)]
    return {"p50": _quantile(quantile(taken, 0.5)), "p95": _quantile(quantile(taken, 0.95)), "n": len(taken)}


def _quantile(one: Quantile | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "ms": round(one.value, 1),
        "low": None if one.low is None else round(one.low, 1),
        "high": None if one.high is None else round(one.high, 1),
    }


def _cost(rows: Sequence[Row]) -> dict[str, Any]:
    """Of the answers and of the judges apart. Rows of the cache cost nothing this time."""
    priced = [row for row in rows if row.cost is not None]
    fresh = [row for row in rows if not row.answer.get(CACHED)]
    return {
        "answers": str(sum((row.cost or Decimal(0) for row in priced), Decimal(0))) if priced else None,
        "priced": len(priced),
        "unpriced": len(rows) - len(priced),
        "judges": str(sum((row.judge_cost or Decimal(0) for row in rows), Decimal(0)))
        if any(row.judge_cost is not None for row in rows)
        else None,
        "now": str(sum(((row.cost or Decimal(0)) + (row.judge_cost or Decimal(0)) for row in fresh), Decimal(0))),
    }


def _reproduce(run: Run) -> list[str]:
    words = ["answerable eval run", *(f"--filter {one}" for one in run.detail.get("filter", ()))]
    if run.repeats > 1:
        words.append(f"--repeat {run.repeats}")
    checkout = [f"git checkout {run.commit.rstrip('+')}"] if run.commit else []
    return [*checkout, " ".join(words), f"answerable eval export {run.id} bundle/"]


def _worst_first(row: Row) -> tuple[int, str, str, int]:
    order = {False: 0, None: 1, True: 2}[row.passed]
    return (order, row.category, row.case, row.repeat)


def _lost(rows: Sequence[Row], lost: Mapping[str, Lost]) -> list[dict[str, Any]]:
    """In the order of the way from the documents to the answer."""
    found: dict[Lost, set[str]] = {}
    for row in rows:
        if row.key in lost:
            found.setdefault(lost[row.key], set()).add(row.case)
    return [
        {"step": step.value, "title": step.what, "advice": step.advice, "cases": sorted(found[step])}
        for step in Lost
        if step in found
    ]


def _case(row: Row) -> dict[str, Any]:
    answer = row.answer
    asked: Mapping[str, Any] = answer.get("case", {})
    cause = cause_of(row)
    return {
        "case": row.case,
        "repeat": row.repeat,
        "category": row.category,
        "tags": list(row.tags),
        "language": row.language,
        "passed": row.passed,
        "state": {True: "passed", False: "failed", None: "unmeasured"}[row.passed],
        "cause": cause.value if cause else "",
        "cause_title": cause.what if cause else "",
        "reasons": reasons(row),
        "question": asked.get("question", ""),
        "history": list(asked.get("history", ())),
        "why": asked.get("why", ""),
        "expected": _expected(asked, row.scores),
        "outcome": row.outcome,
        "guessed": GUESSED in answer.get("degraded", ()),
        "text": answer.get("text", ""),
        "sources": [_source(one) for one in answer.get("sources", ())],
        "passages": _passages(answer.get("passages", ()), asked.get("expect", {})),
        "withheld": list(answer.get("withheld", ())),
        "scores": [score_record(one) for one in row.scores if not one.name.startswith(JUDGE)],
        "judged": [score_record(one) for one in row.scores if one.name.startswith(JUDGE)],
        "latency_ms": round(row.latency_ms, 1),
        "cost": None if row.cost is None else str(row.cost),
        "cached": bool(answer.get(CACHED)),
        "error": row.error,
    }


def _expected(asked: Mapping[str, Any], scores: Sequence[Score]) -> dict[str, Any]:
    """What was wanted, each phrase and place with whether the answer has it; None where nobody looked."""
    expect = asked.get("expect", {})
    details = {one.name: one.detail for one in scores if one.status is Status.SCORED}
    return {
        "outcome": expect.get("outcome"),
        "must": _held(expect.get("must", ()), details.get("must"), "missing", absent=True),
        "must_not": _held(expect.get("must_not", ()), details.get("must_not"), "said", absent=False),
        "cites": _held(expect.get("cites", ()), details.get("cites"), "missing", absent=True),
        "accepted": list(details.get("must", {}).get("accepted", ())),
        "spans": [dict(one) for one in expect.get("spans", ())],
        "reference": expect.get("reference", ""),
    }


def _held(
    wanted: Sequence[str], detail: Mapping[str, Any] | None, key: str, *, absent: bool
) -> list[dict[str, Any]]:
    """Each with `in`: whether it is in the answer. `detail[key]` lists those that are (`absent`: that are not)."""
    if detail is None:
        return [{"text": one, "in": None} for one in wanted]
    listed = set(detail.get(key, ()))
    return [{"text": one, "in": (one not in listed) if absent else (one in listed)} for one in wanted]


def _passages(passages: Sequence[Mapping[str, Any]], expect: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each with `expected`: whether it is of a document that a right answer rests on."""
    wanted = {span["document"] for span in expect.get("spans", ())}
    wanted |= {place.partition("#")[0] for place in expect.get("cites", ())}
    return [{**one, "expected": one.get("uri") in wanted} for one in passages]


def _source(one: Mapping[str, Any]) -> dict[str, Any]:
    return {key: one.get(key) for key in ("n", "uri", "title", "section", "quote", "updated", "stale")}
