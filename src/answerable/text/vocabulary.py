"""The words of texts that a misspelled word may have been meant as."""

from __future__ import annotations

from collections.abc import Iterable

from answerable.text.spelling import is_plain
from answerable.text.stopwords import STOPWORDS
from answerable.text.words import terms


def plain_words(texts: Iterable[str], language: str) -> set[str]:
    """The distinct folded words of letters alone, without the language's stop words; no codes, no numbers."""
    dropped = STOPWORDS.get(language, frozenset())
    pieces = {piece for text in texts for piece in text.split()}  # no word spans a blank
    return {one for piece in pieces for one in terms(piece) if one not in dropped and is_plain(one)}
