"""Gold spans in passages: how much of an exact quote a passage holds, token by token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from answerable.core.evaluation import EvalCase, GoldSpan
from answerable.core.passage import Passage
from answerable.evals.metrics.places import is_at
from answerable.text.words import fold, terms, words

HELD = 0.5  # share of a span's tokens from which a passage counts as holding it
_SHORTEST = 3  # tokens in a row: fewer are in any text by chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """What a passage is looked for: an exact quote, or with an empty one any passage at that place."""

    place: str
    quote: str = ""

    @property
    def size(self) -> int:
        """Tokens of the quote."""
        return len(_tokens(self.quote))


def gold_of(case: EvalCase) -> tuple[Gold, ...]:
    """The case's spans; where it has none, the places it expects to be cited."""
    if case.expect.spans:
        return tuple(_of_span(one) for one in dict.fromkeys(case.expect.spans))
    return tuple(Gold(place=place) for place in dict.fromkeys(case.expect.cites))


def _of_span(span: GoldSpan) -> Gold:
    return Gold(place=span.document, quote=span.quote if _tokens(span.quote) else "")


def held(gold: Gold, passage: Passage) -> frozenset[int]:
    """Which of the quote's tokens, by place, are in the passage in the quote's order."""
    headings = (passage.title, *passage.chunk.headings)
    if not is_at(gold.place, uri=passage.uri, source=passage.source, headings=headings):
        return frozenset()
    return _common(_tokens(gold.quote), _tokens(passage.chunk.text))


def holds_gold(gold: Gold, passage: Passage) -> bool:
    """Whether the passage is one that was looked for."""
    if not gold.quote:
        return is_at(
            gold.place,
            uri=passage.uri,
            source=passage.source,
            headings=(passage.title, *passage.chunk.headings),
        )
    return len(held(gold, passage)) >= HELD * gold.size


def coverage(gold: Gold, passages: Sequence[Passage]) -> float:
    """The share of the quote's tokens in all the passages together, in [0, 1]."""
    if not gold.quote:
        return float(any(holds_gold(gold, one) for one in passages))
    return len(frozenset().union(*(held(gold, one) for one in passages))) / gold.size


@lru_cache(maxsize=4096)  # the same passages are asked for every span and every depth
def _tokens(text: str) -> tuple[str, ...]:
    """Folded words, a compound once; East Asian runs by character pairs."""
    return tuple(one for word, _, _ in words(text) for one in _units(word))


def _units(word: str) -> list[str]:
    found = terms(word)
    return found[:1] if found[0] == fold(word) else found


@lru_cache(maxsize=4096)
def _common(quote: tuple[str, ...], text: tuple[str, ...]) -> frozenset[int]:
    shortest = min(_SHORTEST, len(quote))
    blocks = SequenceMatcher(None, quote, text, autojunk=False).get_matching_blocks()
    return frozenset(
        place for block in blocks if block.size >= shortest for place in range(block.a, block.a + block.size)
    )
