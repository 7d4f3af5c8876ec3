"""Learning a small linear change of frozen embeddings from judged pairs: W = I + U·Vᵀ, kept near the identity.

The loss is InfoNCE (van den Oord et al. 2018, arXiv:1807.03748, section 2.3) of each question against all training
passages at once, those of the other questions and hard negatives alike, with all of a question's gold passages in
the numerator, plus strength · (|U|² + |V|²)/2, which bounds U·Vᵀ's nuclear norm (Srebro et al. 2005, lemma 1).
Minimized by Adam (Kingma and Ba 2015, algorithm 1) over whole data, so that the same pairs give the same file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from answerable.lab.folds import folds
from answerable.lab.helping import Held, held_out

RANK = 16
STRENGTHS = (0.03, 0.1, 0.2, 0.4)
TEMPERATURE = 0.05
STEPS = 60
RATE = 0.003
FOLDS, INNER = 5, 4

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """x → (x + (x·U)·Vᵀ), made unit length again. `left` is U and `right` is V, both (dim, rank)."""

    left: Floats
    right: Floats

    def apply(self, vectors: Floats) -> Floats:
        """Shape (n, dim), rows of unit length in and out."""
        moved = vectors + (vectors @ self.left) @ self.right.T
        lengths = np.linalg.norm(moved, axis=1, keepdims=True)
        found: Floats = (moved / np.maximum(lengths, 1e-12)).astype(np.float32)
        return found

    @classmethod
    def none(cls, dim: int) -> Change:
        """The identity."""
        return cls(left=np.zeros((dim, 1), dtype=np.float32), right=np.zeros((dim, 1), dtype=np.float32))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Questions (n, dim) and passages (m, dim), unit rows; `gold` (n, m) says which passages answer which."""

    queries: Floats
    passages: Floats
    gold: NDArray[np.bool_]
    clusters: tuple[str, ...]

    def of(self, rows: NDArray[np.int64]) -> Pairing:
        """Those questions alone, with the passages that are gold for them or for nobody: no held-out gold."""
        gold = self.gold[rows]
        keep = gold.any(axis=0) | ~self.gold.any(axis=0)
        return Pairing(
            queries=self.queries[rows],
            passages=self.passages[keep],
            gold=gold[:, keep],
            clusters=tuple(self.clusters[row] for row in rows),
        )


Measure = Callable[[Change, NDArray[np.int64]], Sequence[float]]  # nDCG@10 of the questions with these numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapted:
    """What was learned from all pairs, and what it is worth on pairs that it had not seen."""

    change: Change
    strength: float
    held: Held


def adapt(pairing: Pairing, measure: Measure, *, both: bool, seed: int = 0, rank: int = RANK) -> Adapted:
    """Learn, with held-out quality by folds of clusters; `measure` searches the whole corpus with a change."""
    part = folds(pairing.clusters, count=FOLDS, seed=seed)
    everything = np.arange(len(pairing.clusters))
    before = np.array(measure(Change.none(pairing.queries.shape[1]), everything), dtype=np.float64)
    after = np.zeros(len(everything))
    for fold in range(FOLDS):
        seen, unseen = everything[part != fold], everything[part == fold]
        if len(seen) and len(unseen):
            strength = _strength(pairing, seen, measure, both=both, seed=seed, rank=rank)
            change = fit(pairing.of(seen), strength=strength, both=both, seed=seed, rank=rank)
            after[unseen] = measure(change, unseen)
    held = held_out(before.tolist(), after.tolist(), list(pairing.clusters))
    strength = _strength(pairing, everything, measure, both=both, seed=seed, rank=rank)
    change = fit(pairing, strength=strength, both=both, seed=seed, rank=rank)
    return Adapted(change=change, strength=strength, held=held)


def _strength(
    pairing: Pairing, rows: NDArray[np.int64], measure: Measure, *, both: bool, seed: int, rank: int
) -> float:
    """The strength that does best on a quarter of these questions; of equal ones the strongest."""
    part = folds([pairing.clusters[row] for row in rows], count=INNER, seed=seed + 1)
    seen, unseen = rows[part != 0], rows[part == 0]
    if not len(seen):
        return STRENGTHS[-1]

    def quality(strength: float) -> float:
        change = fit(pairing.of(seen), strength=strength, both=both, seed=seed, rank=rank)
        return round(float(np.mean(measure(change, unseen))), 9)

    return max(STRENGTHS, key=lambda strength: (quality(strength), strength))


def fit(pairing: Pairing, *, strength: float, both: bool, seed: int = 0, rank: int = RANK) -> Change:
    """The change that these pairs ask for; with `both` it moves the passages too."""
    dim = pairing.queries.shape[1]
    random = np.random.default_rng(seed)
    left = (random.standard_normal((dim, rank)) / np.sqrt(dim)).astype(np.float32)
    parameters = [left, np.zeros((dim, rank), dtype=np.float32)]
    first = [np.zeros_like(one) for one in parameters]
    second = [np.zeros_like(one) for one in parameters]
    for step in range(1, STEPS + 1):
        slopes = _slopes(pairing, parameters[0], parameters[1], both=both)
        for place in range(2):
            slope = slopes[place] + strength * parameters[place]
            first[place] = 0.9 * first[place] + 0.1 * slope
            second[place] = 0.999 * second[place] + 0.001 * slope**2
            mean, spread = first[place] / (1 - 0.9**step), second[place] / (1 - 0.999**step)
            parameters[place] = parameters[place] - RATE * mean / (np.sqrt(spread) + 1e-8)
    return Change(left=parameters[0].astype(np.float32), right=parameters[1].astype(np.float32))


def _slopes(pairing: Pairing, left: Floats, right: Floats, *, both: bool) -> tuple[Floats, Floats]:
    """The loss's gradients by U and by V."""
    queries = _Moved.of(pairing.queries, left, right)
    passages = _Moved.of(pairing.passages, left, right) if both else None
    unit = passages.unit if passages else pairing.passages
    scores = queries.unit @ unit.T / TEMPERATURE
    every = _softmax(scores)
    gold = _softmax(np.where(pairing.gold, scores, -np.inf))
    pull = ((every - gold) / (TEMPERATURE * len(scores))).astype(np.float32)
    by_left, by_right = queries.slopes(pull @ unit)
    if passages:
        more_left, more_right = passages.slopes(pull.T @ queries.unit)
        by_left, by_right = by_left + more_left, by_right + more_right
    return by_left, by_right


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    """Vectors under a change, with what its gradient needs."""

    vectors: Floats
    left: Floats
    right: Floats
    inner: Floats  # (n, rank)
    length: Floats  # (n, 1)
    unit: Floats

    @classmethod
    def of(cls, vectors: Floats, left: Floats, right: Floats) -> _Moved:
        inner = vectors @ left
        moved = vectors + inner @ right.T
        length = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)
        return cls(vectors=vectors, left=left, right=right, inner=inner, length=length, unit=moved / length)

    def slopes(self, by_unit: Floats) -> tuple[Floats, Floats]:
        """By U and V, given the loss's gradient by the unit vectors: through the division by the length first."""
        along = (by_unit * self.unit).sum(axis=1, keepdims=True)
        by_moved = (by_unit - along * self.unit) / self.length
        return self.vectors.T @ (by_moved @ self.right), by_moved.T @ self.inner


def _softmax(scores: Floats) -> Floats:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: Floats = shifted / shifted.sum(axis=1, keepdims=True)
    return found
