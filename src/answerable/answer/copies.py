"""Passages that say the same in nearly the same words: only one of them is of use to an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from answerable.core.passage import LOW, Passage
from answerable.text.facts import Facts, facts
from answerable.text.words import terms

MORE = 0.1  # of its words, that one text may have beyond another
# What turns a sentence round or narrows it: a text that has such a word and one that has not are two statements.
_TURNS = frozenset(
    """not no never none nor without cannot only except unless may must can shall should will would could might but
    however monday tuesday wednesday thursday friday saturday sunday
    nicht nie kein keine keinen ohne nur ausser muss mussen darf durfen kann konnen soll sollen aber
    montag dienstag mittwoch donnerstag freitag samstag sonntag
    nunca sin solo salvo excepto puede pueden debe deben pero ningun ninguna
    lunes martes miercoles jueves viernes sabado domingo""".split()
)


def collapse(passages: Sequence[Passage]) -> list[Passage]:
    """Each text once, at the place of the best that says it: the one that is vouched for, whatever a copy of it
    adds; else the longer where two differ by an addition.

    Two that differ in a number, a date, a name or a negation are no copies but a conflict that an answer must
    show: only what adds plain words to another, at most a tenth of them, counts as one with it.
    """
    kept: list[Passage] = []
    for one in passages:
        place = next((at for at, other in enumerate(kept) if same(one, other)), None)
        if place is None:
            kept.append(one)
        elif _weight(one) > _weight(kept[place]):
            kept[place] = replace(one, score=kept[place].score)
    return kept


def _weight(passage: Passage) -> tuple[bool, bool, int]:
    """A copy that anybody may have written must not take the place of the page it was made from."""
    return passage.trust != LOW, not passage.chunk.meta.get("suspicion"), len(passage.chunk.text)


def same(one: Passage, other: Passage) -> bool:
    """Whether the one text is the other, or the other with a few plain words more."""
    few, many = sorted((_bag(one.chunk.text), _bag(other.chunk.text)), key=lambda bag: bag.total)
    # The cheap questions first: thirty passages are four hundred pairs, and hardly one of them is alike.
    if many.total - few.total > MORE * many.total or not few.words.keys() <= many.words.keys():
        return False
    if few.words - many.words or _TURNS & (many.words - few.words).keys():
        return False
    return _stated(one) == _stated(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bag:
    """How often each word is in a text, and how many there are in all."""

    words: Counter[str]
    total: int


@lru_cache(maxsize=4096)
def _bag(text: str) -> _Bag:
    words = Counter(terms(text))
    return _Bag(words=words, total=words.total())


def _stated(one: Passage) -> tuple[object, ...]:
    found: Facts = facts(one.chunk.text, one.language)
    return (Counter(found.numbers), Counter(found.dates), frozenset(found.names), found.negations)
