"""What a follow-up is about: the words to search for when a question leans on the one before it."""

from __future__ import annotations

import re

from answerable.core.query import Query
from answerable.text.placeholders import without_placeholders
from answerable.text.stems import stems

_LEANS = re.compile(
    r"^\W*(?:and|what about|how about|und|was ist mit|wie ist es mit|y|qué tal|qué pasa con)\b"
    r"|\b(?:it|its|that|this|they|them|those|these|one|das|es|dies\w*|sie|davon|dafür|eso|esto|ello|ellos|lo)\b",
    re.I,
)
FEW_TERMS = 3


def standalone(query: Query) -> str:
    """The question, with the person's last one before it where it cannot stand alone; without masked values."""
    own = without_placeholders(query.text)
    if not query.history or not _leans(query):
        return own
    asked = [turn.text for turn in query.history if turn.role == "user"]
    return f"{without_placeholders(asked[-1])}\n{own}" if asked else own


def _leans(query: Query) -> bool:
    few = len(stems(query.text, query.language or "en")) < FEW_TERMS
    return few or bool(_LEANS.search(query.text))
