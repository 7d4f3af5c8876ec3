"""The question's telling words as the found passages spell them: typos settled, unknown compounds taken apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from answerable.answer.question import passage_stems
from answerable.core.passage import Passage
from answerable.text.spelling import edits

_JOINTS = "-'’./_"
_TYPO_DISCOUNT = 0.8  # a corrected word tells a little less than a right one


def settle_terms(weights: Mapping[str, float], passages: Sequence[Passage]) -> dict[str, float]:
    """The weights by stems that the passages have, as far as they have them.

    A stem that no passage holds gives way to the nearest one by spelling, where one is near enough; an unknown
    compound gives way to its parts, which have weights of their own. The rest stays: it is what is missing.
    """
    known = frozenset().union(*(passage_stems(passage) for passage in passages)) if passages else frozenset[str]()
    settled: dict[str, float] = {}
    for one, weight in weights.items():
        if one in known:
            settled[one] = max(weight, settled.get(one, 0.0))
        elif (near := nearest(one, known)) is not None:
            settled[near] = max(weight * _TYPO_DISCOUNT, settled.get(near, 0.0))
        elif not _is_compound(one, weights):
            settled[one] = weight
    return settled


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that differs by one edit (two from eight letters on), or none. Digits must be the same."""
    most = 0 if len(word) < 4 else 1 if len(word) < 7 else 2
    if most == 0:
        return None
    digits = [char for char in word if char.isdigit()]
    best: tuple[int, str] | None = None
    for one in known:
        if abs(len(one) - len(word)) > most or [char for char in one if char.isdigit()] != digits:
            continue
        if one[0] != word[0] and one[:1].isdigit():
            continue
        distance = edits(word, one, most=most)
        if distance <= most and (best is None or (distance, one) < best):
            best = (distance, one)
    return best[1] if best else None


def _is_compound(word: str, weights: Mapping[str, float]) -> bool:
    return any(joint in word for joint in _JOINTS) and any(part in word and part != word for part in weights)
