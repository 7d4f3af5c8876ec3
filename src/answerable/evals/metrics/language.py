"""Is the answer in the language of the question?"""

from __future__ import annotations

import unicodedata
from collections import Counter

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase, Score
from answerable.evals.metrics.deterministic import not_applicable
from answerable.evals.metrics.statements import wording
from answerable.text.language import detect_language
from answerable.text.words import words

NAME = "language"
SHORTEST = 4  # words: in fewer nothing tells
_LONGEST = 1500  # characters: more tell no more
_SAMPLE = 400  # characters that tell the script
_KNOWN = ("en", "de", "es")
_SCRIPTS = {
    **dict.fromkeys(("zh", "ja", "ko"), "east"),
    **dict.fromkeys(("ru", "uk", "bg", "sr"), "CYRILLIC"),
    **dict.fromkeys(("ar", "fa", "ur"), "ARABIC"),
    "el": "GREEK",
    "he": "HEBREW",
    "th": "THAI",
    "hi": "DEVANAGARI",
}
_EAST = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")


def language(case: EvalCase, answer: Answer) -> Score:
    """1 where the answer's words are in the case's language, else 0. Too short to tell: not applicable."""
    text = wording(answer)[:_LONGEST]
    wanted = case.language
    script = _script(text)
    if not script or (script != "east" and len(words(text)) < SHORTEST):
        return not_applicable(NAME, "too short to tell its language")
    expected = _SCRIPTS.get(wanted, "LATIN")
    found = _detected(text, wanted) if script == expected else script.lower()
    right = found == wanted
    reason = "" if right else f"expected {wanted}, got {found}"
    return Score(name=NAME, value=float(right), passed=right, reason=reason, detail={"found": found})


def _detected(text: str, wanted: str) -> str:
    """Among the shipped languages and the wanted one; a language that shares its script with none is itself."""
    if _SCRIPTS.get(wanted, "LATIN") != "LATIN":
        return wanted
    return detect_language(text, tuple(dict.fromkeys((wanted, *_KNOWN))), default=wanted)


def _script(text: str) -> str:
    """The script that most letters are in."""
    names = (unicodedata.name(char, "").partition(" ")[0] for char in text[:_SAMPLE] if char.isalpha())
    found = Counter("east" if name.startswith(_EAST) else name for name in names)
    return found.most_common(1)[0][0] if found else ""
