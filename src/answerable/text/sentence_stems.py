"""A passage cut into sentences with their stems, once, for everything that looks at it."""

from __future__ import annotations

from functools import lru_cache

from answerable.text.sentences import sentences
from answerable.text.stems import stems

SentenceStems = tuple[int, int, frozenset[str]]


@lru_cache(maxsize=4096)  # passages come back for many questions, and several steps look at each
def sentence_stems(text: str, language: str) -> tuple[SentenceStems, ...]:
    """(start, end, distinct stems) of each sentence, in order."""
    return tuple(
        (start, end, frozenset(stems(text[start:end], language))) for start, end in sentences(text, language)
    )
