"""A sketch of what somebody wants: enough to see the same need again, and nothing that can be read back.

128 bits, each the side of a fixed random plane on which a question lies (Charikar 2002, section 3): two sketches
differ in angle / π of them, so they give the cosine back within about 0.1. One bit a plane of 384 numbers is no
text and no vector; it is kept as long as the event that it stands in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from answerable.text.stems import stems

BITS = 128
_OF_VECTOR, _OF_WORDS = "v", "w"  # a sketch says what it was made of; two kinds are never compared
_SEED = 20_260_101


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What is known of one turn's need without its words."""

    sketch: str = ""  # empty: there is none
    documents: tuple[str, ...] = ()  # the best first
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sameness:
    """From where on two needs are one."""

    sketch: float = 0.75  # cosine; alone
    sketch_with_documents: float = 0.55  # cosine; where the documents agree as well
    documents: int = 3  # of the five best


SAME = Sameness()


def need_sketch(text: str, language: str, embedding: Sequence[float] | None = None) -> str:
    """`v` or `w` and 32 hexadecimal digits; empty where there is neither a vector nor a content word."""
    if embedding is not None and len(embedding):
        return _OF_VECTOR + _hex(np.asarray(embedding, dtype=np.float64) @ _planes(len(embedding)))
    words = stems(text, language)
    return _OF_WORDS + _hex(np.sum([_signs(word) for word in words], axis=0)) if words else ""


def likeness_of(one: str, other: str) -> float | None:
    """The cosine that two sketches tell of, in [-1, 1]; None where they cannot be compared."""
    if not one or not other or one[0] != other[0]:
        return None
    differing = (int(one[1:], 16) ^ int(other[1:], 16)).bit_count()
    return math.cos(math.pi * differing / BITS)


def same_need(one: Need, other: Need, *, rules: Sameness = SAME) -> bool:
    """Whether two turns are about one need: by their sketches; without these by topic and documents together."""
    shared = len(set(one.documents[:5]) & set(other.documents[:5]))
    together = shared >= min(rules.documents, len(one.documents[:5]), len(other.documents[:5])) > 0
    cosine = likeness_of(one.sketch, other.sketch)
    if cosine is None:
        return together and one.topic == other.topic
    return cosine >= rules.sketch or (together and cosine >= rules.sketch_with_documents)


@cache
def _planes(dimensions: int) -> NDArray[np.float64]:
    """Shape (dimensions, BITS)."""
    drawn: NDArray[np.float64] = np.random.default_rng(_SEED).standard_normal((dimensions, BITS))
    return drawn


@lru_cache(maxsize=16384)
def _signs(word: str) -> NDArray[np.float64]:
    """+1 or -1 a bit, from the word's hash (simhash)."""
    bits = np.unpackbits(np.frombuffer(blake2b(word.encode(), digest_size=BITS // 8).digest(), dtype=np.uint8))
    return bits.astype(np.float64) * 2 - 1


def _hex(sides: NDArray[np.float64]) -> str:
    return np.packbits(sides > 0).tobytes().hex()
