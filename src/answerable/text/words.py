"""Words with their places in the text, and the folding under which two spellings are one word."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Letters and digits, joined inside by ' . _ - / so that SKU-1234, e-mail, 2.5 and user_id stay one word.
_WORD = re.compile(r"[^\W_]+(?:[-'’./_][^\W_]+)*", re.UNICODE)
_PART = re.compile(r"[^\W_]+", re.UNICODE)
_EAST_ASIAN = re.compile(r"[぀-ヿ㐀-䶿一-鿿가-힯฀-๿]")


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """Case and accents folded: `ÉCOLE` and `école` are both `ecole`; ß is ss."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def words(text: str) -> list[tuple[str, int, int]]:
    """Each word as (text, start, end), compounds such as `SKU-1234` kept whole."""
    return [(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]


def terms(text: str) -> list[str]:
    """Folded index terms in order: a compound gives itself and its parts; East Asian runs give character pairs."""
    found: list[str] = []
    for word in _WORD.findall(text):
        found.extend(_terms_of(word))
    return found


@lru_cache(maxsize=65536)
def _terms_of(word: str) -> tuple[str, ...]:
    """The folded index terms of one word, see `terms`."""
    folded = fold(word)
    if _EAST_ASIAN.search(folded):
        pairs = tuple(folded[i : i + 2] for i in range(len(folded) - 1))
        return pairs or (folded,)
    parts = tuple(_PART.findall(folded))
    return parts if len(parts) == 1 else (folded, *parts)
