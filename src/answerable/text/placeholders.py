"""What stands where personal data stood, such as [EMAIL_1]: nobody's name, and no word to search for."""

from __future__ import annotations

import re

_PLACEHOLDER = re.compile(r"\[[A-Z]+(?:_[A-Z]+)*_\d+\]")


def without_placeholders(text: str) -> str:
    """The text with each placeholder left out."""
    return _PLACEHOLDER.sub("", text)
