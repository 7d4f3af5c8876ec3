"""A linear classifier over hashed n-grams: probability that a text is an instruction to take over.

The weights are trained offline (benchmarks/train_injection.py); see docs/security/model-card-injection.md.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from answerable.core.errors import ConfigError
from answerable.guards import ngrams


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """TF-IDF weights, coefficients and bias of a logistic regression. idf and coefficients: shape (2**BITS,)."""

    idf: NDArray[np.float32]
    coefficients: NDArray[np.float32]
    bias: float

    def probability(self, folded: str) -> float:
        """Of a whole text in folded form, in (0, 1); 0 for an empty one."""
        ids, counts = ngrams.counted(ngrams.grams(folded))
        if not len(ids):
            return 0.0
        weights = counts * self.idf[ids]
        return _logistic(float(weights @ self.coefficients[ids]) / float(np.linalg.norm(weights)) + self.bias)

    def peak(self, folded: str, *, window: int, step: int = 16) -> float:
        """The largest probability of any window of that many characters, in (0, 1); 0 for an empty text.

        Running sums make it linear in the text: an n-gram counts as often as it occurs.
        """
        found = ngrams.grams(folded)
        if not found.length:
            return 0.0
        idf = self.idf[found.ids]
        sums = self._running(idf * self.coefficients[found.ids], found)
        squares = self._running(idf * idf, found)
        begin = np.arange(0, max(1, found.length - window + step), step)
        end = np.minimum(begin + window, found.length)
        logits = (sums[end] - sums[begin]) / np.sqrt(np.maximum(squares[end] - squares[begin], 1e-9))
        return _logistic(float(logits.max()) + self.bias)

    @staticmethod
    def _running(values: NDArray[np.float32], found: ngrams.Grams) -> NDArray[np.float64]:
        return np.append(0.0, np.cumsum(np.bincount(found.starts, values, minlength=found.length)))


def _logistic(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


@cache
def classifier(name: str) -> Linear:
    """The shipped weights `weights/NAME.npz`: int8 levels with a scale each; no pickle is read.

    Raises ConfigError where the file is not the one whose sha256 stands in `weights/weights.json`.
    """
    folder = resources.files(__package__).joinpath("weights")
    content = folder.joinpath(f"{name}.npz").read_bytes()
    if sha256(content).hexdigest() != json.loads(folder.joinpath("weights.json").read_text("utf-8"))[name]:
        raise ConfigError(f"guards/weights/{name}.npz is not the file that was trained", hint="install again")
    with np.load(BytesIO(content), allow_pickle=False) as data:
        return Linear(
            idf=data["idf"].astype(np.float32) * np.float32(data["idf_scale"]),
            coefficients=data["coefficients"].astype(np.float32) * np.float32(data["coefficient_scale"]),
            bias=float(data["bias"]),
        )
