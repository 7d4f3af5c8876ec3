"""Auto-merge: where enough pieces of one section were found, the section takes their place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from answerable.answer.question import AnswerKind, answer_kind
from answerable.core.passage import Passage

SIBLINGS = "siblings"  # in Chunk.meta: how many children the chunk's parent has
LOOKUP, EXPLAIN = 1.0, 0.5  # the share of a parent's children that has to be found: all for a lookup, else half
FEWEST = 2  # children


def share_wanted(question: str) -> float:
    """How much of a section has to be found before it is given as a whole: a lookup is answered by the small."""
    return EXPLAIN if answer_kind(question) is AnswerKind.OTHER else LOOKUP


def mergeable(passages: Sequence[Passage], *, share: float) -> frozenset[str]:
    """The ids of the parents of which at least `share` of the children, and two, are among the passages.

    Only what was found has a parent taken for it: what was merged is not merged again.
    """
    found: dict[str, list[Passage]] = defaultdict(list)
    for one in passages:
        if one.chunk.level == 0 and one.chunk.parent is not None and one.chunk.meta.get(SIBLINGS, "").isdigit():
            found[one.chunk.parent].append(one)
    return frozenset(
        parent
        for parent, children in found.items()
        if len(children) >= FEWEST and len(children) >= share * int(children[0].chunk.meta[SIBLINGS])
    )


def merge(passages: Sequence[Passage], parents: Mapping[str, Passage]) -> list[Passage]:
    """Each parent at the place, and with the score, of its best child; its other children are gone."""
    merged: list[Passage] = []
    given: set[str] = set()
    for one in passages:
        parent = parents.get(one.chunk.parent or "")
        if parent is None:
            merged.append(one)
        elif parent.chunk.id not in given:
            given.add(parent.chunk.id)
            merged.append(replace(one, chunk=parent.chunk))
    return merged
