"""Learning how to weigh what is known of a candidate: pairwise logistic regression, pulled toward the base order.

RankNet's loss (Burges et al. 2005, section 3) of a linear model: the mean over questions of the mean over pairs
(relevant, not relevant) of ln(1 + exp(-(s⁺ - s⁻))), plus strength/2 · |θ - θ₀|² on standardized features. θ₀ is
the base reranker's order at the steepness that fits best: strong regularization gives back what there was before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from answerable.evals.metrics.ranking import ndcg
from answerable.lab.folds import folds
from answerable.lab.helping import Held, held_out

STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
FOLDS, INNER = 5, 4
_STEEPEST = 40.0
_STEPS = 25

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """One question's candidates in the base's order. `features` (n, f), the first column is the base's score."""

    id: str
    cluster: str
    features: Floats
    relevant: NDArray[np.bool_]  # (n,); at least one, and not all

    @property
    def differences(self) -> Floats:
        """Relevant minus not relevant, each pair a row: (pairs, f)."""
        good, bad = self.features[self.relevant], self.features[~self.relevant]
        found: Floats = (good[:, None, :] - bad[None, :, :]).reshape(-1, self.features.shape[1])
        return found

    def ndcg(self, weights: Floats) -> float:
        """nDCG@10 of the order by the weights, best possible among these candidates = 1; ties as they came."""
        order = np.argsort(-(self.features @ weights), kind="stable")
        grades = {str(place): 1 for place in np.flatnonzero(self.relevant)}
        return ndcg([str(place) for place in order], grades, k=10) or 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """Weights over the features, the base's about 1, and what they are worth on questions they had not seen."""

    weights: Floats
    strength: float
    held: Held


def train(questions: Sequence[Candidates], *, seed: int = 0) -> Trained:
    """Weights from all questions; `held` from folds by cluster, each with a strength chosen inside the others."""
    part = folds([one.cluster for one in questions], count=FOLDS, seed=seed)
    base = _base_alone(questions)
    before, after = np.zeros(len(questions)), np.zeros(len(questions))
    for fold in range(FOLDS):
        seen = [one for one, place in zip(questions, part, strict=True) if place != fold]
        weights, _ = _fit(seen, seed=seed) if seen else (base, 0.0)
        for place in np.flatnonzero(part == fold).tolist():
            before[place], after[place] = questions[place].ndcg(base), questions[place].ndcg(weights)
    held = held_out(before.tolist(), after.tolist(), [one.cluster for one in questions])
    weights, strength = _fit(questions, seed=seed)
    return Trained(weights=weights, strength=strength, held=held)


def _base_alone(questions: Sequence[Candidates]) -> Floats:
    weights = np.zeros(questions[0].features.shape[1])
    weights[0] = 1.0
    return weights


def _fit(questions: Sequence[Candidates], *, seed: int) -> tuple[Floats, float]:
    """Weights and the strength that orders held-out questions best; of equal ones the strongest."""
    part = folds([one.cluster for one in questions], count=INNER, seed=seed + 1)
    quality = dict.fromkeys(STRENGTHS, 0.0)
    for fold in range(INNER):
        seen = _Data.of([one for one, place in zip(questions, part, strict=True) if place != fold])
        unseen = [one for one, place in zip(questions, part, strict=True) if place == fold]
        if seen is None:
            continue
        for strength in STRENGTHS:
            weights = seen.solve(strength)
            quality[strength] += sum(one.ndcg(weights) for one in unseen)
    strength = max(STRENGTHS, key=lambda one: (round(quality[one], 9), one))
    data = _Data.of(questions)
    return (data.solve(strength) if data else _base_alone(questions)), strength


@dataclass(frozen=True, slots=True, kw_only=True)
class _Data:
    """All pairs, standardized: `rows` (pairs, f), each weighing `share`; `spread` (f,) brings weights back."""

    rows: Floats
    share: Floats
    spread: Floats

    @classmethod
    def of(cls, questions: Sequence[Candidates]) -> _Data | None:
        if not questions:
            return None
        parts = [one.differences for one in questions]
        spread = np.concatenate([one.features for one in questions]).std(axis=0)
        spread[spread < 1e-9] = np.inf  # says nothing here: its weight stays 0
        share = np.concatenate([np.full(len(part), 1.0 / (len(part) * len(parts))) for part in parts])
        return cls(rows=np.concatenate(parts) / spread, share=share, spread=spread)

    def solve(self, strength: float) -> Floats:
        """Newton's steps on a convex loss; the weights in the features' own scale, the base's prior at 1."""
        steep = self._steepness()
        start = np.zeros(self.rows.shape[1])
        start[0] = steep
        theta = start.copy()
        for _ in range(_STEPS):
            gradient, hessian = self._slopes(theta)
            gradient += strength * (theta - start)
            step = np.linalg.solve(hessian + strength * np.eye(len(theta)), gradient)
            theta -= step
            if np.abs(step).max() < 1e-8:
                break
        own = theta / self.spread
        base = start[0] / self.spread[0] if np.isfinite(self.spread[0]) else 1.0
        found: Floats = own / base
        return found

    def _steepness(self) -> float:
        """How steep a logistic over the base's score fits these pairs best, kept from 0 and from infinity."""
        column, steep = self.rows[:, 0], 1.0
        for _ in range(_STEPS):
            chance = _sigmoid(-column * steep)
            slope = -(self.share * column * chance).sum() + 1e-3 * steep
            bend = (self.share * column**2 * chance * (1 - chance)).sum() + 1e-3
            steep = float(np.clip(steep - slope / bend, 0.1, _STEEPEST))
        return steep

    def _slopes(self, theta: Floats) -> tuple[Floats, Floats]:
        chance = _sigmoid(-self.rows @ theta)
        gradient = -(self.rows * (self.share * chance)[:, None]).sum(axis=0)
        hessian = (self.rows * (self.share * chance * (1 - chance))[:, None]).T @ self.rows
        return gradient, hessian


def _sigmoid(values: Floats) -> Floats:
    found: Floats = 0.5 * (1.0 + np.tanh(values / 2.0))
    return found
