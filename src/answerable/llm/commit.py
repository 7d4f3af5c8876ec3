"""The point up to which a stream may still be taken back: nothing is given out before its first whole sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass

from answerable.text.sentences import sentences

MAX_HELD_CHARS = 240
_MAY_END = re.compile(r"[.!?…。！？\n]")


@dataclass(slots=True, kw_only=True)
class Opening:
    """Holds text back until one sentence is complete and the next has begun, or `max_chars` have come."""

    language: str = "en"
    max_chars: int = MAX_HELD_CHARS
    held: str = ""
    given: str = ""  # what has been given out: from the first character on there is no way back
    _may_end: bool = False  # whether what is held may hold a sentence's end: only then is it worth looking

    def take(self, piece: str) -> str:
        """What may be given out now that this piece has come; empty while the text is held back."""
        self.held += piece
        return self.release() if self.given or len(self.held) >= self.max_chars or self._begun() else ""

    def release(self) -> str:
        """Give out what is held: the reply is complete."""
        text, self.held = self.held, ""
        self.given += text
        return text

    def _begun(self) -> bool:
        """Whether a second sentence has begun."""
        self._may_end = self._may_end or _MAY_END.search(self.held) is not None
        return self._may_end and len(sentences(self.held, self.language)) > 1
