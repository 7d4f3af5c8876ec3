"""The checkable parts of a sentence: numbers, dates, names and negations, in a form that can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from answerable.text.dates import MONTHS, dates
from answerable.text.numbers import numbers, ordinals
from answerable.text.words import fold

_WORD = re.compile(r"[^\W_]+(?:[-'’./_][^\W_]+)*")
_NEGATIONS: dict[str, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:not|never|no|none|nobody|nothing|neither|nor|without|cannot|unable|excludes?|excluding|except"
        r"|fails?|lacks?|refus\w+|declin\w+|ineligible|invalid|unavailable)\b|n['’]t\b",
        re.I,
    ),
    "de": re.compile(
        r"\b(?:nicht|nie|niemals|kein\w*|nichts|ohne|weder|noch|ausgeschlossen|ausgenommen|außer)\b", re.I
    ),
    "es": re.compile(r"\b(?:no|nunca|jamás|ningun\w*|ningún|nada|nadie|ni|sin|tampoco|excepto|salvo)\b", re.I),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What can be checked in a text. A number or a date is a set of readings: `1.000` is two."""

    numbers: tuple[frozenset[str], ...]
    dates: tuple[frozenset[str], ...]
    names: tuple[str, ...]  # folded
    negations: int
    ordinals: frozenset[str]  # `second` is 2; a source's may answer for a digit, a sentence's are not asked for


@lru_cache(maxsize=8192)  # the same sentences are compared with many others
def facts(text: str, language: str = "en") -> Facts:
    """The facts of one sentence."""
    found, rest = dates(text)
    return Facts(
        numbers=tuple(numbers(rest)),
        dates=tuple(found),
        names=tuple(names(rest, language)),
        negations=negations(text, language),
        ordinals=ordinals(text),
    )


def negations(text: str, language: str = "en") -> int:
    """How many negating words there are."""
    pattern = _NEGATIONS.get(language, _NEGATIONS["en"])
    return len(pattern.findall(text))


def names(text: str, language: str = "en") -> list[str]:
    """Folded words that name one particular thing: codes, acronyms, and capitalized words inside a sentence.

    German capitalizes every noun, so there only codes, acronyms and mixed case count.
    """
    found = []
    for match in _WORD.finditer(text):
        word = match.group()
        if _is_code(word) or (language != "de" and _is_capitalized_inside(text, match)):
            found.append(fold(word))
    return found


def _is_code(word: str) -> bool:
    if "_" in word:
        return True
    if word.islower():  # most words; the rest of this is about capitals
        return False
    letters = [char for char in word if char.isalpha()]
    if not letters:
        return False
    has_digit = any(char.isdigit() for char in word)
    upper = sum(char.isupper() for char in letters)
    return (
        (has_digit and upper > 0)
        or (len(letters) >= 2 and upper == len(letters))
        or (upper >= 2 and word[0].isupper() and word.isalnum())  # iPhone-like; Sale-Artikel is not
    )


_OPENS_SENTENCE = re.compile(r"(?:^|[.!?¿¡:;…\n\"“„(\[*•>|-])\s*$")


def _is_capitalized_inside(text: str, match: re.Match[str]) -> bool:
    word = match.group()
    if not word[0].isupper() or len(word) < 2 or fold(word) in _CALENDAR:
        return False
    return not _OPENS_SENTENCE.search(text[max(0, match.start() - 4) : match.start()])


_CALENDAR = frozenset(MONTHS) | frozenset(
    "monday tuesday wednesday thursday friday saturday sunday i i'm i'd i'll i've".split()
)
