"""Turns that are told by a few words: thanks, no, what do you mean, and for the other one?

In English, German and Spanish. Every pattern is looked for in folded text (no capitals, no accents), and is
bounded in what it repeats.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

from answerable.text.words import fold, words

_MOST_WORDS = 60  # that are looked at: a cue stands at the beginning of a turn, or is all of it

_CUES = tomllib.loads((files("answerable.monitor") / "followup_cues.toml").read_text("utf-8"))
_ASKS = {
    "en": "what when where who which why how can could do does did is are was will would may must should have has",
    "de": "was wann wo wer wen wem welche welcher welches warum wie wieso kann kannst konnen darf muss ist sind "
    "gibt hat",
    "es": "que cuando donde quien cual cuales por como cuanto cuanta cuantos cuantas puedo puede se hay es son "
    "tengo",
}


def _alternatives(cue: str) -> Mapping[str, str]:
    return {language: "|".join(told["any"]) for language, told in _CUES[cue].items()}


def _compiled(found: Mapping[str, str], *, start: bool) -> Mapping[str, re.Pattern[str]]:
    before = r"^\W*" if start else r"^.{0,24}?\b"
    return MappingProxyType({language: re.compile(rf"{before}(?:{one})") for language, one in found.items()})


_FILLERS = re.compile(
    r"\b(?:"
    r"thanks?|you|thank|so|very|much|a lot|lot|for|your|the|help|again|that|this|it|is|was|all|i|my"
    r"|question|now|really|works?|worked|and|dank|danke|vielen|dir|ihnen|sehr|schon|fur|die|der|das"
    r"|hilfe|mir|meine|frage|ist|jetzt|es|und|auch|weiter|ja|yes|si|gracias|muchas|muchisimas|por|la|el"
    r"|lo|ayuda|mucho|me|mi|pregunta|a|eso|ya|ahora|y|todo"
    r")\b"
)
_THANKED = _compiled({name: f"(?:{one})(?![a-z])" for name, one in _alternatives("thanks").items()}, start=True)
_REFUSED = _compiled(_alternatives("pushback"), start=False)
_UNCLEAR = _compiled(_alternatives("clarify"), start=False)
_GONE_ON = _compiled(_alternatives("goes_on"), start=True)
_POINTING = {name: re.compile(rf"\b(?:{one})\b") for name, one in _alternatives("points").items()}
_ASKING = {name: frozenset(one.split()) for name, one in _ASKS.items()}


def plain(text: str) -> str:
    """Folded, typographic apostrophes straightened, and no longer than a cue needs."""
    return " ".join(fold(text.replace("’", "'")).split()[:_MOST_WORDS])


def only_thanks(folded: str, language: str) -> bool:
    """Whether the turn thanks, agrees or takes leave, and asks nothing."""
    rest = without_thanks(folded, language)
    if rest == folded or "?" in folded:
        return False
    left = [word for word, _, _ in words(_FILLERS.sub(" ", rest))]
    return len(left) <= 2 and not asks(rest, language)


def without_thanks(folded: str, language: str) -> str:
    """What is left when words of thanks at the beginning are taken away."""
    pattern = _THANKED.get(language, _THANKED["en"])
    for _ in range(4):
        found = pattern.match(folded)
        if found is None:
            break
        folded = folded[found.end() :].lstrip(" ,.!;:-")
    return folded


def asks(folded: str, language: str) -> bool:
    """Whether it looks like a question: by its mark, or by the word it begins with."""
    first = next(iter(words(folded)), ("", 0, 0))[0]
    return "?" in folded or first in _ASKING.get(language, _ASKING["en"])


def refuses(folded: str, language: str) -> bool:
    """Whether it rejects what was answered."""
    return bool(_REFUSED.get(language, _REFUSED["en"]).match(folded))


def is_unclear(folded: str, language: str) -> bool:
    """Whether it asks what the answer means, or for the same in another form."""
    return bool(_UNCLEAR.get(language, _UNCLEAR["en"]).match(folded))


def goes_on(folded: str, language: str) -> bool:
    """Whether it begins as a continuation: and, what about, also."""
    return bool(_GONE_ON.get(language, _GONE_ON["en"]).match(folded))


def points_back(folded: str, language: str) -> bool:
    """Whether it has a word that stands for something said before."""
    return bool(_POINTING.get(language, _POINTING["en"]).search(folded))


def is_open(folded: str, language: str) -> bool:
    """Whether it is a question of so few words that what it is about was said before: how much?"""
    found = [word for word, _, _ in words(folded)]
    return 0 < len(found) <= 3 and found[0] in _ASKING.get(language, _ASKING["en"]) and "?" in folded
