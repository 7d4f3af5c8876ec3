"""How alike two questions are: by their vectors, their documents, their words and their letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from answerable.text.facts import facts
from answerable.text.stems import stems
from answerable.text.words import fold

TOP = 5  # documents that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """`cosine` in [-1, 1], `documents` in 0..5; None where one of the two has none. Shares are in [0, 1]."""

    cosine: float | None
    documents: int | None
    containment: float  # of the content words of the shorter in the longer one
    characters: float  # Dice's coefficient of character trigrams
    new_facts: bool  # the later one has a number or a name that the earlier one has not

    @property
    def overall(self) -> float:
        """One figure for a log: the cosine where there is one, else the mean of words and letters."""
        if self.cosine is not None:
            return max(0.0, self.cosine)
        return (self.containment + self.characters) / 2


def likeness(
    earlier: str,
    later: str,
    *,
    language: str,
    vectors: tuple[Sequence[float] | None, Sequence[float] | None] = (None, None),
    documents: tuple[Sequence[str], Sequence[str]] = ((), ()),
) -> Likeness:
    """Of two questions in one language; vectors are of unit length, documents the best first."""
    return Likeness(
        cosine=_cosine(*vectors),
        documents=_shared(*documents),
        containment=_containment(set(stems(earlier, language)), set(stems(later, language))),
        characters=_dice(_trigrams(earlier), _trigrams(later)),
        new_facts=_new_facts(earlier, later, language),
    )


def _cosine(one: Sequence[float] | None, other: Sequence[float] | None) -> float | None:
    if one is None or other is None or len(one) != len(other):
        return None
    return float(sum(a * b for a, b in zip(one, other, strict=True)))


def _shared(one: Sequence[str], other: Sequence[str]) -> int | None:
    if not one or not other:
        return None
    return len(set(one[:TOP]) & set(other[:TOP]))


def _containment(one: set[str], other: set[str]) -> float:
    fewest = min(len(one), len(other))
    return len(one & other) / fewest if fewest else 0.0


def _trigrams(text: str) -> set[str]:
    padded = f" {' '.join(fold(text).split())} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}


def _dice(one: set[str], other: set[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _new_facts(earlier: str, later: str, language: str) -> bool:
    before, after = facts(earlier, language), facts(later, language)
    known = set().union(*before.numbers, *before.dates)
    numbers = any(not one & known for one in (*after.numbers, *after.dates))
    return numbers or bool(set(after.names) - set(before.names))
