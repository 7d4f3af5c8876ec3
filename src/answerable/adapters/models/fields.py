"""Which optional fields an endpoint takes; learned from its own words, because no list of them stays true."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from answerable.core.errors import ModelError, PermanentModelError

OPTIONAL = (
    "stream_options", "max_tokens", "max_completion_tokens", "temperature",
    "prompt_cache_options", "prompt_cache_key",
)  # fmt: skip
_OTHER = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_UNTAKEN = re.compile(
    r"unsupported|not support|unrecognized|unknown|extra_forbidden|extra inputs|not permitted|unexpected"
    r"|not allowed|deprecated|only the default",
    re.IGNORECASE,
)


class Fields:
    """Starts out with all of them; one that was refused is not sent again."""

    def __init__(self) -> None:
        self._refused: set[str] = set()

    def take(self, field: str) -> bool:
        """Whether the endpoint takes the field, as far as is known."""
        return field not in self._refused

    def limit(self, preferred: str) -> str:
        """What the reply's limit is called here."""
        return preferred if self.take(preferred) else _OTHER[preferred]

    def learns(self, error: ModelError, body: Mapping[str, Any]) -> bool:
        """Whether the error refuses one of the body's optional fields, and another body can do without it.

        Never true for ever: each time one more field is left out.
        """
        if not isinstance(error, PermanentModelError) or error.reason != "request":
            return False
        words = str(error)
        named = [field for field in OPTIONAL if field in body and re.search(rf"\b{field}\b", words)]
        if error.status not in (400, 422) or not named or not _UNTAKEN.search(words):
            return False
        culprit = min(named, key=words.index)
        if _OTHER.get(culprit) in self._refused:
            return False
        self._refused.add(culprit)
        return True
