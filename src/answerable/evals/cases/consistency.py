"""What is wrong with cases that can be read: they contradict themselves, expect nothing, or say the same twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from answerable.core.evaluation import EvalCase
from answerable.core.outcome import Outcome
from answerable.evals.cases.freshness import says
from answerable.text.stems import stems

NEAR = 0.8  # Jaccard of two questions' stems, from which on they are taken for one
_SILENT = (Outcome.ABSTAINED, Outcome.OUT_OF_SCOPE, Outcome.BLOCKED, Outcome.TOO_LONG, Outcome.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One case that can be read and still is not right."""

    case: str
    key: str
    cause: str
    fix: str = ""


def contradictions(case: EvalCase) -> list[Finding]:
    """What can never be met: a must that holds a must_not, a refusal that has to cite."""
    expect = case.expect
    found = [
        Finding(case=case.id, key="expect.must", cause=f"“{must}” is required, and “{ban}” in it is forbidden")
        for must in expect.must
        for ban in expect.must_not
        if says(must, ban) and not any(not says(one, ban) for one in expect.accept_also)
    ]
    if expect.outcome in _SILENT and (expect.cites or expect.must):
        what = "cite" if expect.cites else "contain something"
        fix = "another outcome, or leave it out"
        found.append(Finding(case=case.id, key="expect", cause=f"{expect.outcome} has nothing to {what}", fix=fix))
    return found


def expects_nothing(case: EvalCase) -> list[Finding]:
    """A case that every answer in its language passes."""
    expect = case.expect
    asked = (expect.outcome, expect.must, expect.must_not, expect.cites, expect.spans, expect.criteria)
    if any(asked) or expect.reference:
        return []
    fix = "say at least how it has to end: `expect: {outcome: answered}`"
    return [
        Finding(case=case.id, key="expect", cause="expects nothing: every answer in its language passes", fix=fix)
    ]


def near_duplicates(cases: Sequence[EvalCase], *, near: float = NEAR) -> list[tuple[str, str, float]]:
    """Pairs of cases that ask the same of the same, with their likeness in [near, 1]; declared twins aside.

    Likeness is Jaccard's |A ∩ B| / |A ∪ B| of the questions' stems, with stop words where nothing else is left.
    """
    signatures = [_signature(case) for case in cases]
    holders: dict[tuple[object, ...], list[int]] = defaultdict(list)
    pairs = []
    for index, (case, signature) in enumerate(zip(cases, signatures, strict=True)):
        shared = Counter(other for one in signature for other in holders[(*_asked_by(case), one)])
        for other, common in shared.items():
            likeness = common / (len(signature) + len(signatures[other]) - common)
            if likeness >= near and not _twins(case, cases[other]):
                pairs.append((cases[other].id, case.id, round(likeness, 2)))
        for one in signature:
            holders[(*_asked_by(case), one)].append(index)
    return sorted(pairs)


def likeness(one: str, other: str, language: str) -> float:
    """Jaccard of two questions' stems, in [0, 1]."""
    mine, theirs = question_stems(one, language), question_stems(other, language)
    return len(mine & theirs) / len(mine | theirs) if mine | theirs else 1.0


def question_stems(question: str, language: str) -> frozenset[str]:
    """The stems that make the question this one: those of content words, or all where there are too few."""
    content = frozenset(stems(question, language))
    return content if len(content) > 1 else frozenset(stems(question, language, stop=False))


def _signature(case: EvalCase) -> frozenset[str]:
    return question_stems(case.question, case.language)


def _asked_by(case: EvalCase) -> tuple[object, ...]:
    filters = tuple(sorted((key, values) for key, values in case.filters.items()))
    return (case.language, filters, case.groups, case.history)


def _twins(one: EvalCase, other: EvalCase) -> bool:
    return _root(one) == _root(other)


def _root(case: EvalCase) -> str:
    return str(case.origin.get("twin_of") or case.id)
