"""A model's text cut into sentences with the context numbers they cite; works on a stream as on a whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

from answerable.text.sentences import sentences

# Begun at the first of a run only, and never taken back: a run of blanks or dots is gone over once.
_MARK = re.compile(r"(?<!\s)\s*+(?:\[\s*\d{1,3}(?:\s*[,;]\s*\d{1,3})*\s*\]|【\s*\d{1,3}[^】]{0,40}】)")
_NUMBER = re.compile(r"\d{1,3}")
_TRAILING_MARKS = re.compile(
    r"(?<![.!?…])([.!?…]++[\"'”’)]*+)((?:\s*+(?:\[\s*\d{1,3}(?:\s*[,;]\s*\d{1,3})*\s*\]|【[^】]{1,45}】))+)"
)
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_MAY_END = re.compile(r"[.!?…。！？\n]")
_HEADING = re.compile(r"^#{1,6}\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSentence:
    """One sentence as written, without its citation marks; `cited` are the context numbers the model chose."""

    text: str
    cited: tuple[int, ...] = ()
    bullet: bool = False


@dataclass(slots=True, kw_only=True)
class DraftReader:
    """Feed it pieces of text; it gives back each sentence once it is surely whole."""

    language: str = "en"
    pending: str = ""

    def feed(self, piece: str) -> list[DraftSentence]:
        """The sentences that this piece completes. The last sentence waits: marks may follow its full stop."""
        self.pending += piece
        if not _MAY_END.search(self.pending):  # most pieces of a stream end nothing
            return []
        self.pending = _marks_inside(self.pending)
        spans = sentences(self.pending, self.language)
        if len(spans) < 2 or not self.pending[spans[-2][1] :].strip():
            return []
        # What stands after the last finished sentence must be more than the beginning of a citation mark.
        tail = self.pending[spans[-2][1] :].lstrip()
        if tail.startswith(("[", "【")) and not re.search(r"[\]】]\s*[^\s\[【]", tail):
            return []
        done = [self.pending[start:end] for start, end in spans[:-1]]
        self.pending = self.pending[spans[-1][0] :]
        return [sentence for one in done if (sentence := _read(one)) is not None]

    def finish(self) -> list[DraftSentence]:
        """The rest."""
        text, self.pending = _marks_inside(self.pending), ""
        found = [_read(text[start:end]) for start, end in sentences(text, self.language)]
        return [sentence for sentence in found if sentence is not None]


def read_draft(text: str, *, language: str = "en") -> list[DraftSentence]:
    """A whole draft at once."""
    reader = DraftReader(language=language)
    return [*reader.feed(text), *reader.finish()]


def _marks_inside(text: str) -> str:
    """`Sentence. [1]` becomes `Sentence [1].`, so that a mark is never taken for the next sentence's."""
    return _TRAILING_MARKS.sub(lambda match: f"{match.group(2)}{match.group(1)}", text)


def _read(text: str) -> DraftSentence | None:
    cited = [int(number) for mark in _MARK.finditer(text) for number in _NUMBER.findall(mark.group())]
    bullet = bool(_BULLET.match(text))
    body = _HEADING.sub("", _BULLET.sub("", _MARK.sub("", text)))
    body = " ".join(_EMPHASIS.sub(r"\2", body).split())
    if not any(char.isalnum() for char in body):
        return None
    return DraftSentence(text=body, cited=tuple(dict.fromkeys(cited)), bullet=bullet)
