"""Which statements are worth comparing, and which contradict each other, over a whole corpus."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from answerable.core.conflict import conflict_id
from answerable.text.statements.decision import Decided, Decision, decide, kind_of
from answerable.text.statements.statement import Statement

# docs/decisions/0128-when-two-statements-conflict.md
RAREST = 6  # stems of a statement that it is looked up by, two at a time
MAX_BLOCK = 60  # statements that share two stems; more are a form that many pages fill in
MAX_VALUES = 2  # different values of one thing; more are a table over many pages, not a disagreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two statements with what they are to each other; the newer page's first, where both have a date."""

    first: Statement
    second: Statement
    decided: Decided

    @property
    def id(self) -> str:
        """From both pages and both sentences: the same pair has the same id in every run."""
        return conflict_id((self.first.page.id, self.first.text), (self.second.page.id, self.second.text))


def compare(statements: Sequence[Statement]) -> list[Pair]:
    """Every pair that is about the same, decided; agreements and what is unrelated are left out."""
    weights = weigh(statements)
    decided = [
        Pair(first=first, second=second, decided=found)
        for first, second in (newer_first(a, b) for a, b in candidates(statements, weights))
        if (found := decide(first, second, weights)).decision not in (Decision.UNRELATED, Decision.AGREEMENT)
    ]
    clashes = [one for one in decided if one.decided.decision is Decision.CONFLICT]
    varied = {one.id for one in _varied(clashes)}
    kept = [one for one in decided if one.id not in varied]
    return _once(
        sorted(kept, key=lambda one: (one.first.page.uri, one.first.start, one.second.page.uri, one.second.start))
    )


def weigh(statements: Sequence[Statement]) -> dict[str, float]:
    """How telling each stem is among the statements: ln(1 + N / df), between 0.5 and 3 of the commonest."""
    counts = Counter(stem for one in statements for stem in one.whole)
    total = max(len(statements), 1)
    return {stem: 0.5 + math.log(1 + total / count) / math.log(2 + total) for stem, count in counts.items()}


def candidates(
    statements: Sequence[Statement], weights: Mapping[str, float]
) -> Iterator[tuple[Statement, Statement]]:
    """Pairs of comparable statements that share two of their rarest stems, each once."""
    blocks: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for number, one in enumerate(statements):
        for key in _keys(one, weights):
            blocks[key].append(number)
    seen: set[tuple[int, int]] = set()
    for members in blocks.values():
        if 2 <= len(members) <= MAX_BLOCK:
            for pair in combinations(members, 2):
                if pair not in seen:
                    seen.add(pair)
                    a, b = statements[pair[0]], statements[pair[1]]
                    if kind_of(a, b):
                        yield a, b


def _keys(one: Statement, weights: Mapping[str, float]) -> Iterable[tuple[str, str, str]]:
    rarest = sorted(one.nothing or one.whole, key=lambda stem: (-weights.get(stem, 1.0), stem))[:RAREST]
    if len(rarest) == 1:
        return [(one.page.language, rarest[0], "")]
    return [(one.page.language, a, b) for a, b in combinations(sorted(rarest), 2)]


def _varied(clashes: Sequence[Pair]) -> Iterator[Pair]:
    """Pairs of a thing for which more than MAX_VALUES values stand on as many pages."""
    values: dict[int, set[tuple[object, ...]]] = defaultdict(set)
    for one in clashes:
        for mine, theirs in ((one.first, one.second), (one.second, one.first)):
            values[id(mine)] |= {_value(mine), _value(theirs)}
    for one in clashes:
        if one.first.amount and max(len(values[id(side)]) for side in (one.first, one.second)) > MAX_VALUES:
            yield one


def _value(one: Statement) -> tuple[object, ...]:
    return one.amount.ranges if one.amount else (one.modality,)


def _once(pairs: Sequence[Pair]) -> list[Pair]:
    """A pair of sentences once, whatever the number of ways in which they clash."""
    found: dict[str, Pair] = {}
    for one in pairs:
        found.setdefault(one.id, one)
    return list(found.values())


def newer_first(a: Statement, b: Statement) -> tuple[Statement, Statement]:
    """By the dates of the pages; by their addresses where one has none, or both the same."""
    mine, theirs = a.page.updated_at, b.page.updated_at
    if mine and theirs and mine != theirs:
        return (a, b) if mine > theirs else (b, a)
    return (a, b) if (a.page.uri, a.start) <= (b.page.uri, b.start) else (b, a)
