"""Parting questions into folds so that what stands or falls together stays together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from answerable.core.identity import sha256_hex


def folds(clusters: Sequence[str], *, count: int, seed: int = 0) -> NDArray[np.int64]:
    """The fold of each question, 0 … count - 1: whole clusters, the largest first into the smallest fold.

    Deterministic: clusters of one size go by a hash of the seed and their name.
    """
    sizes = Counter(clusters)
    order = sorted(sizes, key=lambda one: (-sizes[one], sha256_hex(f"{seed}/{one}")))
    filled = [0] * count
    fold_of: dict[str, int] = {}
    for cluster in order:
        fold_of[cluster] = min(range(count), key=lambda one: filled[one])
        filled[fold_of[cluster]] += sizes[cluster]
    return np.array([fold_of[one] for one in clusters], dtype=np.int64)
