"""The point up to which a stream may still be taken back: nothing is given out before its first whole sentence."""

from __future__ import annotations

from dataclasses import dataclass

from answerable.text.sentences import sentences

MAX_HELD_CHARS = 240


@dataclass(slots=True, kw_only=True)
class Opening:
    """Holds text back until one sentence is complete and the next has begun, or `max_chars` have come."""

    language: str = "en"
    max_chars: int = MAX_HELD_CHARS
    held: str = ""
    given: str = ""  # what has been given out: from the first character on there is no way back

    def take(self, piece: str) -> str:
        """What may be given out now that this piece has come; empty while the text is held back."""
        self.held += piece
        if not self.given and len(self.held) < self.max_chars and len(sentences(self.held, self.language)) < 2:
            return ""
        return self.release()

    def release(self) -> str:
        """Give out what is held: the reply is complete."""
        text, self.held = self.held, ""
        self.given += text
        return text
