"""How many years of school a text asks for, by two formulas that need no dictionary.

Flesch-Kincaid grade: 0.39 words/sentences + 11.8 syllables/words - 15.59 (Kincaid, Fishburne, Rogers and Chissom
1975, "Derivation of new readability formulas for Navy enlisted personnel", Research Branch Report 8-75);
syllables are counted as groups of vowels. Automated Readability Index: 4.71 characters/words + 0.5
words/sentences - 21.43 (Smith and Senter 1967, AMRL-TR-66-220). Both are of English, and of running text: a list
of names has no grade.
"""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[.!?]+(?=\s|$)")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*|\d[\d,.]*")
_VOWELS = re.compile(r"[aeiouy]+")


def grade(text: str) -> float:
    """The higher of the two grades; 0 for a text without words. Numbers count as one short word."""
    return max(flesch_kincaid(text), automated(text), 0.0)


def flesch_kincaid(text: str) -> float:
    """Kincaid et al. 1975; 0 for a text without words."""
    words, sentences = _words(text), _sentences(text)
    if not words:
        return 0.0
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def automated(text: str) -> float:
    """Smith and Senter 1967; 0 for a text without words."""
    words, sentences = _words(text), _sentences(text)
    if not words:
        return 0.0
    letters = sum(1 if word[0].isdigit() else len(word) for word in words)
    return 4.71 * letters / len(words) + 0.5 * len(words) / sentences - 21.43


def syllables(word: str) -> int:
    """Groups of vowels, without a silent e at the end; at least 1."""
    lower = word.lower()
    found = len(_VOWELS.findall(lower))
    if lower.endswith("e") and not lower.endswith(("le", "ee")) and found > 1:
        found -= 1
    return max(found, 1)


def _words(text: str) -> list[str]:
    return [word.rstrip("'’-.,") for word in _WORD.findall(text)]


def _sentences(text: str) -> int:
    return max(1, len(_SENTENCE.findall(text)))
