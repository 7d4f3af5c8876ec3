"""Which of a few languages a short text is in, by its function words; a model only where those cannot tell."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from answerable.text.stopwords import STOPWORDS
from answerable.text.words import fold, words

_MARKS = {"¿": "es", "¡": "es", "ñ": "es", "ß": "de", "ä": "de", "ö": "de", "ü": "de"}


def detect_language(text: str, languages: Sequence[str], *, default: str) -> str:
    """The likeliest of `languages`; the default where nothing tells."""
    if len(languages) <= 1:
        return languages[0] if languages else default
    votes = _votes(text, languages)
    best = max(votes, key=lambda one: (votes[one], one == default), default=default)
    if votes.get(best):
        return best
    if set(languages) <= STOPWORDS.keys() or len(text.split()) < 3:
        return default
    return _identify(text, tuple(languages))


def _votes(text: str, languages: Sequence[str]) -> dict[str, float]:
    found = [fold(word) for word, _, _ in words(text)]
    known = [one for one in languages if one in STOPWORDS]
    votes = {one: float(sum(word in STOPWORDS[one] for word in found)) for one in known}
    for mark, language in _MARKS.items():
        if language in votes and mark in text.lower():
            votes[language] += 1.5
    return votes


def _identify(text: str, languages: tuple[str, ...]) -> str:
    return str(_identifier(languages).classify(text)[0])


@lru_cache(maxsize=4)
def _identifier(languages: tuple[str, ...]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # 0.8 s to load, and most questions never need it

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(languages))
    return identifier
