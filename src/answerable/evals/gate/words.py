"""How figures are written, the same in every report: shares with their n, differences with their interval."""

from __future__ import annotations

from answerable.evals.gate.lines import Kind, Line, Times
from answerable.evals.stats.estimate import Interval
from answerable.evals.stats.verdict import Change

FEW = 30  # below it a percentage says more than is known: k of n


def share(value: float | None, n: int) -> str:
    """A share of n cases: a percentage, or k of n where n is small; — where there is none."""
    if value is None:
        return "—"
    if n < FEW:
        return f"{_count(value * n)} of {n}"
    return f"{value * 100:.1f} %"


def points(value: float) -> str:
    """A difference of shares in points, with its sign."""
    number = round(value * 100, 1) + 0.0  # never −0.0
    return f"{number:+.1f}" if number else "0.0"


def points_in(interval: Interval) -> str:
    """An interval in points."""
    return f"({points(interval.low)} .. {points(interval.high)})"


def percent(value: float) -> str:
    """A relative change, with its sign."""
    number = round(value * 100) + 0
    return f"{number:+d} %" if number else "0 %"


def percent_in(interval: Interval) -> str:
    """An interval of a relative change."""
    low, high = (percent(end).removesuffix(" %") for end in (interval.low, interval.high))
    return f"({low} .. {high})"


def seconds(ms: float | None) -> str:
    """An answer time."""
    if ms is None:
        return "—"
    return f"{ms / 1000:.2f} s" if ms >= 100 else f"{ms:.1f} ms"


def money(amount: float | None) -> str:
    """The price of an answer in the project's currency, to four significant digits."""
    return "—" if amount is None else "0" if not amount else f"{amount:.4g}" if amount < 0.001 else f"{amount:.4f}"


def p_value(p: float) -> str:
    """p = 0.016, p < 0.001."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def value_of(line: Line, value: float | None) -> str:
    """A side's value, in the line's unit."""
    if line.kind is Kind.LATENCY:
        return seconds(value)
    if line.kind is Kind.COST:
        return money(value)
    if line.kind is Kind.RETRIEVAL:
        return "—" if value is None else f"{value:.3f}"
    return share(value, line.n)


def difference_of(line: Line) -> str:
    """The difference with its interval; empty where nothing was compared."""
    if line.difference is None:
        return ""
    if line.kind in (Kind.LATENCY, Kind.COST):
        return f"{percent(line.difference.mean)} {percent_in(line.difference.interval)}"
    return f"{points(line.difference.mean)} {points_in(line.difference.interval)}"


def remarks_of(line: Line) -> str:
    """What stands beside the verdict: the note, the test, the flips, what was not measured."""
    told = line.n and not line.unmoved
    flips = line.fixed or line.broken
    parts = (
        line.note,
        "" if line.gates else "informative",
        _test(line) if told else "",
        f"{line.fixed} fixed, {line.broken} broken" if flips else "",
        f"McNemar {p_value(line.mcnemar)}"
        if flips and line.kind is Kind.OVERALL and line.mcnemar is not None
        else "",
        f"{line.unmeasured} unmeasured" if line.unmeasured else "",
    )
    return "; ".join(part for part in parts if part)


def _test(line: Line) -> str:
    if line.p is None or (line.change is Change.CANT_TELL and not (line.fixed or line.broken)):
        return ""
    return p_value(line.p) + (" (Holm)" if line.kind in (Kind.CATEGORY, Kind.JUDGE) else "")


def bounds_of(times: Times) -> str:
    """Head's order-statistic interval; an open end where the cases are too few to bound it."""
    low = "…" if times.head.low is None else seconds(times.head.low)
    high = "…" if times.head.high is None else seconds(times.head.high)
    return f"({low} .. {high})" if times.head.n else ""


def plural(n: int, one: str, many: str = "") -> str:
    """1 case, 2 cases."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def _count(value: float) -> str:
    return f"{round(value)}" if abs(value - round(value)) < 0.05 else f"{value:.1f}"
