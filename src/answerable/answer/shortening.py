"""A very long question: its most telling words are looked up, and what it asks is embedded."""

from __future__ import annotations

from answerable.core.ports import Snapshot
from answerable.text.sentences import sentences
from answerable.text.stems import stems
from answerable.text.words import words

MOST = 48  # distinct stems; docs/decisions/0094-long-and-short-questions.md
LONG = 150  # words: a letter, of which a model for short texts would see the beginning alone


def focus(text: str) -> str:
    """What is embedded: the text, or of a long one the sentences that ask, where there are any."""
    if len(words(text)) <= LONG:
        return text
    asked = [piece for start, end in sentences(text, "en") if (piece := text[start:end].strip()).endswith("?")]
    return " ".join(asked) or text


async def shorten(view: Snapshot, text: str, *, language: str, most: int = MOST) -> str:
    """The text, or of one with more than `most` distinct stems the words of the rarest that the index has."""
    if len(set(stems(text, language))) <= most:
        return text
    weights = await view.idf(text, language=language)
    unknown = max(weights.values(), default=0.0)  # rarer than any that occurs; where all occur, the rarest is kept
    known = {one: weight for one, weight in weights.items() if weight < unknown} or weights
    telling = set(sorted(known, key=lambda one: (-known[one], one))[:most])
    return " ".join(word for word, _, _ in words(text) if not telling.isdisjoint(stems(word, language)))
