"""Numbers made of others: differences, sums and ratios, with intervals made of theirs.

MOVER, the method of variance estimates recovery: Zou and Donner 2008, Stat. Med. 27:1693; ratios on the logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from answerable.evals.stats.estimate import Estimate
from answerable.monitor.measured import Measured


def of_estimate(
    name: str, kind: str, found: Estimate | None, *, k: int | None = None, unmeasured: int = 0, unit: str = ""
) -> Measured:
    """An estimate under a part's name; None is unmeasured."""
    if found is None:
        return Measured(name=name, kind=kind, n=0, k=k, unmeasured=unmeasured, unit=unit)
    return Measured(
        name=name,
        kind=kind,
        n=found.n,
        k=k,
        value=found.value,
        low=_end(found.interval.low),
        high=_end(found.interval.high),
        unmeasured=unmeasured,
        unit=unit,
    )


def sum_of(name: str, parts: Sequence[tuple[float, Measured]], *, unit: str = "") -> Measured:
    """sum of factor x part; unmeasured where one of them is. `n` is that of the smallest."""
    known = [(factor, one) for factor, one in parts if one.value is not None]
    n = min((one.n for _, one in parts), default=0)
    if len(known) < len(parts) or not parts:
        return Measured(name=name, kind="combined", n=0, unit=unit)
    value = math.fsum(factor * (one.value or 0.0) for factor, one in known)
    down = math.hypot(*(_reach(factor, one, low=factor > 0) for factor, one in known))
    up = math.hypot(*(_reach(factor, one, low=factor < 0) for factor, one in known))
    return Measured(
        name=name,
        kind="combined",
        n=n,
        value=value,
        low=_end(value - down),
        high=_end(value + up),
        unit=unit,
    )


def ratio_of(name: str, above: Measured, below: Measured, *, unit: str = "") -> Measured:
    """above / below, both not negative; unmeasured where one of them is, or where below is 0."""
    if above.value is None or not below.value or above.value < 0:
        return Measured(name=name, kind="combined", n=0, unit=unit)
    value, n = above.value / below.value, min(above.n, below.n)
    low = high = None
    if above.value > 0:
        low = _times(value, -math.hypot(_log_reach(above, low=True), _log_reach(below, low=False)))
        high = _times(value, math.hypot(_log_reach(above, low=False), _log_reach(below, low=True)))
    return Measured(name=name, kind="combined", n=n, value=value, low=low, high=high, unit=unit)


def relative_reduction(name: str, a: int, n1: int, b: int, n0: int) -> Measured:
    """1 - (a/n1) / (b/n0) with Katz' interval on the logarithm (Katz and others 1978, Biometrics 34:469)."""
    if not n1 or not n0 or not b:
        return Measured(name=name, kind="ratio", n=0)
    ratio = (a / n1) / (b / n0)
    if not a:
        return Measured(name=name, kind="ratio", n=n1 + n0, value=1.0, high=1.0)
    error = 1.96 * math.sqrt(max(0.0, 1 / a - 1 / n1 + 1 / b - 1 / n0))
    low, high = 1.0 - ratio * math.exp(error), 1.0 - ratio * math.exp(-error)
    return Measured(name=name, kind="ratio", n=n1 + n0, value=1.0 - ratio, low=low, high=high)


def _reach(factor: float, one: Measured, *, low: bool) -> float:
    end = one.low if low else one.high
    if one.kind == "sum":
        return 0.0
    return math.inf if end is None or one.value is None else abs(factor * (end - one.value))


def _log_reach(one: Measured, *, low: bool) -> float:
    end = one.low if low else one.high
    if one.kind == "sum":
        return 0.0
    if end is None or end <= 0 or not one.value:
        return math.inf
    return abs(math.log(end / one.value))


def _times(value: float, log: float) -> float | None:
    return None if math.isinf(log) else value * math.exp(log)


def _end(value: float) -> float | None:
    return value if math.isfinite(value) else None
