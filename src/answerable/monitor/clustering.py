"""Clusters of questions by their vectors: small ones by spherical k-means, merged until a merger costs too much.

A merger costs what it adds to the squared distances of questions to their centers (Ward 1963, JASA 58:236), and
that is asked of all questions; so the number of clusters follows from the questions. The same vectors in the same
order give the same clusters.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["COST", "clusters", "directions"]

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

COST = 0.001  # of a merger, a question of all: where merging ends (benchmarks/topics.py)
_PIECE, _MOST_PIECES = 8, 300  # questions a small cluster, and small clusters at the most
_ROUNDS = 12


def clusters(vectors: npt.ArrayLike, *, most: int, cost: float = COST, seed: int = 0) -> Labels:
    """For each row of `vectors` (questions × dimensions, length 1) the number of its cluster, from 0 on.

    At most `most` of them; clusters are numbered by size, the largest first.
    """
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    if not len(rows):
        return np.zeros(0, dtype=np.int64)
    pieces = min(len(rows), _MOST_PIECES, max(2, len(rows) // _PIECE))
    small = _k_means(rows, _spread_out(rows, pieces, np.random.default_rng(seed)))
    merged = _merged(rows, small, most=most, cost=cost)
    return _by_size(_k_means(rows, directions(rows, merged), rounds=3))


def directions(rows: Floats, labels: Labels) -> Floats:
    """The center of each cluster, of length 1; of an empty one, zeros."""
    sums = _sums(rows, labels, int(labels.max(initial=-1)) + 1)
    length = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(np.divide(sums, length, out=np.zeros_like(sums), where=length > 0), dtype=np.float32)


def _sums(rows: Floats, labels: Labels, count: int) -> npt.NDArray[np.float64]:
    sums = np.zeros((count, rows.shape[1]))
    order = np.argsort(labels, kind="stable")
    numbers, begins = np.unique(labels[order], return_index=True)
    if len(numbers):
        sums[numbers] = np.add.reduceat(rows[order].astype(np.float64), begins, axis=0)
    return sums


def _spread_out(rows: Floats, count: int, rng: np.random.Generator) -> Floats:
    """k-means++ (Arthur and Vassilvitskii 2007): each next center by chance, the likelier the farther away."""
    chosen = [int(rng.integers(len(rows)))]
    nearest = rows @ rows[chosen[0]]
    for _ in range(count - 1):
        far = np.maximum(0.0, 1.0 - nearest).astype(np.float64)
        total = far.sum()
        if total <= 1e-9:
            break
        chosen.append(int(rng.choice(len(rows), p=far / total)))
        nearest = np.maximum(nearest, rows @ rows[chosen[-1]])
    return rows[chosen]


def _k_means(rows: Floats, centers: Floats, *, rounds: int = _ROUNDS) -> Labels:
    """Each to the nearest direction (Dhillon and Modha 2001)."""
    labels = np.full(len(rows), -1, dtype=np.int64)
    for _ in range(rounds):
        now = (rows @ centers.T).argmax(axis=1)
        if np.array_equal(now, labels):
            break
        labels = now
        moved = directions(rows, labels)
        centers = centers.copy()
        full = np.linalg.norm(moved, axis=1) > 0
        centers[: len(moved)][full] = moved[full]
    return labels


def _merged(rows: Floats, labels: Labels, *, most: int, cost: float) -> Labels:
    numbers, labels = np.unique(labels, return_inverse=True)
    count = len(numbers)
    sizes = np.bincount(labels, minlength=count).astype(float)
    centers = _sums(rows, labels, count) / sizes[:, None]
    squares = (centers**2).sum(axis=1)
    apart = np.maximum(0.0, squares[:, None] + squares[None] - 2.0 * centers @ centers.T)
    costs = apart * np.outer(sizes, sizes) / (sizes[:, None] + sizes[None])
    np.fill_diagonal(costs, np.inf)
    into, alive, gone = np.arange(count), count, np.zeros(count, dtype=bool)
    while alive > 1:
        a, b = divmod(int(costs.argmin()), count)
        here = float(costs[a, b])
        if here > cost * len(rows) and alive <= most:
            break
        # Lance and Williams 1967: what the merged cluster costs with each other
        others = ~gone & (np.arange(count) != a) & (np.arange(count) != b)
        both = (sizes[a] + sizes) * costs[a] + (sizes[b] + sizes) * costs[b] - sizes * here
        costs[a, others] = both[others] / (sizes[a] + sizes[b] + sizes)[others]
        costs[others, a] = costs[a, others]
        costs[b, :] = costs[:, b] = np.inf
        gone[b], sizes[a], alive = True, sizes[a] + sizes[b], alive - 1
        into[into == b] = a
    return np.unique(into[labels], return_inverse=True)[1]


def _by_size(labels: Labels) -> Labels:
    _, labels = np.unique(labels, return_inverse=True)
    order = np.argsort(-np.bincount(labels), kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return np.asarray(place[labels])
