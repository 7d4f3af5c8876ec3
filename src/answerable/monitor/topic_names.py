"""Names of topics: the words that tell a cluster from the others, and that several persons used.

A word's weight is its share in the cluster times how rare it is among all questions (c-TF-IDF, Grootendorst 2022,
arXiv:2203.05794). A word that fewer than five persons used in the cluster is never in a name: it may be a name.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from answerable.text.stopwords import STOPWORDS
from answerable.text.words import terms

__all__ = ["PERSONS", "topic_names"]

PERSONS = 5
_WORDS, _LETTERS = 3, 3
_STOP = frozenset().union(*STOPWORDS.values())


def topic_names(texts: Sequence[str], persons: Sequence[str], labels: Sequence[int]) -> list[str]:
    """A name of up to three words for each cluster from 0 on; empty where no word was used by enough persons."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    users: dict[tuple[int, str], set[str]] = defaultdict(set)
    everywhere: Counter[str] = Counter()
    for text, person, label in zip(texts, persons, labels, strict=True):
        for word in {one for one in terms(text) if _telling(one)}:
            counts[label][word] += 1
            users[label, word].add(person)
            everywhere[word] += 1
    average = sum(everywhere.values()) / max(1, len(counts))
    names = []
    for label in range(max(labels, default=-1) + 1):
        whole = sum(counts[label].values())
        weights = {
            word: count / whole * math.log(1.0 + average / everywhere[word])
            for word, count in counts[label].items()
            if len(users[label, word]) >= PERSONS
        }
        best = sorted(weights, key=lambda one: (-weights[one], one))[:_WORDS]
        names.append(", ".join(best))
    return names


def _telling(word: str) -> bool:
    """A word, not a number: numbers are of orders, dates and telephones."""
    return len(word) >= _LETTERS and word not in _STOP and not any(char.isdigit() for char in word)
