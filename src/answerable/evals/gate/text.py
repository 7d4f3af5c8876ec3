"""A comparison in a terminal: aligned, terse, and the next command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from answerable.evals.gate.decide import Check, Ruling
from answerable.evals.gate.lines import Kind, Line, MustPass, Terms, Times
from answerable.evals.gate.report import Report, names
from answerable.evals.gate.words import (
    bounds_of,
    difference_of,
    plural,
    points,
    remarks_of,
    seconds,
    value_of,
)
from answerable.evals.stats.verdict import Change

_HEADER = ("", "base", "head", "difference (95 %)", "verdict", "")
_NAMED = 8


def write_text(report: Report) -> str:
    """The whole report, without a line break at its end."""
    return "\n".join(
        [
            _about(report),
            *_table(report),
            _counts(report),
            *_lists(report),
            *(f"note: {note}" for note in report.notes),
            *_checks(report),
            _exit(report),
        ]
    )


def _about(report: Report) -> str:
    comparison = report.comparison
    base, head = comparison.repeats
    repeats = f"{head}" if base == head else f"{base} and {head}"
    n = len(comparison.pairing.pairs) + len(comparison.pairing.unmeasured)
    times = "" if repeats == "1" else f" x {repeats} repeats"
    return (
        f"suite {report.head.run.suite}, {plural(n, 'case')}{times}, "
        f"base {report.base.name}, head {report.head.name}"
    )


def _table(report: Report) -> list[str]:
    comparison = report.comparison
    rows = [_HEADER, *_must_pass(comparison.must_pass)]
    rows += [_row(line, comparison.terms) for line in comparison.lines]
    rows += [_times(one) for one in comparison.times if one.head.n]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _must_pass(held: MustPass) -> Iterator[tuple[str, ...]]:
    if not held.cases:
        return
    n, bad = len(held.cases), len(held.failed)
    unknown = len(held.unmeasured) + len(held.missing)
    verdict = f"{bad} fail" if bad else f"{unknown} unknown" if unknown else "ok"
    shaky = f"a repeat failed in {', '.join(held.shaky[:_NAMED])}" if held.shaky else ""
    yield "must-pass", f"{held.base_passed}/{n}", f"{held.head_passed}/{n}", "", verdict, shaky


def _row(line: Line, terms: Terms) -> tuple[str, ...]:
    name = f"  {line.name} ({line.n})" if line.kind is Kind.CATEGORY else line.name
    name += f" ({line.n})" if line.kind in (Kind.RETRIEVAL, Kind.JUDGE) else ""
    if not line.n:
        return name, "—", "—", "", "not measured", remarks_of(line)
    return (
        name,
        value_of(line, line.base),
        value_of(line, line.head),
        difference_of(line),
        line.change.value,
        _remarks(line, terms),
    )


def _remarks(line: Line, terms: Terms) -> str:
    if line.change is not Change.CANT_TELL:
        return remarks_of(line)
    if line.kind is Kind.OVERALL:
        return "; ".join(part for part in (_power(line, terms), _lost(line)) if part)
    if line.kind is Kind.CATEGORY and line.broken:
        return "; ".join(part for part in (_look(line.broken), _lost(line)) if part)
    return remarks_of(line)


def _look(broken: int) -> str:
    return "look at the one that broke" if broken == 1 else f"look at the {broken} that broke"


def _power(line: Line, terms: Terms) -> str:
    if line.detectable is None:
        seen = "too few cases to see any drop"
    else:
        seen = f"would see a drop of {points(line.detectable)[1:]} points"
    if not line.more_cases:
        return seen
    return f"{seen}; ~{line.more_cases:,} more cases to see {points(terms.tolerance)[1:]} points with 80 % power"


def _lost(line: Line) -> str:
    return f"{line.unmeasured} unmeasured" if line.unmeasured else ""


def _times(times: Times) -> tuple[str, ...]:
    bounds = bounds_of(times)
    return times.name, seconds(times.base.value), seconds(times.head.value), "", "", f"head's 95 % {bounds}"


def _counts(report: Report) -> str:
    pairing = report.comparison.pairing
    counted = {
        "fixed": report.fixed,
        "broken": report.broken,
        "flaky": report.flaky,
        "unmeasured": pairing.unmeasured,
        "quarantined": pairing.quarantined,
    }
    always = ("fixed", "broken", "flaky")
    told = [f"{name} {len(pairs)}" for name, pairs in counted.items() if pairs or name in always]
    return "   ".join(told) + f"   -> {report.command} --format html -o compare.html"


def _lists(report: Report) -> Iterator[str]:
    pairing = report.comparison.pairing
    yield from _list("fixed", names(report.fixed))
    yield from _list("broken", names(report.broken))
    yield from _list("flaky", names(report.flaky))
    yield from _list("unmeasured", names(pairing.unmeasured))
    for one in report.quarantine:
        if one.case in report.comparison.set_aside:
            yield f"quarantined: {one.case} until {one.expires} ({one.owner}: {one.reason})"


def _list(name: str, cases: Sequence[str]) -> Iterator[str]:
    if cases:
        rest = len(cases) - _NAMED
        yield f"{name}: {', '.join(cases[:_NAMED])}" + (f" and {rest} more" if rest > 0 else "")


def _checks(report: Report) -> Iterator[str]:
    for check in report.decision.checks:
        if check.waiver:
            yield _waived(check)
        elif check.ruling is not Ruling.PASSED:
            yield f"{check.ruling}: {check.name}: {check.words}"
    for waiver in report.decision.expired:
        yield f"expired waiver of {waiver.gate} ({waiver.name}, until {waiver.expires}) does not count"


def _waived(check: Check) -> str:
    waiver = check.waiver
    told = f"{waiver.name} until {waiver.expires}: {waiver.reason}" if waiver else ""
    return f"waived: {check.name}: {check.ruling}, {check.words} [{told}]"


def _exit(report: Report) -> str:
    ruling = report.decision.ruling
    line = f"exit {ruling.exit_code} ({ruling})"
    if ruling is not Ruling.INCONCLUSIVE:
        return line
    run = report.head.run.id
    return f'{line}. To ship anyway: answerable eval gate {run} --accept-inconclusive --name "..." --reason "..."'
