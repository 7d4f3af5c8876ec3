"""Whether a text repeats a question nearly word for word and then asserts something.

So does a passage that was planted to be found for one question (PoisonedRAG, Zou et al. 2024, section 4.3: the
question itself, then the claim); so does an honest FAQ. It is a sign where nobody vouches for the page, and none
elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from answerable.text.words import fold, words

LIKENESS = 0.85  # Jaccard, over the words of the question and of as many words of the text in a row
MIN_WORDS = 5  # a shorter question stands on many pages
_ASSERTS_WORDS = 3  # that have to follow


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """text[start:end] repeats the question."""

    question: str
    start: int
    end: int


@dataclass(slots=True)
class Questions:
    """Questions to look for, each by its two longest words: few places of a text have one of them."""

    texts: Iterable[str]
    _by_word: dict[str, list[tuple[str, frozenset[str], int]]] = field(init=False)

    def __post_init__(self) -> None:
        self._by_word = defaultdict(list)
        for text in dict.fromkeys(self.texts):
            said = [fold(word) for word, _, _ in words(text)]
            bag = frozenset(said)
            if len(bag) >= MIN_WORDS:
                for word in sorted(bag, key=lambda one: (-len(one), one))[:2]:  # one of them may be misspelled
                    self._by_word[word].append((text, bag, len(said)))

    def echoed_by(self, text: str) -> Echo | None:
        """The first question that the text repeats before it goes on to say something."""
        if not self._by_word:
            return None
        found = [(fold(word), start, end) for word, start, end in words(text)]
        for place, (word, _, _) in enumerate(found):
            for question, bag, length in self._by_word.get(word, ()):
                for first in range(max(0, place - length + 1), place + 1):
                    last = first + length
                    if last + _ASSERTS_WORDS > len(found):
                        break
                    if _alike(frozenset(one for one, _, _ in found[first:last]), bag):
                        return Echo(question=question, start=found[first][1], end=found[last - 1][2])
        return None


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= LIKENESS * len(one | other)
