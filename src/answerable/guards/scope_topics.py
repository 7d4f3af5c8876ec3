"""Topics of scope.md: phrases in all their forms, as patterns for the linear-time engine over stemmed words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import re2

from answerable.text.stems import stem
from answerable.text.stopwords import STOPWORDS
from answerable.text.words import terms


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Topic:
    """What the assistant does not speak about. One pattern for each language whose stemming makes one."""

    id: str
    patterns: Mapping[str, re.Pattern[str]]

    def in_(self, views: Mapping[str, str]) -> bool:
        """Whether a phrase stands in the text, whose stemmed forms by language these are."""
        return any(pattern.search(views[language]) for language, pattern in self.patterns.items())


def compiled(id_: str, phrases: Sequence[str], languages: Sequence[str]) -> Topic:
    """Of phrases that say something, see `says_something`."""
    return Topic(id=id_, patterns={one: _pattern(phrases, one) for one in languages})


def says_something(phrase: str, languages: Iterable[str]) -> bool:
    """Whether a phrase has a word that is no stop word in any of these languages."""
    stop = frozenset[str]().union(*(STOPWORDS.get(one, ()) for one in languages))
    return any(term not in stop for term in terms(phrase))


def stemmed(text: str, languages: Iterable[str]) -> dict[str, str]:
    """The stems of a text in order, a blank before and after each, by language: what patterns are read over."""
    words = terms(text)
    return {language: f" {' '.join(stem(word, language) for word in words)} " for language in languages}


def _pattern(phrases: Sequence[str], language: str) -> re.Pattern[str]:
    forms = sorted({re2.escape(stemmed(phrase, (language,))[language].strip()) for phrase in phrases})
    pattern: re.Pattern[str] = re2.compile(f" (?:{'|'.join(forms)}) ")
    return pattern
