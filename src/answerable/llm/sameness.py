"""What the meaning of a question hangs on, as one line: two questions with the same line may share a reply.

Not a likeness: a likeness has a threshold, and `can I` and `can't I` are above it. Here every word counts that is
not known to be mere courtesy or grammar, in its order, so that numbers, units, dates, codes, names, negations,
opposites and swapped roles part questions without a rule for each.
"""

from __future__ import annotations

import re
import unicodedata

from answerable.llm.phrasing import COURTESY, DROPPED, FRAMES, SAME_WORDS, SPELLED_OUT
from answerable.text.stems import stem
from answerable.text.words import fold

VERSION = "1"  # of these rules: another one voids what was measured and what was kept
_TOKEN = re.compile(r"[^\W_]+(?:[-'./_:,][^\W_]+)*|[%€$£¥+#&/<>=]")
_LEADING_CLAUSE = re.compile(
    r"^((?:if|when|once|for|after|before|during|in|with|without|as|on|at|from|wenn|falls|bei|für|si|para|con)\b[^,?]*),"
    r"\s+(.+)$",
    re.I,
)
_INFLECTIONS = frozenset(("", "s", "es", "ed", "d", "ing", "e", "ies", "y", "i", "ied"))
_ALSO_WORDS = frozenset(("may", "march", "august", "turkey", "polish", "china", "us", "it", "who", "am"))
_LONGEST = 600  # characters; longer ones are stories, and no two are the same


def meaning(question: str, language: str = "en") -> str:
    """The line for a question; another language is another line."""
    text = " ".join(unicodedata.normalize("NFC", question).replace("’", "'").split()).strip(" ?!.¿¡")
    if len(text) > _LONGEST:
        return f"{VERSION} {language} {text}"
    for pattern, plain in SPELLED_OUT.get(language, ()):
        text = pattern.sub(plain, text)
    for pattern in COURTESY.get(language, ()):
        text = pattern.sub("", text).strip(" ,:;-")
    if clause := _LEADING_CLAUSE.match(text):
        text = f"{clause.group(2)} {clause.group(1)}"
    for pattern, plain in FRAMES.get(language, ()):
        text = pattern.sub(plain, text)
    dropped = DROPPED.get(language, frozenset())
    words = [_plain(word, language) for word in _TOKEN.findall(text)]
    return " ".join((VERSION, language, *(word for word in words if word not in dropped)))


def _plain(word: str, language: str) -> str:
    """A word without what only grammar puts to it; a code, and a name that is a word besides, as it is written."""
    folded = fold(word)
    if (word.isupper() and len(word) > 1) or (folded in _ALSO_WORDS and word[0].isupper()):
        return word
    if any(char.isdigit() for char in word):
        return folded
    same = SAME_WORDS.get(language, {})
    if folded in same:
        return same[folded]
    root = stem(folded, language)
    rest = folded[len(root) :] if folded.startswith(root) else None
    plain = root if rest in _INFLECTIONS else folded
    return same.get(plain, plain)
