"""Whether a text repeats a question nearly word for word and then asserts something.

So does a passage that was planted to be found for one question (PoisonedRAG, Zou et al. 2024, section 4.3: the
question itself, then the claim); so does an honest FAQ. It is a sign where nobody vouches for the page, and none
elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from answerable.text.sentences import sentences
from answerable.text.words import terms

LIKENESS = 0.85  # Jaccard, over the words of the question and of the sentence
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
    """Questions to look for, found by their rarest-looking word: the longest."""

    texts: Iterable[str]
    _by_word: dict[str, list[tuple[str, frozenset[str]]]] = field(init=False)

    def __post_init__(self) -> None:
        self._by_word = defaultdict(list)
        for text in dict.fromkeys(self.texts):
            bag = frozenset(terms(text))
            if len(bag) >= MIN_WORDS:
                for word in sorted(bag, key=lambda one: (-len(one), one))[:2]:  # one of them may be misspelled
                    self._by_word[word].append((text, bag))

    def echoed_by(self, text: str, *, language: str = "en") -> Echo | None:
        """The first question that the text repeats before it goes on to say something."""
        if not self._by_word:
            return None
        for start, end in sentences(text, language):
            bag = frozenset(terms(text[start:end]))
            if not self._by_word.keys() & bag or len(terms(text[end:])) < _ASSERTS_WORDS:
                continue
            near = [one for word in bag & self._by_word.keys() for one in self._by_word[word]]
            found = next((question for question, words in near if _alike(bag, words)), None)
            if found is not None:
                return Echo(question=found, start=start, end=end)
        return None


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= LIKENESS * len(one | other)
