"""Hashed character and word n-grams of a text, as TF-IDF features without a vocabulary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BITS = 18  # features: 2**18
CHAR_SIZES = (2, 3, 4, 5)
WORD_SIZES = (1, 2)
_PRIME = np.uint64(1099511628211)  # FNV-1a's
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2**64 divided by the golden ratio: Fibonacci hashing (Knuth 3, 6.4)
_SPACE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Grams:
    """Every n-gram of a text in hashed form, and the character of the cleaned text where it begins; both (k,)."""

    ids: NDArray[np.int64]
    starts: NDArray[np.int64]
    length: int  # of the cleaned text


def grams(text: str) -> Grams:
    """The n-grams of a folded text; runs of blanks count as one."""
    clean = " ".join(text.split())
    if not clean:
        return Grams(ids=np.empty(0, np.int64), starts=np.empty(0, np.int64), length=0)
    codes = _codes(f" {clean} ")
    chars = [_windows(codes, size, seed=size) for size in CHAR_SIZES]
    words, word_starts = _word_hashes(codes)
    runs = [_windows(words, size, seed=16 + size) for size in WORD_SIZES]
    starts = [np.arange(len(one)) for one in chars] + [word_starts[: len(one)] for one in runs]
    return Grams(ids=np.concatenate(chars + runs), starts=np.concatenate(starts), length=len(codes))


def counted(found: Grams) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The different n-grams and their weights 1 + ln(count); both of shape (k,)."""
    ids, counts = np.unique(found.ids, return_counts=True)
    return ids, (1.0 + np.log(counts)).astype(np.float32)


def _codes(text: str) -> NDArray[np.uint64]:
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype="<u4").astype(np.uint64)
    digits = (codes >= 48) & (codes <= 57)
    codes[digits] = 48  # which number it is says nothing
    return codes


def _word_hashes(codes: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """One number a word, the sum of its letters each mixed with its place in it; and where the words begin."""
    blank = codes == _SPACE
    starts = np.flatnonzero(blank[:-1]) + 1  # the cleaned text ends with its only other blank
    place = np.arange(len(codes)) - np.maximum.accumulate(np.where(blank, np.arange(len(codes)), 0))
    mixed = (codes + np.uint64(1)) * (_PRIME ** np.minimum(place, 24).astype(np.uint64))
    mixed[blank] = 0
    return np.add.reduceat(mixed, starts), starts


def _windows(codes: NDArray[np.uint64], size: int, *, seed: int) -> NDArray[np.int64]:
    if len(codes) < size:
        return np.empty(0, np.int64)
    total = np.full(len(codes) - size + 1, seed, dtype=np.uint64)
    for offset in range(size):
        total = (total ^ codes[offset : len(codes) - size + 1 + offset]) * _PRIME
    return ((total * _MIX) >> np.uint64(64 - BITS)).astype(np.int64)
