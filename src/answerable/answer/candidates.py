"""The sentences of a context that could stand as an answer, each with what stands around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from answerable.answer.question import stem_set
from answerable.core.passage import Passage
from answerable.core.prompt import ContextBlock
from answerable.text.sentence_stems import sentence_stems

_MIN_WORDS, _MAX_WORDS = 3, 80
_CELL = " | "
# The frame of a letter, not its content: who wrote to whom.
_FRAME = re.compile(r"\bwrote:|\bschrieb:|\bescribió:|^(?:From|To|Subject|Von|An|Betreff|De|Para|Asunto):", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One sentence of one block: block.passage.chunk.text[start:end]."""

    block: ContextBlock
    start: int
    end: int
    text: str
    stems: frozenset[str]
    around: frozenset[str]  # with title, headings, neighbors and, for a table's row, its header
    score: float = 0.0

    @property
    def quotable(self) -> bool:
        """Not of a block that ingestion found suspicious: such a one is weighed, and never said."""
        return not self.block.passage.chunk.meta.get("suspicion")


def candidates(block: ContextBlock) -> list[Candidate]:
    """In order; also of a block that ingestion found suspicious."""
    passage = block.passage
    text, language = passage.chunk.text, passage.language
    cut = sentence_stems(text, language)
    spans, own = [(start, end) for start, end, _ in cut], [one for _, _, one in cut]
    heading = stem_set(" ".join((passage.title, *passage.chunk.headings)), language)
    headers = _headers([text[start:end] for start, end in spans])
    found = []
    for place, (start, end) in enumerate(spans):
        piece = text[start:end]
        if headers[place] == place or not _stands_alone(piece, passage):
            continue
        row = own[headers[place]] if headers[place] >= 0 else frozenset[str]()
        around = heading.union(row, *own[max(0, place - 1) : place + 2])
        found.append(Candidate(block=block, start=start, end=end, text=piece, stems=own[place], around=around))
    return found


def is_correspondence(passage: Passage) -> bool:
    """Whether it is a letter or a chat: what somebody said once, not what is so."""
    return bool({"from", "channel", "participants"} & passage.meta.keys() or "speaker" in passage.chunk.meta)


def _stands_alone(piece: str, passage: Passage) -> bool:
    words = len(piece.split())
    return _MIN_WORDS <= words <= _MAX_WORDS and piece not in passage.chunk.headings and not _FRAME.search(piece)


def _headers(pieces: Sequence[str]) -> list[int]:
    """For each piece the place of its table's header row: itself for a header, -1 outside of tables.

    The first row of a run of rows is its header when it holds no figure.
    """
    places: list[int] = []
    header = -1
    for place, piece in enumerate(pieces):
        if _CELL not in piece:
            header = -1
        elif place == 0 or _CELL not in pieces[place - 1]:
            header = -1 if any(char.isdigit() for char in piece) else place
        places.append(header)
    return places
