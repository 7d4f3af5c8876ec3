"""A very long question: what it asks is searched for; where nothing asks, its most telling words are looked up."""

from __future__ import annotations

import re

from answerable.answer.decomposition import asks
from answerable.core.ports import Snapshot
from answerable.text.sentences import sentences
from answerable.text.stems import stems
from answerable.text.words import words

MOST = 16  # distinct stems; docs/decisions/0094-long-and-short-questions.md
_CODE = re.compile(r"[^\W\d_].*\d")
LONG = 150  # words: a letter, of which a model for short texts would see the beginning alone


def focus(text: str) -> str:
    """What is searched for: the text, or of a long one the sentences that ask, and the codes of the others."""
    if len(words(text)) <= LONG:
        return text
    pieces = [text[start:end].strip() for start, end in sentences(text, "en")]
    asked = [piece for piece in pieces if asks(piece)]
    if not asked:
        return text
    told = " ".join(asked)
    codes = dict.fromkeys(word for word, _, _ in words(text) if _CODE.search(word) and word not in told)
    return f"{told} ({' '.join(codes)})" if codes else told


async def shorten(view: Snapshot, text: str, *, language: str, most: int = MOST) -> str:
    """The text, or of one with more than `most` distinct stems the words of the rarest that the index has."""
    if len(words(text)) <= LONG or len(set(stems(text, language))) <= most:
        return text
    weights = await view.idf(text, language=language)
    unknown = max(weights.values(), default=0.0)  # rarer than any that occurs; where all occur, the rarest is kept
    known = {one: weight for one, weight in weights.items() if weight < unknown} or weights
    telling = set(sorted(known, key=lambda one: (-known[one], one))[:most])
    return " ".join(word for word, _, _ in words(text) if not telling.isdisjoint(stems(word, language)))
