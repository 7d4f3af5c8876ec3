"""Phrases that are looked for in a text, whatever their case, accents and hidden characters. In linear time."""

from __future__ import annotations

import re
import unicodedata

from answerable.text.canonical import canonicalize, without_towers

SEPARATOR = "|"
ANY_END = "*"  # after a word: it may go on, for endings
_BETWEEN = re.compile(r"[^\w]+|_+")
_MARKS = re.compile("[\u0300-\u036f]+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def folded(text: str) -> str:
    """Its words with one blank before and after each: NFKD without accents, case folded, signs gone."""
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", without_towers(canonicalize(text).text))).casefold()
    return f" {_BETWEEN.sub(' ', unicodedata.normalize('NFC', plain)).strip()} "


class Phrases:
    """Several phrases with | between them. Raises ValueError where there is none."""

    def __init__(self, written: str) -> None:
        self._forms = tuple(filter(None, (_form(one) for one in written.split(SEPARATOR))))
        if not self._forms:
            raise ValueError("there is no word in it")

    def within(self, folded_text: str) -> bool:
        """Whether one of them stands in a text that is folded already."""
        return any(form in folded_text for form in self._forms)


def _form(written: str) -> str:
    """What is looked for in a folded text. A script without blanks has no ends of words."""
    words = folded(written).strip()
    if not words or _UNSPACED.search(words):
        return words
    return f" {words}" if written.rstrip().endswith(ANY_END) else f" {words} "
