"""Fits the weights of the claim support score on one half of the sets, and says what they do on the other.

    python benchmarks/fit_support.py --data DIR [--penalty 0.001]

Every set weighs the same, and in it each label. The weights are not negative; an L2 penalty keeps them small. What
it prints goes into answerable.evals.metrics.support.Weights by hand, with docs/decisions/0060-claim-support.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from faithfulness_sets import Item, read_labeled, script
from figures import auroc, balanced_accuracy
from scipy.optimize import minimize

from answerable.evals.metrics.marks import COUNTED, Marks, find_marks

Table = tuple[np.ndarray, np.ndarray]


def table(items: Sequence[Item]) -> Table:
    """Rows of (known, -ln(1+unknown), -ln(1+n) of each mark), and labels."""
    found = [find_marks(one.response, (one.context,)) for one in items]
    return np.array([_row(one) for one in found]), np.array([one.label for one in items], dtype=float)


def _row(found: Marks) -> list[float]:
    counts = [found.unknown, *(float(getattr(found, name)) for name in COUNTED)]
    return [found.known, *(-float(np.log1p(one)) for one in counts)]


def scores(weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The formula of answerable.evals.metrics.support, for many."""
    wording = 1.0 / (1.0 + np.exp(-(weights[0] + rows[:, :2] @ weights[1:3])))
    return np.clip(wording * np.exp(rows[:, 2:] @ weights[3:]), 1e-6, 1 - 1e-6)


def fit(tables: Sequence[Table], penalty: float) -> np.ndarray:
    """Weighted cross-entropy; the penalty is on standardized wording features and on the marks as they are."""
    rows, labels = np.vstack([one[0] for one in tables]), np.concatenate([one[1] for one in tables])
    share = np.concatenate([_balance(one[1]) for one in tables])
    mean, spread = rows[:, :2].mean(0), rows[:, :2].std(0) + 1e-9
    standard = np.hstack([(rows[:, :2] - mean) / spread, rows[:, 2:]])

    def loss(weights: np.ndarray) -> float:
        p = scores(weights, standard)
        entropy = -(share * (labels * np.log(p) + (1 - labels) * np.log(1 - p))).sum() / share.sum()
        return float(entropy + penalty * (weights[1:] ** 2).sum())

    start = np.concatenate([[1.0, 0.5, 0.5], np.full(len(COUNTED), 0.3)])
    bounds = [(None, None)] + [(0, None)] * (len(start) - 1)
    found = np.asarray(minimize(loss, start, method="L-BFGS-B", bounds=bounds).x)
    found[1:3] /= spread
    found[0] -= float(mean @ found[1:3])
    return found


def _balance(labels: np.ndarray) -> np.ndarray:
    share = labels.mean()
    return np.where(labels == 1, 0.5 / share, 0.5 / (1 - share)) / len(labels)


def _show(weights: np.ndarray, sets: Mapping[str, Sequence[Item]]) -> None:
    for name, value in zip(("bias", "known", "unknown", *COUNTED), weights, strict=True):
        print(f"{name:<12}{value:8.3f}")
    for name, items in sets.items():
        rows, labels = table([one for one in items if one.held_out])
        p = scores(weights, rows)
        figures = f"AUROC {auroc(labels, p):.3f}  at 0.5 {balanced_accuracy(labels, p):.3f}"
        print(f"{name:<26}n {len(labels):>5}  {figures}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--penalty", type=float, default=0.001)
    options = parser.parse_args()
    sets = {**read_labeled(options.data), **script(options.data, count=300)}
    weights = fit([table([o for o in items if not o.held_out]) for items in sets.values()], options.penalty)
    _show(weights, sets)


if __name__ == "__main__":
    main()
