"""The chance of completion, fitted to what people said of tasks: logistic regression, then isotonic steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answerable.monitor.calibration import Bin, Steps, brier, isotonic, reliability
from answerable.monitor.completion import FAILURES, Signs
from answerable.monitor.score import rule_score

FEATURES = (
    "answered", "partial", "declined", "escalated", "supported", "claims", "margin", "turns", "rephrases",
    "pushbacks", "insisted", "good", "bad", "thanked", "opened", "dwelt", "copied", "followed", "degraded",
    "abstentions",
)  # fmt: skip
FOLDS = 5
_STRENGTH = 1.0  # of the pull toward 0, on features of about unit size
_STEPS = 50
_STEEPEST = 30.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labeled:
    """A task that a person judged. `weight`: 1 / its chance of having been drawn."""

    signs: Signs
    completed: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionModel:
    """Weights over FEATURES, and the steps over the regression's probability."""

    bias: float
    weights: tuple[float, ...]
    steps: Steps

    def __call__(self, signs: Signs) -> float:
        """In [0, 1]."""
        return self.steps(_logistic(self.bias + float(features(signs) @ np.asarray(self.weights))))

    def as_props(self) -> dict[str, dict[str, float]]:
        """As it is kept beside an event."""
        named = {"bias": self.bias, **dict(zip(FEATURES, self.weights, strict=True))}
        rounded = {name: round(value, 6) for name, value in named.items()}
        return {"weights": rounded, "steps": {f"{at:.6f}": round(v, 6) for at, v in _pairs(self.steps)}}

    @classmethod
    def of(cls, props: Mapping[str, Any]) -> CompletionModel:
        """As it was kept. A feature that it does not know has no weight."""
        weights, steps = props.get("weights", {}), props.get("steps", {})
        at = sorted((float(name), float(value)) for name, value in steps.items())
        return cls(
            bias=float(weights.get("bias", 0.0)),
            weights=tuple(float(weights.get(name, 0.0)) for name in FEATURES),
            steps=Steps(at=tuple(one for one, _ in at), values=tuple(value for _, value in at)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A model, and what it is worth on tasks that it was not fitted to. `brier_rule`: the rules' on the same."""

    model: CompletionModel
    labels: int
    completed: int
    brier: float
    brier_rule: float
    bins: tuple[Bin, ...] = field(default=())

    @property
    def better(self) -> bool:
        """Whether it is to take the place of the rules."""
        return self.brier < self.brier_rule


def features(signs: Signs) -> Floats:
    """Shape (len(FEATURES),), each about in [0, 1]."""
    known = signs.margin is not None
    return np.array(
        [
            signs.outcome == "answered",
            signs.outcome in ("partial", "conflict"),
            signs.outcome in FAILURES,
            signs.handed,
            signs.supported / signs.claims if signs.claims else 0.5,
            min(signs.claims, 5) / 5,
            min(1.0, max(0.0, signs.margin or 0.0)) if known else 0.2,
            min(signs.turns, 6) / 6,
            min(signs.rephrases, 3) / 3,
            min(signs.pushbacks, 3) / 3,
            signs.insisted,
            signs.liked or signs.goal,
            signs.spoken == "bad",
            signs.thanked,
            signs.opened,
            signs.dwelt,
            signs.copied,
            signs.followed,
            signs.degraded,
            min(signs.abstentions, 3) / 3,
        ],
        dtype=np.float64,
    )


def fit(labeled: Sequence[Labeled], *, seed: int = 0) -> Fit:
    """From judged tasks, both answers among them. What it is worth is measured on folds that it has not seen.

    Raises ValueError where all say the same.
    """
    x = np.array([features(one.signs) for one in labeled])
    y = np.array([float(one.completed) for one in labeled])
    weights = np.array([one.weight for one in labeled]) / np.mean([one.weight for one in labeled])
    if not 0.0 < y.mean() < 1.0:
        raise ValueError("all judged tasks ended alike: there is nothing to tell them apart by")
    fold = np.random.default_rng(seed).permutation(len(y)) % FOLDS
    raw = np.zeros(len(y))
    for one in range(FOLDS):
        seen = fold != one
        raw[~seen] = _probabilities(x[~seen], *_fitted(x[seen], y[seen], weights[seen]))
    honest = np.zeros(len(y))
    for one in range(FOLDS):
        seen = fold != one
        steps = isotonic(raw[seen], y[seen], weights[seen])
        honest[~seen] = [steps(value) for value in raw[~seen]]
    bias, coefficients = _fitted(x, y, weights)
    rules = np.array([rule_score(one.signs) for one in labeled])
    return Fit(
        model=CompletionModel(
            bias=bias, weights=tuple(coefficients.tolist()), steps=_few(isotonic(raw, y, weights))
        ),
        labels=len(y),
        completed=int(y.sum()),
        brier=brier(honest, y, weights),
        brier_rule=brier(rules, y, weights),
        bins=reliability(honest, y),
    )


def _fitted(x: Floats, y: Floats, weights: Floats) -> tuple[float, Floats]:
    """Newton's method on the weighted log-likelihood less _STRENGTH / 2 · |coefficients|²; the bias is free."""
    columns = np.column_stack([np.ones(len(y)), x])
    pull = np.full(columns.shape[1], _STRENGTH)
    pull[0] = 1e-6
    theta = np.zeros(columns.shape[1])
    for _ in range(_STEPS):
        p = _probabilities(x, float(theta[0]), theta[1:])
        gradient = columns.T @ (weights * (y - p)) - pull * theta
        hessian = (columns * (weights * p * (1.0 - p))[:, None]).T @ columns + np.diag(pull)
        step = np.linalg.solve(hessian, gradient)
        theta = theta + step
        if float(np.abs(step).max()) < 1e-8:
            break
    return float(theta[0]), theta[1:]


def _probabilities(x: Floats, bias: float, coefficients: Floats) -> Floats:
    logits = np.clip(bias + x @ coefficients, -_STEEPEST, _STEEPEST)
    found: Floats = 1.0 / (1.0 + np.exp(-logits))
    return found


def _logistic(logit: float) -> float:
    return float(1.0 / (1.0 + np.exp(-min(_STEEPEST, max(-_STEEPEST, logit)))))


def _pairs(steps: Steps) -> list[tuple[float, float]]:
    return list(zip(steps.at, steps.values, strict=True))


def _few(steps: Steps, most: int = 60) -> Steps:
    """As many as fit beside an event; those that are left out lie between two others."""
    if len(steps.at) <= most:
        return steps
    kept = np.linspace(0, len(steps.at) - 1, most).astype(int)
    return Steps(at=tuple(steps.at[one] for one in kept), values=tuple(steps.values[one] for one in kept))
