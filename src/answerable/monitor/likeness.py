"""How alike two questions are: by their vectors, their documents, their words and their letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from answerable.text.facts import facts
from answerable.text.spelling import edits
from answerable.text.stems import stems
from answerable.text.stopwords import STOPWORDS
from answerable.text.words import fold, words

TOP = 5  # documents that are looked at
_DETERMINERS = frozenset(
    "a an the my your our el la los las un una unos unas mi mis tu su der die das den dem des ein eine einen "
    "einem einer mein meine meinen meinem".split()
)
_PREFIX, _PREFIX_SHARE = 4, 0.6  # letters, and share of the shorter word, that two words of one root begin with
_INSIDE = 5  # letters of a word that may be found inside another one: compounds
_NEARLY_ALL = 0.8  # of the words
_SLIP_FROM = 5  # letters of a word in which one wrong letter is a slip; twice as many: two


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """`cosine` in [-1, 1], `documents` in 0..5; None where one of the two has none. Shares are in [0, 1]."""

    cosine: float | None
    documents: int | None
    containment: float  # of the content words of the shorter in the longer one
    characters: float  # Dice's coefficient of character trigrams
    new_facts: bool  # the later one has a number or a name that the earlier one has not
    kept: float  # of the earlier one's content words, in the later one
    added: int  # content words of the later one that the earlier one has not
    search: bool  # one of them is a few words and no sentence: what the other adds only says it in full
    extends: bool  # the earlier one stands in the later one nearly word for word
    same_form: bool  # the same sentence but for what it is about
    typo: bool  # the same words, but for slips of the pen

    @property
    def narrows(self) -> bool:
        """All that was asked is asked again, in the same words, and something more."""
        return self.extends and self.added > 0 and not self.search

    @property
    def replaces(self) -> bool:
        """The same sentence about something else."""
        return self.same_form and self.added > 0 and self.kept < 1.0 and not self.search

    @property
    def overall(self) -> float:
        """One figure for a log, in [0, 1]: the cosine where there is one, else the mean of words and letters."""
        if self.cosine is not None:
            return min(1.0, max(0.0, self.cosine))
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
    before, after = _content(earlier, language), _content(later, language)
    kept = sum(any(_same_word(one, other) for other in after) for one in before)
    met = sum(any(_same_word(one, other) for other in before) for one in after)
    fewest = min(len(before), len(after))
    return Likeness(
        cosine=_cosine(*vectors),
        documents=_shared(*documents),
        containment=min(kept, met) / fewest if fewest else 0.0,
        characters=_dice(_trigrams(earlier), _trigrams(later)),
        new_facts=_new_facts(earlier, later, language),
        kept=kept / len(before) if before else 0.0,
        added=len(after) - met,
        search=_is_search(earlier, language) or _is_search(later, language),
        extends=_extends(earlier, later),
        same_form=_form(earlier, language) == _form(later, language),
        typo=_is_typo(earlier, later),
    )


def _content(text: str, language: str) -> list[str]:
    return list(dict.fromkeys(stems(text, language)))


def _same_word(one: str, other: str) -> bool:
    """Equal, of one root, one inside the other, or a slip of the pen away."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) < _PREFIX or any(char.isdigit() for char in short + long):
        return False
    shared = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if shared >= max(_PREFIX, _PREFIX_SHARE * len(short)) and shared >= _PREFIX_SHARE * len(short):
        return True
    if len(short) >= _INSIDE and short in long:
        return True
    slips = len(short) // _SLIP_FROM
    return 0 < slips >= edits(one, other, most=slips)


def _cosine(one: Sequence[float] | None, other: Sequence[float] | None) -> float | None:
    if one is None or other is None or len(one) != len(other):
        return None
    return float(sum(a * b for a, b in zip(one, other, strict=True)))


def _shared(one: Sequence[str], other: Sequence[str]) -> int | None:
    if not one or not other:
        return None
    return len(set(one[:TOP]) & set(other[:TOP]))


def _trigrams(text: str) -> set[str]:
    padded = f" {' '.join(word for word, _, _ in words(fold(text)))} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}


def _dice(one: set[str], other: set[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _new_facts(earlier: str, later: str, language: str) -> bool:
    before, after = facts(earlier, language), facts(later, language)
    known = set().union(*before.numbers, *before.dates)
    numbers = any(not one & known for one in (*after.numbers, *after.dates))
    said = _letters(earlier)
    return numbers or any(_letters(name) not in said for name in after.names)


def _letters(text: str) -> str:
    return "".join(char for char in fold(text) if char.isalnum())


def _is_search(text: str, language: str) -> bool:
    found = [fold(word) for word, _, _ in words(text)]
    return len(found) <= 3 and "?" not in text and found[:1] != [] and found[0] not in STOPWORDS.get(language, ())


def _form(text: str, language: str) -> list[str]:
    """The function words in order, without articles and the like, `*` for each run of other words."""
    form: list[str] = []
    stop = STOPWORDS.get(language, frozenset())
    for word, _, _ in words(text):
        one = fold(word) if fold(word) in stop else "*"
        if one not in _DETERMINERS and (one != "*" or form[-1:] != ["*"]):
            form.append(one)
    return form


def _extends(earlier: str, later: str) -> bool:
    before = [fold(word) for word, _, _ in words(earlier)]
    after = {fold(word) for word, _, _ in words(later)}
    return bool(before) and sum(word in after for word in before) >= _NEARLY_ALL * len(before)


def _is_typo(earlier: str, later: str) -> bool:
    """At most two edits on one word, all others the same."""
    before = [fold(word) for word, _, _ in words(earlier)]
    after = [fold(word) for word, _, _ in words(later)]
    if len(before) != len(after):
        return False
    differing = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    return not differing or (
        len(differing) == 1 and edits(*differing[0], most=2) <= 2 and differing[0][0].isalpha()
    )
