"""Candidates for the answerability model: what more could be looked at, and a small regularized logistic fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from answerability_sets import Asked, Kind
from scipy.optimize import minimize

from answerable.answer.abstention import features

CANDIDATES: Mapping[str, tuple[str, ...]] = {
    "with late": ("cosine", "sentence", "late", "proximity"),
    "with late and leads": ("cosine", "sentence", "late", "late_lead", "words_lead"),
}
SHARES = {Kind.ANSWERABLE: 0.5, Kind.ABSENT: 0.25, Kind.NEAR_MISS: 0.25}  # of the whole weight; none for tricks
PENALTY = 0.01  # L2, on standardized features
THRESHOLD, KEPT = 0.3, 0.92  # the shipped threshold keeps as many of the answerable as with the shipped model
Model = Mapping[str, float]


def row(one: Asked) -> dict[str, float]:
    """What a candidate may look at. A lead is how far the best kept passage stands above the lowest."""
    found = features(one.passages, one.weights)
    late = [passage.scores["late"] for passage in one.passages if "late" in passage.scores] or [0.0]
    words = [passage.scores.get("lexical", 0.0) for passage in one.passages] or [0.0]
    near = [passage.scores.get("proximity", 0.0) for passage in one.passages]
    total = sum(one.weights.values())
    return {
        "cosine": found.cosine or 0.0,
        "sentence": found.sentence,
        "late": max(late),
        "late_lead": max(late) - min(late),
        "words_lead": (max(words) - min(words)) / total if total else 0.0,
        "proximity": max(near, default=0.0),
    }


def fit(asked: Sequence[Asked], names: Sequence[str]) -> Model:
    """Bias and weights: cross-entropy, each kind with its share; then the bias moved to KEPT."""
    chosen = [one for one in asked if one.kind in SHARES]
    kinds = np.array([one.kind for one in chosen])
    rows = np.array([[row(one)[name] for name in names] for one in chosen])
    share = np.zeros(len(chosen))
    for kind, whole in SHARES.items():
        share[kinds == kind] = whole / (kinds == kind).sum()
    labels = (kinds == Kind.ANSWERABLE).astype(float)
    own = _slopes(rows, labels, share)
    kept = float(np.quantile(rows[labels == 1] @ own, 1 - KEPT))
    bias = float(np.log(THRESHOLD / (1 - THRESHOLD))) - kept
    return {"bias": bias, **dict(zip(names, map(float, own), strict=True))}


def predict(model: Model, asked: Sequence[Asked]) -> np.ndarray:
    """The probability of each, in [0, 1]."""
    rows = [row(one) for one in asked]
    logit = np.array(
        [model["bias"] + sum(model[name] * one[name] for name in model if name in one) for one in rows]
    )
    return np.asarray(1 / (1 + np.exp(-logit)))


def _slopes(rows: np.ndarray, labels: np.ndarray, share: np.ndarray) -> np.ndarray:
    spread = rows.std(0)
    standard = (rows - rows.mean(0)) / spread

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        logit = weights[0] + standard @ weights[1:]
        entropy = share @ (np.logaddexp(0.0, logit) - labels * logit) + PENALTY / 2 * (weights[1:] @ weights[1:])
        slope = share * (1 / (1 + np.exp(-logit)) - labels)
        return float(entropy), np.concatenate([[slope.sum()], standard.T @ slope + PENALTY * weights[1:]])

    found = minimize(loss, np.zeros(rows.shape[1] + 1), jac=True, method="L-BFGS-B").x
    return np.asarray(found[1:] / spread)
