"""The verdict in words, for a person who was not there: what became of the change, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

from answerable.evals.gate.decide import Check, Decision, Ruling
from answerable.evals.gate.lines import Comparison, Line
from answerable.evals.gate.words import difference_of, plural, points, share
from answerable.evals.stats.verdict import Change

_MUST = "must-pass:"
_FEW = 3  # checks with a sentence each
_VERDICT = {
    Change.BETTER: "better",
    Change.WORSE: "worse",
    Change.SAME: "the same",
    Change.CANT_TELL: "can't tell",
}
_RULING = {
    Ruling.PASSED: "Passed",
    Ruling.FAILED: "Failed",
    Ruling.INCONCLUSIVE: "Inconclusive",
}


def title(comparison: Comparison, decision: Decision) -> str:
    """One line: the gate's ruling first, since one case can decide it whatever became of the whole."""
    return f"{_RULING[decision.ruling]}. Overall {_VERDICT[comparison.overall.change]}."


def sentences(comparison: Comparison, decision: Decision) -> tuple[str, ...]:
    """What was seen, why the ruling is what it is, and what this suite could have seen."""
    return (_seen(comparison.overall), *_why(decision), *_reach(comparison))


def _seen(line: Line) -> str:
    if line.difference is None:
        return "No case was measured on both sides."
    if line.unmoved:
        return f"Not one of {plural(line.n, 'case')} is answered otherwise."
    return (
        f"{share(line.head, line.n)}{'' if line.n < 30 else f' of {line.n}'} cases pass, "
        f"before the change {share(line.base, line.n)}: {difference_of(line)} points at 95 % confidence; "
        f"{line.fixed} fixed, {line.broken} broken."
    )


def _why(decision: Decision) -> tuple[str, ...]:
    failed = decision.of(Ruling.FAILED)
    musts = tuple(check for check in failed if check.name.startswith(_MUST))
    grouped = musts if len(musts) > _FEW else ()
    held = [check for check in (*failed, *decision.of(Ruling.INCONCLUSIVE)) if check not in grouped]
    waived = [check for check in decision.checks if check.waiver]
    return (*_together(grouped), *(_because(check) for check in held), *(_waived(check) for check in waived))


def _together(checks: Sequence[Check]) -> tuple[str, ...]:
    if not checks:
        return ()
    cases = ", ".join(check.name.removeprefix(_MUST) for check in checks)
    before = sum("base too" in check.words for check in checks)
    return (f"Failed: {len(checks)} must-pass cases ({before} of them failed in base too): {cases}.",)


def _because(check: Check) -> str:
    word = "Failed" if check.ruling is Ruling.FAILED else "Inconclusive"
    return f"{word}: {check.name}: {check.words}."


def _waived(check: Check) -> str:
    waiver = check.waiver
    if waiver is None:
        return ""
    return (
        f"Waived by {waiver.name} until {waiver.expires}: {check.name} ({check.ruling}: {check.words}). "
        f"Reason: {waiver.reason}"
    )


def _reach(comparison: Comparison) -> tuple[str, ...]:
    line, terms = comparison.overall, comparison.terms
    if line.difference is None or line.unmoved:
        return ()
    if line.detectable is None:
        words = f"{plural(line.n, 'case')}: too few to see any drop"
    else:
        seen = points(line.detectable)[1:]
        words = f"{plural(line.n, 'case')} like these would show a drop of {seen} points 4 times in 5 (80 % power)"
    if line.more_cases:
        tolerance = points(terms.tolerance)[1:]
        words += f"; a drop of {tolerance} points wants about {plural(line.more_cases, 'more case', 'more cases')}"
    return (f"{words}.",)
