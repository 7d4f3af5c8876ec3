"""Token vectors at one bit a dimension: how they are packed, and how well they match a question's tokens.

A vector's signs keep its direction: for numbers spread like Gaussians, the cosine of q and d is about √(π/2) times
that of q and sign(d). Charikar 2002, "Similarity estimation techniques from rounding algorithms", here with one of
the two rounded.
What it keeps of full precision is in docs/decisions/0100-late-interaction.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from answerable.core.ports import Vectors

FORM = "sign-1"
_MARK = b"\x01"  # of the form: codes that begin otherwise are not read
_BLOCK = 256  # tokens unpacked at once: 400 kB, which a core's cache holds
_GAUSSIAN = float(np.sqrt(np.pi / 2))


def pack(tokens: Vectors) -> bytes:
    """tokens: shape (n, dim), dim a multiple of 8; 1 + n · dim / 8 bytes."""
    return _MARK + np.packbits(tokens > 0, axis=1).tobytes()


def is_readable(code: bytes, dim: int) -> bool:
    """Whether it is a code of this form and dimension, with a token at least."""
    size = len(code) - 1
    return size > 0 and code[:1] == _MARK and size % (dim // 8) == 0


def best_matches(question: Vectors, codes: Sequence[bytes]) -> NDArray[np.float32]:
    """For each code and each of the question's tokens, the highest cosine to one of the code's, as estimated.

    question: shape (m, dim), of any length; codes: n readable ones. Shape (n, m), about [-1, 1]. ColBERT's MaxSim
    before its sum (Khattab and Zaharia 2020, section 3.3).
    """
    dim = question.shape[1]
    bits = np.frombuffer(b"".join(code[1:] for code in codes), dtype=np.uint8).reshape(-1, dim // 8)
    sizes = [(len(code) - 1) // (dim // 8) for code in codes]
    starts = np.cumsum([0, *sizes[:-1]])
    unit = question / np.maximum(np.linalg.norm(question, axis=1, keepdims=True), 1e-12)
    ones = np.empty((len(bits), len(unit)), dtype=np.float32)
    for start in range(0, len(bits), _BLOCK):
        part = slice(start, start + _BLOCK)
        ones[part] = np.unpackbits(bits[part], axis=1).astype(np.float32) @ unit.T
    # a sign is 2 · bit − 1, and the vector of all signs has length √dim
    cosines = (2.0 * np.maximum.reduceat(ones, starts, axis=0) - unit.sum(axis=1)) * (_GAUSSIAN / np.sqrt(dim))
    found: NDArray[np.float32] = cosines.astype(np.float32, copy=False)
    return found
