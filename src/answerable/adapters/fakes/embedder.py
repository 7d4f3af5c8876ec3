"""Embeddings and tokens without a model: hashed bags of words, and runs of non-blanks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from answerable.adapters.token_signs import FORM, pack
from answerable.core.errors import ConfigError
from answerable.core.ports import EmbeddingModel, Kind, QuestionTokens, Vectors
from answerable.text.stems import stems, term_frequencies
from answerable.text.words import words

_RUN = re.compile(r"\S+")


class HashEmbedder:
    """Unit vectors from the words alone: each stem has a fixed vector of signs, a text the sum of its stems'.

    Texts that share words are near, texts that share none are near orthogonal (cosine ± 1/√dim). The same text
    gives the same vector in every process. Stop words count for nothing; a text without words has a vector of
    its own. Random projection of a bag of words: Achlioptas 2003, "Database-friendly random projections".
    """

    def __init__(self, *, dim: int = 64, language: str = "en") -> None:
        if dim < 8 or dim % 8:
            raise ConfigError(f"HashEmbedder: dim is {dim}", hint="take a positive multiple of 8")
        self._dim = dim
        self._language = language

    @property
    def model(self) -> EmbeddingModel:
        """The space's identity; it changes with the dimension and the language."""
        return EmbeddingModel(name="hash", revision=f"1-{self._language}", dim=self._dim)

    async def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """One row a text, float32, unit length, shape (n, dim); queries and passages are treated alike."""
        rows = np.zeros((len(texts), self._dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[:] = self._vector(text)
        return rows

    @property
    def code(self) -> str:
        """What the codes hang on."""
        return f"{self.model.key}/{FORM}"

    async def encode(self, texts: Sequence[str]) -> tuple[Vectors, list[bytes]]:
        """As `embed`, with the signs of each stem, which are the stem."""
        stemmed = [stems(text, self._language) for text in texts]
        rows = [[_signs(one, self._dim) for one in found] for found in stemmed]
        codes = [pack(np.array(one, dtype=np.float32).reshape(-1, self._dim)) for one in rows]
        return await self.embed(texts, kind="passage"), codes

    async def question(self, text: str) -> QuestionTokens:
        """A token for each word."""
        said = words(text)
        rows = [_signs(next(iter(stems(word, self._language)), ""), self._dim) for word, _, _ in said]
        vectors = np.array(rows, dtype=np.float32).reshape(-1, self._dim)
        return QuestionTokens(vectors=vectors, spans=tuple((start, end) for _, start, end in said))

    def _vector(self, text: str) -> NDArray[np.float32]:
        counts = term_frequencies(text, self._language)
        total = sum((count**0.5 * _signs(term, self._dim) for term, count in counts.items()), np.zeros(self._dim))
        length = float(np.linalg.norm(total))
        if length == 0.0:  # no words, or words that cancel out
            total, length = _signs("", self._dim), self._dim**0.5
        return np.asarray(total / length, dtype=np.float32)


@lru_cache(maxsize=65536)
def _signs(term: str, dim: int) -> NDArray[np.float64]:
    digest = hashlib.shake_128(term.encode()).digest(dim // 8)
    return np.unpackbits(np.frombuffer(digest, dtype=np.uint8)).astype(np.float64) * 2.0 - 1.0


class WhitespaceTokenizer:
    """Every run of non-blank characters is one token."""

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """The [start, end) characters of each token, in order."""
        return [match.span() for match in _RUN.finditer(text)]
