"""Two texts, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_WORDS = re.compile(r"\S+|\s+")
_ALIKE = 0.4  # below this likeness the two have only small words in common, and a diff is noise
_LIMIT = 4000  # characters of either text: more is no diff that is read


class Kept(StrEnum):
    """What became of a piece."""

    BOTH = "both"
    BASE = "base"
    HEAD = "head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Words in a row that were kept, are only in base, or only in head."""

    kept: Kept
    text: str


def word_diff(base: str, head: str) -> tuple[Piece, ...]:
    """The pieces in reading order; those of base give base's text, those of head give head's."""
    before, after = _WORDS.findall(base[:_LIMIT]), _WORDS.findall(head[:_LIMIT])
    matched = SequenceMatcher(None, before, after, autojunk=False)
    if matched.ratio() < _ALIKE:
        whole = ((Kept.BASE, before), (Kept.HEAD, after))
        return tuple(Piece(kept=kept, text="".join(words)) for kept, words in whole if words)
    found: list[Piece] = []
    for tag, a, b, c, d in matched.get_opcodes():
        if tag == "equal":
            found.append(Piece(kept=Kept.BOTH, text="".join(before[a:b])))
            continue
        if a < b:
            found.append(Piece(kept=Kept.BASE, text="".join(before[a:b])))
        if c < d:
            found.append(Piece(kept=Kept.HEAD, text="".join(after[c:d])))
    return tuple(found)
