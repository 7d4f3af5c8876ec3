"""Topics of scope.md: phrases in all their forms, as patterns for the linear-time engine over stemmed words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import re2

from answerable.text.stems import stems


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Topic:
    """What the assistant does not speak about. One pattern for each language whose stemming makes one."""

    id: str
    patterns: Mapping[str, re.Pattern[str]]

    def in_(self, views: Mapping[str, str]) -> bool:
        """Whether a phrase stands in the text, whose stemmed forms by language these are."""
        return any(pattern.search(views[language]) for language, pattern in self.patterns.items())


def compiled(id_: str, phrases: Sequence[str], languages: Sequence[str]) -> Topic:
    """A phrase of stop words alone has no stems, and is left out."""
    return Topic(id=id_, patterns={one: found for one in languages if (found := _pattern(phrases, one))})


def stemmed(text: str, languages: Iterable[str]) -> dict[str, str]:
    """The stems of a text in order, a blank before and after each, by language: what patterns are read over."""
    return {language: f" {' '.join(stems(text, language))} " for language in languages}


def _pattern(phrases: Sequence[str], language: str) -> re.Pattern[str] | None:
    stemmed_phrases = [stems(phrase, language) for phrase in phrases]
    forms = sorted({" ".join(map(re2.escape, one)) for one in stemmed_phrases if one})
    if not forms:
        return None
    pattern: re.Pattern[str] = re2.compile(f" (?:{'|'.join(forms)}) ")
    return pattern
