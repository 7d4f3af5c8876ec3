"""The gate's ruling over a comparison: passed, failed or inconclusive, one check at a time, each in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from answerable.evals.gate.lines import Comparison, Kind, Line
from answerable.evals.gate.quantiles import Quantile
from answerable.evals.gate.quarantine import Quarantined
from answerable.evals.gate.waivers import INCONCLUSIVE, Waiver, waiver_of
from answerable.evals.gate.words import difference_of, p_value, percent, plural, points, seconds, share
from answerable.evals.stats.proportions import lower_bound, upper_bound
from answerable.evals.stats.verdict import Change


class Ruling(StrEnum):
    """How a check, and the gate, may end."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"

    @property
    def exit_code(self) -> int:
        """Of the command line's contract."""
        return {Ruling.PASSED: 0, Ruling.FAILED: 10, Ruling.INCONCLUSIVE: 11}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a change must not do. A rule that is off is not checked."""

    retrieval: bool = True
    overall: bool = True
    floors: Mapping[str, float] = field(default_factory=dict)  # category or tag → least pass rate
    latency_p95_ms: float | None = None
    cost_rise: float | None = None  # relative, 0.15 is 15 %
    unmeasured: float = 0.05  # the largest share of cases without a measurement
    confidence: float = 0.95  # of floors, one-sided


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule and what became of it. A waived one counts as passed and keeps its ruling."""

    name: str
    ruling: Ruling
    words: str
    waiver: Waiver | None = None

    @property
    def counts(self) -> Ruling:
        """The ruling after the waiver."""
        return Ruling.PASSED if self.waiver else self.ruling


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """All checks, and the waivers that no longer count."""

    checks: tuple[Check, ...]
    expired: tuple[Waiver, ...] = ()

    @property
    def ruling(self) -> Ruling:
        """Failed if a check failed, else inconclusive if one is, else passed."""
        found = {check.counts for check in self.checks}
        return next((one for one in (Ruling.FAILED, Ruling.INCONCLUSIVE) if one in found), Ruling.PASSED)

    def of(self, ruling: Ruling) -> tuple[Check, ...]:
        """The checks that count so."""
        return tuple(check for check in self.checks if check.counts is ruling)


def decide(
    comparison: Comparison,
    *,
    rules: Rules,
    today: date,
    of: Collection[str] = (),
    quarantine: Sequence[Quarantined] = (),
    waivers: Sequence[Waiver] = (),
    obstacles: Sequence[str] = (),
) -> Decision:
    """Every rule in turn.

    `of` are head's names for waivers: its run and its digest; `obstacles` say why the sides cannot be compared.
    """
    checks = [
        *_comparable(obstacles),
        *_must_pass(comparison),
        *_quarantine(quarantine, today),
        *_retrieval(comparison, rules),
        *_overall(comparison, rules),
        *_parts(comparison),
        *_floors(comparison, rules),
        *_latency(comparison, rules),
        *_cost(comparison, rules),
        *_unmeasured(comparison, rules),
    ]
    return Decision(
        checks=tuple(_waived(check, waivers, of, today) for check in checks),
        expired=tuple(one for one in waivers if one.expired(today) and one.gate != INCONCLUSIVE),
    )


def decide_retrieval(
    lines: Sequence[Line], *, today: date, of: Collection[str] = (), waivers: Sequence[Waiver] = ()
) -> Decision:
    """The first stage alone: whether what is found has become worse, before anything is generated."""
    checks = [_dropped(line) for line in lines if line.gates]
    return Decision(checks=tuple(_waived(check, waivers, of, today) for check in checks))


def _waived(check: Check, waivers: Sequence[Waiver], of: Collection[str], today: date) -> Check:
    if check.ruling is Ruling.PASSED:
        return check
    found = waiver_of(waivers, check.name, of=of, today=today)
    if found is None and check.ruling is Ruling.INCONCLUSIVE:
        found = waiver_of(waivers, INCONCLUSIVE, of=of, today=today)
    return replace(check, waiver=found)


def _comparable(obstacles: Sequence[str]) -> Iterator[Check]:
    if obstacles:
        yield Check(name="comparable", ruling=Ruling.INCONCLUSIVE, words="; ".join(obstacles))


def _must_pass(comparison: Comparison) -> Iterator[Check]:
    held = comparison.must_pass
    for case in held.failed:
        one = comparison.head[case]
        asked = one.passes + one.fails
        words = "fails" if asked == 1 else f"fails in {one.fails} of {asked} repeats"
        words += "; it failed in base too" if case in held.failed_before else ""
        yield Check(name=f"must-pass:{case}", ruling=Ruling.FAILED, words=words)
    for case in held.unmeasured:
        yield Check(name=f"must-pass:{case}", ruling=Ruling.INCONCLUSIVE, words="could not be measured")
    for case in held.missing:
        words = "head was not asked: deleted, filtered out, or no case has this id"
        yield Check(name=f"must-pass:{case}", ruling=Ruling.INCONCLUSIVE, words=words)
    if held.cases and not (held.failed or held.unmeasured or held.missing):
        shaky = f"; a repeat failed in {', '.join(held.shaky)}" if held.shaky else ""
        words = f"{held.head_passed} of {len(held.cases)} pass{shaky}"
        yield Check(name="must-pass", ruling=Ruling.PASSED, words=words)


def _quarantine(quarantine: Sequence[Quarantined], today: date) -> Iterator[Check]:
    for one in quarantine:
        if one.expired(today):
            words = f"expired on {one.expires}: {one.owner} mends the case, or says anew why not ({one.reason})"
            yield Check(name=f"quarantine:{one.case}", ruling=Ruling.FAILED, words=words)


