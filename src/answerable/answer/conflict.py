"""Two documents that say opposite things of the same: the person is shown both, never one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from answerable.answer.candidates import Candidate, candidates, is_correspondence
from answerable.answer.question import coverage
from answerable.answer.reconciliation import reconciled
from answerable.core.conflict import conflict_id
from answerable.core.prompt import ContextBlock
from answerable.text.facts import facts
from answerable.text.quantities import agree, quantities
from answerable.text.stems import stems

MIN_COVERAGE = 0.5  # of the question, docs/decisions/0005-conflicts.md
MIN_LIKENESS = 0.6  # of the shorter sentence's content
MIN_LIKENESS_STRICT = 0.67  # of the longer one's
MIN_SHARED = 2  # content stems
MAX_APART = 0.25  # of the question, that one sentence speaks of and the other does not
_UNIT_STEMS = frozenset(stems("day days week month year hour minute business working percent euro dollar pound"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """The two sentences, the newer document's first where both have a date.

    kind: amount | negation, or what was recorded. rule: newest | source_priority, where the first one counts by a
    declared precedence; empty where nothing decides between them.
    """

    first: Candidate
    second: Candidate
    kind: str
    rule: str = ""

    @property
    def id(self) -> str:
        """As the pair is recorded, if it was."""
        mine, theirs = ((one.block.passage.chunk.document_id, one.text) for one in (self.first, self.second))
        return conflict_id(mine, theirs)

    @property
    def documents(self) -> frozenset[str]:
        """The ids of both."""
        return frozenset(one.block.passage.chunk.document_id for one in (self.first, self.second))


def find_conflict(blocks: Sequence[ContextBlock], weights: Mapping[str, float]) -> Conflict | None:
    """The clash that matters most for the question, or none.

    Where a sentence speaks of a part of the question that neither side does, that sentence answers, not the clash.
    """
    fitting = [
        (fit, one)
        for block in blocks
        if not is_correspondence(block.passage)
        for one in candidates(block)
        if (fit := coverage(weights, one.stems | one.around)) >= MIN_COVERAGE and not one.text.endswith("?")
    ]
    told = max((coverage(weights, one.stems) for _, one in fitting), default=0.0) - MAX_APART
    clashes = [
        (a_fit + b_fit + coverage(weights, a.stems) + coverage(weights, b.stems), conflict)
        for (a_fit, a), (b_fit, b) in combinations(fitting, 2)
        if _equally_specific(a, b, weights)
        and coverage(weights, a.stems | b.stems) >= told
        and (conflict := _clash(a, b)) is not None
    ]
    return max(clashes, key=lambda pair: pair[0], default=(0.0, None))[1]


def _equally_specific(a: Candidate, b: Candidate, weights: Mapping[str, float]) -> bool:
    """Whether both speak of the same part of the question: a special rule does not contradict the general one."""
    only = {one: weight for one, weight in weights.items() if (one in a.stems) != (one in b.stems)}
    return coverage(weights, frozenset(only)) <= MAX_APART


def _clash(a: Candidate, b: Candidate) -> Conflict | None:
    mine, theirs = a.block.passage, b.block.passage
    if mine.chunk.document_id == theirs.chunk.document_id or mine.language != theirs.language:
        return None
    kind = _kind(a, b)
    if kind is None or not _same_subject(a, b, strict=kind == "negation") or reconciled(a, b):
        return None
    first, second = (b, a) if _date(b) > _date(a) else (a, b)
    return Conflict(first=first, second=second, kind=kind)


def _kind(a: Candidate, b: Candidate) -> str | None:
    mine, theirs = quantities(a.text), quantities(b.text)
    if len(mine) == len(theirs) == 1:
        ((kind, values),) = mine.items()
        return "amount" if kind in theirs and not agree(values, theirs[kind]) else None
    language = a.block.passage.language
    turned = (facts(a.text, language).negations > 0) != (facts(b.text, language).negations > 0)
    return "negation" if turned else None


def _same_subject(a: Candidate, b: Candidate, *, strict: bool) -> bool:
    """Alike in content words, and neither names a thing that the other does not (a country, a product, a code).

    `strict` compares with the longer sentence: two that share a little and differ in a `not` say nothing opposite.
    """
    mine, theirs = _subject(a), _subject(b)
    shared = mine & theirs
    if len(shared) < MIN_SHARED:
        return False
    likeness = len(shared) / (max if strict else min)(len(mine), len(theirs))
    if likeness < (MIN_LIKENESS_STRICT if strict else MIN_LIKENESS):
        return False
    language = a.block.passage.language
    return set(facts(a.text, language).names) == set(facts(b.text, language).names)


def _subject(one: Candidate) -> frozenset[str]:
    """Plain words only: a compound stands beside its parts, and would count for all of them."""
    return frozenset(stem for stem in one.stems if stem.isalpha() and len(stem) > 2) - _UNIT_STEMS


def _date(one: Candidate) -> str:
    updated = one.block.passage.updated_at
    return updated.isoformat() if updated else ""
