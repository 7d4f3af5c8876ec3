"""Words that are near each other by spelling: the keys under which they meet, and how far apart they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

SHORTEST, LONGEST = 4, 24  # letters; shorter words have too many neighbors, longer ones are no words
TWO_FROM = 7  # letters, from which two edits may be one slip; below it is one
SKELETON_FROM = 4  # letters of a skeleton: shorter ones are shared by too many words
SWAP = 0.8  # the cost of two letters that changed places
DOUBLED = 0.6  # of a letter doubled, or not
SOUND = 0.9  # of what sounds alike, in however many letters
FIRST = 0.5  # more, where the first letter is another: people rarely get that wrong

_PLAIN = re.compile(r"[^\W\d_]+")
_ALIKE = (("ph", "f"), ("ck", "k"), ("qu", "k"), ("th", "t"), ("sh", "s"), ("sch", "s"), ("ch", "k"))
_LETTERS = str.maketrans(
    {"c": "k", "q": "k", "z": "s", "x": "s", "v": "f", "w": "f", "y": "i", "j": "g", "d": "t"}
)
_VOWELS = frozenset("aeiouh")


def is_plain(word: str) -> bool:
    """Whether a folded word is one of letters alone and of a length that slips can be told in: never a code."""
    return SHORTEST <= len(word) <= LONGEST and bool(_PLAIN.fullmatch(word))


@lru_cache(maxsize=65536)
def keys(word: str) -> tuple[str, ...]:
    """What the word shares with those near it: itself, itself without each one letter, and how it sounds.

    Two words that are one insertion, deletion, substitution or swap apart share a key, and many that are two
    apart. Deletion neighborhoods: Mor and Fraenkel 1982; as in Garbe's SymSpell, with one deletion on both sides.
    """
    gone = (word[:at] + word[at + 1 :] for at in range(len(word)))
    sound = skeleton(word)
    sounds = (f"~{sound}",) if len(sound) >= SKELETON_FROM else ()
    return tuple(dict.fromkeys((word, *gone, *sounds)))


def asked_keys(word: str) -> tuple[str, ...]:
    """The same for a word that was asked for: of a long one also without each two letters: that costs no room."""
    found = keys(word)
    if len(word) < TWO_FROM:
        return found
    shorter = (one for one in found if len(one) == len(word) - 1)
    twice = (one[:at] + one[at + 1 :] for one in shorter for at in range(len(one)))
    return tuple(dict.fromkeys((*found, *twice)))


def skeleton(word: str) -> str:
    """The word by its consonants, what sounds alike written alike and nothing doubled."""
    for written, heard in _ALIKE:
        word = word.replace(written, heard)
    letters = word[:1].replace("h", "") + "".join(char for char in word[1:] if char not in _VOWELS)
    heard = letters.translate(_LETTERS)
    return "".join(char for at, char in enumerate(heard) if at == 0 or heard[at - 1] != char)


def reach(word: str) -> int:
    """How many edits may be a slip in a word of this length."""
    return 0 if len(word) < SHORTEST else 1 if len(word) < TWO_FROM else 2


def nearest_word(word: str, known: Iterable[tuple[str, int]], *, most: float) -> str | None:
    """Of the known words, with how often each occurs, the one that was likeliest meant; None where none is near.

    Nearest first, and of equally near ones the more frequent. `most` is the largest distance.
    """
    slips = reach(word)
    near = [
        (cost, -count, one)
        for one, count in known
        if one != word and abs(len(one) - len(word)) <= slips and (cost := distance(word, one, most=slips)) <= most
    ]
    return min(near)[2] if near else None


def distance(first: str, second: str, *, most: int) -> float:
    """How unlikely it is that one was meant as the other: edits, the common slips among them cheaper.

    Above `most` edits it is infinite; another first letter costs more, a swap or a doubled letter less.
    """
    plain = edits(first, second, most=most)
    if plain > most:
        return float("inf")
    cost = float(plain)
    if sorted(first) == sorted(second):
        cost *= SWAP
    elif _undoubled(first) == _undoubled(second):
        cost *= DOUBLED
    elif skeleton(first) == skeleton(second):
        cost = min(cost, SOUND)
    return cost + (FIRST if first[:1] != second[:1] else 0.0)


def _undoubled(word: str) -> str:
    return "".join(char for at, char in enumerate(word) if at == 0 or word[at - 1] != char)


def edits(first: str, second: str, *, most: int) -> int:
    """Insertions, deletions, substitutions and swaps between two words; more than `most` is `most` + 1.

    Optimal string alignment distance (Damerau 1964), row by row with an early end.
    """
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, char in enumerate(first, start=1):
        next_row = [i]
        for j, other in enumerate(second, start=1):
            cost = min(row[j] + 1, next_row[j - 1] + 1, row[j - 1] + (char != other))
            if i > 1 and j > 1 and char == second[j - 2] and first[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            next_row.append(cost)
        if min(next_row) > most:
            return most + 1
        before, row = row, next_row
    return min(row[-1], most + 1)
