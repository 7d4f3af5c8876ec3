"""What to do with a part that is too long: cut it at the kindest places that its kind has, and evenly."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from answerable.ingest.groups import joined, pack
from answerable.ingest.parts import Part, cut_blank_lines, part_of
from answerable.ingest.ruler import Ruler
from answerable.text.sentences import sentences

Cut = Callable[[str, str], list[tuple[int, int]]]  # (text, language) → spans

_ITEM = re.compile(r"\n(?=[^\S\n]*(?:[-*•]|\d+[.)])\s)")
_ENDED_LINE = re.compile(r"(?<=[.!?:。！？…\"”)])[^\S\n]*\n")  # a line that ends as a paragraph ends


def _at(pattern: re.Pattern[str]) -> Cut:
    def cut(text: str, language: str) -> list[tuple[int, int]]:
        edges = [0, *(match.end() for match in pattern.finditer(text)), len(text)]
        return list(pairwise(edges))

    return cut


def _blank_lines(text: str, language: str) -> list[tuple[int, int]]:
    return cut_blank_lines(text)


_LINES = _at(re.compile(r"\n"))
_PROSE: tuple[Cut, ...] = (_blank_lines, _at(_ENDED_LINE), sentences, _LINES)
_CUTS: dict[str, tuple[Cut, ...]] = {
    "list": (_at(_ITEM), sentences, _LINES),
    "table": (_LINES,),
    "code": (_blank_lines, _LINES),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Splitter:
    """Cuts one document's parts down to a limit of tokens."""

    text: str
    language: str
    ruler: Ruler

    def fit(self, part: Part, limit: int) -> list[Part]:
        """The part itself, or parts of at most `limit` tokens that hold all of it but blanks between them."""
        if part.last - part.first <= limit:  # nearly always
            return [part]
        return self._fit(part, limit, _CUTS.get(part.kind, _PROSE))

    def sentences(self, part: Part, limit: int) -> list[Part]:
        """The part sentence by sentence, each of at most `limit` tokens."""
        spans = sentences(self.text[part.start : part.end], self.language)
        found = [self._sub(part, part.start + left, part.start + right) for left, right in spans]
        return [piece for one in found if one for piece in self._fit(one, limit, (_LINES,))]

    def _fit(self, part: Part, limit: int, cuts: Sequence[Cut]) -> list[Part]:
        if part.last - part.first <= limit:
            return [part]
        if not cuts:
            return self._hard(part, limit)
        spans = cuts[0](self.text[part.start : part.end], self.language)
        if len(spans) < 2:
            return self._fit(part, limit, cuts[1:])
        smaller = [self._sub(part, part.start + left, part.start + right) for left, right in spans]
        fitting = [one for piece in smaller if piece for one in self._fit(piece, limit, cuts[1:])]
        return [joined(group) for group in pack(fitting, limit)]

    def _sub(self, part: Part, start: int, end: int) -> Part | None:
        return part_of(self.text, start, end, block=part.block, ruler=self.ruler)

    def _hard(self, part: Part, limit: int) -> list[Part]:
        """Cut between tokens, at a blank where one is near: for what has no sentence, line or row to cut at."""
        marks, pieces, first, start = self.ruler.marks, [], part.first, part.start
        while part.last - first > limit:
            here = first + limit
            near = range(here, max(first, here - limit // 8), -1)
            here = next((i for i in near if self.text[marks[i] - 1].isspace()), here)
            pieces.append(self._sub(part, start, marks[here]))
            first, start = here, marks[here]
        pieces.append(self._sub(part, start, part.end))
        return [piece for piece in pieces if piece]
