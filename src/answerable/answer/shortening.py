"""A very long question, as far as words are looked up: its most telling ones. Its vector is of the whole text."""

from __future__ import annotations

from answerable.core.ports import Snapshot
from answerable.text.stems import stems
from answerable.text.words import words

MOST = 48  # distinct stems; docs/decisions/0094-long-and-short-questions.md


async def shorten(view: Snapshot, text: str, *, language: str, most: int = MOST) -> str:
    """The text, or of one with more than `most` distinct stems the words of the rarest that the index has."""
    if len(set(stems(text, language))) <= most:
        return text
    weights = await view.idf(text, language=language)
    unknown = max(weights.values(), default=0.0)  # rarer than any that occurs; where all occur, the rarest is kept
    known = {one: weight for one, weight in weights.items() if weight < unknown} or weights
    telling = set(sorted(known, key=lambda one: (-known[one], one))[:most])
    return " ".join(word for word, _, _ in words(text) if not telling.isdisjoint(stems(word, language)))
