"""Whether a message only greets or thanks: it asks nothing, so it is no task."""

from __future__ import annotations

import re

_WORDS = re.compile(r"[^\W\d_]+")
_LONGEST = 60  # characters
_SAID = frozenset(
    "hi hello hey hiya greetings there good morning afternoon evening day thanks thank you very much bye goodbye "
    "hallo hey servus moin guten morgen tag abend grüß gott danke vielen dank schön sehr tschüss dir ihnen "
    "hola buenos buenas días dias tardes noches qué tal gracias muchas adiós adios".split()
)


def only_greets(text: str) -> bool:
    """True where every word is one of a greeting's, in English, German or Spanish; False for no word at all."""
    if len(text) > _LONGEST:
        return False
    words = _WORDS.findall(text.lower())
    return bool(words) and all(one in _SAID for one in words)
