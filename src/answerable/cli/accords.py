"""How a check of judges is shown: a row for each criterion and language, or all of it as JSON."""

from __future__ import annotations

from typing import Any

from answerable.app.judge_check import Check, Checked
from answerable.evals.judges.accord import Accord
from answerable.evals.stats.estimate import Estimate

_FEW = 30  # below, counts and no percentage
COLUMNS = (
    "criterion", "language", "n", "agreement", "κ judge–people", "κ people", "α people", "sensitivity",
    "specificity", "people's YES", "unsure", "failed", "flips",
)  # fmt: skip


def accords(judge: Checked) -> list[Accord]:
    """All languages, then each where there are several."""
    return [judge.found, *judge.languages] if len(judge.languages) > 1 else [judge.found]


def row(one: Accord) -> tuple[object, ...]:
    """Its cells, as COLUMNS."""
    return (
        one.criterion,
        one.language or "all",
        one.n,
        _share(one.agreement),
        _coefficient(one.kappa),
        _coefficient(one.people_kappa),
        _coefficient(one.people_alpha),
        _share(one.detection.sensitivity),
        _share(one.detection.specificity),
        _share(one.detection.base_rate),
        one.unsure,
        one.failed,
        _share(one.flips),
    )


def _share(one: Estimate | None) -> str:
    """Percent with its interval; counts where there are few."""
    if one is None:
        return "–"
    if one.n < _FEW:
        return f"{round(one.value * one.n)} of {one.n}"
    return f"{100 * one.value:.0f} % ({100 * one.interval.low:.0f}–{100 * one.interval.high:.0f})"


def _coefficient(one: Estimate | None) -> str:
    return "–" if one is None else f"{one.value:.2f} ({one.interval.low:.2f}–{one.interval.high:.2f})"


def check_json(found: Check) -> dict[str, Any]:
    """Everything, with each figure's interval, n and method."""
    judges = [
        {
            "judge": one.judge,
            "identity": one.record.judge,
            "can_gate": one.fitness.can_gate,
            "why": one.fitness.why,
            "cost": None if one.unpriced else str(one.cost),
            "errors": list(one.errors),
            "accords": [_accord(each) for each in (one.found, *one.languages)],
        }
        for one in found.judges
    ]
    return {"judges": judges, "concerns": list(found.concerns), "labels_without_item": found.without_item}


def _accord(one: Accord) -> dict[str, Any]:
    figures = {
        "agreement": one.agreement,
        "kappa": one.kappa,
        "people_kappa": one.people_kappa,
        "people_alpha": one.people_alpha,
        "sensitivity": one.detection.sensitivity,
        "specificity": one.detection.specificity,
        "base_rate": one.detection.base_rate,
        "flips": one.flips,
    }
    counts = {"n": one.n, "unsettled": one.unsettled, "unsure": one.unsure, "failed": one.failed}
    estimates = {name: _estimate(estimate) for name, estimate in figures.items()}
    return {"criterion": one.criterion, "language": one.language or "all", **counts, **estimates}


def _estimate(one: Estimate | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "value": one.value,
        "low": one.interval.low,
        "high": one.interval.high,
        "n": one.n,
        "method": one.method,
    }
