"""Index terms of a language: folded words, without stop words, stemmed (Snowball)."""

from __future__ import annotations

import threading
from collections import Counter
from functools import lru_cache

import Stemmer

from answerable.text.stopwords import STOPWORDS
from answerable.text.words import terms

_ALGORITHMS = {
    "ar": "arabic", "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish",
    "fr": "french", "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
_MOST = 65536  # pieces of text that are remembered for each language: 10 MB
_LONGEST = 64  # characters of such a piece
LONGEST_TERM = 64
_local = threading.local()  # a Snowball stemmer keeps state between calls: one a thread


def _stemmer(language: str) -> Stemmer.Stemmer | None:
    name = _ALGORITHMS.get(language)
    if name is None:
        return None
    stemmers: dict[str, Stemmer.Stemmer] = _local.__dict__.setdefault("stemmers", {})
    if name not in stemmers:
        stemmers[name] = Stemmer.Stemmer(name, maxCacheSize=20000)
    return stemmers[name]


@lru_cache(maxsize=131072)
def stem(term: str, language: str = "en") -> str:
    """The stem of one folded term; a term with a digit, and any term of an unknown language, stays as it is."""
    stemmer = _stemmer(language)
    if stemmer is None or any(char.isdigit() for char in term):
        return term
    return str(stemmer.stemWord(term))


class _Known(dict[str, tuple[str, ...]]):
    """What lies between two blanks → its stems. A look costs a tenth of finding them: 30 passages hold 4,000."""

    def __init__(self, language: str, dropped: frozenset[str]) -> None:
        super().__init__()
        self._language = language
        self._dropped = dropped

    def __missing__(self, piece: str) -> tuple[str, ...]:
        found = tuple(stem(term, self._language) for term in terms(piece) if term not in self._dropped)
        if len(self) >= _MOST:
            self.clear()
        if len(piece) <= _LONGEST:
            self[piece] = found
        return found


@lru_cache(maxsize=64)
def _known(language: str, stop: bool) -> _Known:
    return _Known(language, STOPWORDS.get(language, frozenset()) if stop else frozenset())


def stems(text: str, language: str = "en", *, stop: bool = True) -> list[str]:
    """The stems of the text in order, repeats kept; with `stop`, without the language's stop words."""
    known = _known(language, stop)
    return [one for piece in text.split() for one in known[piece]]  # no word spans a blank


def term_frequencies(text: str, language: str = "en") -> Counter[str]:
    """How often each stem occurs: what an inverted index keeps. Terms are cut at 64 characters."""
    counted = Counter(stems(text, language))
    if any(len(one) > LONGEST_TERM for one in counted):
        return Counter(one[:LONGEST_TERM] for one in counted.elements())
    return counted
