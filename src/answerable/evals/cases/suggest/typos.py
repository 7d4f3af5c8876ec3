"""Questions as fingers make them: a slip or two among longer words, on the language's own keyboard."""

from __future__ import annotations

import random
import re
from collections.abc import Collection

from answerable.text.words import fold, words

_ROWS = {
    "en": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "de": ("qwertzuiopü", "asdfghjklöä", "yxcvbnm"),
    "es": ("qwertyuiop", "asdfghjklñ", "zxcvbnm"),
}
_PLAIN = {
    "de": {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"},
    "es": {"á": "a", "é": "e", "í": "i", "ó": "o", "ú": "u", "ñ": "n"},
}
_SHORTEST = 4  # letters: a slip in a shorter word makes another word too often
_WORDS_A_SLIP = 4
_MOST = 3
_TRIES = 8


def misspelled(question: str, language: str, *, seed: str, vocabulary: Collection[str] = ()) -> str:
    """The question with a slip for every fourth word, three at most; the same seed gives the same slips.

    Words with digits stay whole, and no slip makes a word of `vocabulary` (folded), which means something else.
    """
    chance = random.Random(seed)
    spans = [(word, start, end) for word, start, end in words(question) if _may_slip(word)]
    chosen = chance.sample(spans, min(len(spans), _MOST, max(1, len(question.split()) // _WORDS_A_SLIP)))
    slipped = question
    for word, start, end in sorted(chosen, key=lambda one: -one[1]):
        slipped = slipped[:start] + _slip(word, language, chance, vocabulary) + slipped[end:]
    return _careless(slipped, language, chance) if slipped != question else question


def _may_slip(word: str) -> bool:
    return len(word) >= _SHORTEST and word.isalpha()


def _slip(word: str, language: str, chance: random.Random, vocabulary: Collection[str]) -> str:
    for _ in range(_TRIES):
        made = chance.choice((_swapped, _dropped, _doubled, _neighbor))(word, language, chance)
        if made != word and fold(made) not in vocabulary:
            return made
    return word


def _swapped(word: str, language: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _dropped(word: str, language: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word))
    return word[:at] + word[at + 1 :]


def _doubled(word: str, language: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word))
    return word[:at] + word[at] + word[at:]


def _neighbor(word: str, language: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word))
    near = _neighbors(word[at].lower(), language)
    return word[:at] + chance.choice(near) + word[at + 1 :] if near else word


def _neighbors(letter: str, language: str) -> str:
    for row in _ROWS.get(language, _ROWS["en"]):
        if letter in row:
            at = row.index(letter)
            return row[max(0, at - 1) : at] + row[at + 1 : at + 2]
    return ""


def _careless(question: str, language: str, chance: random.Random) -> str:
    """Whoever slips often writes small, without marks and accents."""
    if chance.random() < 0.5:
        question = re.sub(r"[?¿!¡]", "", question).strip()
        question = question[:1].lower() + question[1:] if question[1:2].islower() else question
    if chance.random() < 0.5:
        for letter, plain in _PLAIN.get(language, {}).items():
            question = question.replace(letter, plain)
    return question