def _retrieval(comparison: Comparison, rules: Rules) -> Iterator[Check]:
    if rules.retrieval:
        yield from (_dropped(line) for line in comparison.of(Kind.RETRIEVAL) if line.gates and line.n)


def _dropped(line: Line) -> Check:
    """Only a drop that is shown fails: what retrieval cannot tell, the answers are about to."""
    worse = line.change is Change.WORSE
    words = f"{line.name} {difference_of(line)}, {line.change}, {plural(line.n, 'case')}"
    return Check(name="retrieval", ruling=Ruling.FAILED if worse else Ruling.PASSED, words=words)


def _overall(comparison: Comparison, rules: Rules) -> Iterator[Check]:
    if not rules.overall:
        return
    line, terms = comparison.overall, comparison.terms
    if line.difference is None:
        words = "no case was measured on both sides"
        yield Check(name="overall", ruling=Ruling.INCONCLUSIVE, words=words)
        return
    words, tolerance = f"{difference_of(line)} points, {line.change}", points(-terms.tolerance).removeprefix("-")
    if line.change is Change.WORSE:
        yield Check(name="overall", ruling=Ruling.FAILED, words=f"{words}, {p_value(line.p or 0.0)}")
    elif line.change is not Change.CANT_TELL:
        yield Check(name="overall", ruling=Ruling.PASSED, words=words)
    elif line.difference.interval.low >= -terms.tolerance:
        words = f"{words}; a drop of more than {tolerance} points is excluded"
        yield Check(name="overall", ruling=Ruling.PASSED, words=words)
    else:
        words = f"{words}; a drop of {tolerance} points or more is not excluded"
        yield Check(name="overall", ruling=Ruling.INCONCLUSIVE, words=words)


def _parts(comparison: Comparison) -> Iterator[Check]:
    """Categories and criteria only fail, after Holm: most are too small to exclude a drop."""
    for kind, prefix in ((Kind.CATEGORY, "category:"), (Kind.JUDGE, "")):
        for line in comparison.of(kind):
            if line.gates and line.change is Change.WORSE:
                words = f"{difference_of(line)} points, worse, {p_value(line.p or 0.0)} (Holm)"
                yield Check(name=f"{prefix}{line.name}", ruling=Ruling.FAILED, words=words)


def _floors(comparison: Comparison, rules: Rules) -> Iterator[Check]:
    for name, floor in sorted(rules.floors.items()):
        found = [
            one.passed
            for case, one in comparison.head.items()
            if name in (one.category, *one.tags) and case not in comparison.set_aside and one.passed is not None
        ]
        yield _floor(name, floor, sum(found), len(found), rules.confidence)


def _floor(name: str, floor: float, passed: int, n: int, confidence: float) -> Check:
    low, high = lower_bound(passed, n, confidence=confidence), upper_bound(passed, n, confidence=confidence)
    words = f"{passed} of {n} pass, at least {low:.1%} at {confidence:.0%} confidence; floor {floor:.1%}"
    if low >= floor:
        ruling = Ruling.PASSED
    else:
        ruling = Ruling.FAILED if high < floor else Ruling.INCONCLUSIVE
        words += f" (at most {high:.1%})"
    return Check(name=f"floor:{name}", ruling=ruling, words=words.replace("%", " %"))


def _latency(comparison: Comparison, rules: Rules) -> Iterator[Check]:
    limit = rules.latency_p95_ms
    found = next((one.head for one in comparison.times if one.head.level == 0.95), None)
    if limit is None or found is None:
        return
    words = f"p95 {seconds(found.value)}, limit {seconds(limit)}"
    yield Check(name="latency", ruling=_within(found, limit), words=words)


def _within(found: Quantile, limit: float) -> Ruling:
    """Over the limit with its whole interval fails; only with its point says nothing yet."""
    if found.value is None:
        return Ruling.INCONCLUSIVE
    if found.value <= limit:
        return Ruling.PASSED
    return Ruling.FAILED if found.low is not None and found.low > limit else Ruling.INCONCLUSIVE


def _cost(comparison: Comparison, rules: Rules) -> Iterator[Check]:
    if rules.cost_rise is None:
        return
    line = comparison.of(Kind.COST)[0]
    if line.unmoved:
        yield Check(name="cost", ruling=Ruling.PASSED, words=line.note)
        return
    if line.difference is None:
        words = line.note or "no answer has a price on both sides"
        yield Check(name="cost", ruling=Ruling.INCONCLUSIVE, words=words)
        return
    words = f"{difference_of(line)}, limit {percent(rules.cost_rise)}"
    over = line.difference.mean > rules.cost_rise
    sure = line.difference.interval.low > rules.cost_rise
    ruling = Ruling.FAILED if sure else Ruling.INCONCLUSIVE if over else Ruling.PASSED
    yield Check(name="cost", ruling=ruling, words=words)


def _unmeasured(comparison: Comparison, rules: Rules) -> Iterator[Check]:
    lost, n = len(comparison.pairing.unmeasured), len(comparison.pairing.pairs)
    if lost and lost / (n + lost) > rules.unmeasured:
        limit = share(rules.unmeasured, 100)
        words = f"{lost} of {plural(n + lost, 'case')} could not be measured on one side; limit {limit}"
        yield Check(name="unmeasured", ruling=Ruling.INCONCLUSIVE, words=words)
