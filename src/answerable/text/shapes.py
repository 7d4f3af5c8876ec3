"""The form of a question without what it is about: equal for all that one template makes."""

from __future__ import annotations

from answerable.text.stopwords import STOPWORDS
from answerable.text.words import fold, words

_FORM = frozenset().union(*STOPWORDS.values())
_ABOUT = "*"
_LONGEST = 24  # words that are looked at


def question_shape(text: str) -> str:
    """Its function words in order, with one `*` for each run of other words: "how long is * of *".

    Text without any function word is a search for words, not a sentence from a template: it is its own shape.
    """
    folded = [fold(word) for word, _, _ in words(text)[:_LONGEST]]
    if not _FORM.intersection(folded):
        return " ".join(folded)
    shape: list[str] = []
    for word in folded:
        one = word if word in _FORM else _ABOUT
        if one != _ABOUT or shape[-1:] != [_ABOUT]:
            shape.append(one)
    return " ".join(shape)
