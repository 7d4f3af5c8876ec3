"""A metric as it was measured: rows by dimension, each number with its n and its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from answerable.monitor.definition import FEW, Definition


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One number. Shares are in [0, 1], times in milliseconds; None is unmeasured, never 0.

    `low` and `high` are None where there is no such end. `unmeasured` items of the row have no value of this kind.
    """

    name: str
    kind: str
    n: int
    value: float | None = None
    k: int | None = None  # of a share: how many of n
    low: float | None = None
    high: float | None = None
    unmeasured: int = 0
    unit: str = ""

    @property
    def few(self) -> bool:
        """Whether it is a share of so few that only k of n is said."""
        return self.kind in ("share", "people") and self.n < FEW


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRow:
    """What is the same in all its items, and the numbers. `withheld`: it is of too few persons to be shown."""

    key: Mapping[str, str]
    n: int  # answers, or what the metric's definition says
    numbers: tuple[Measured, ...] = ()
    withheld: bool = False

    def number(self, name: str) -> Measured | None:
        """By the part's name; None where there is none."""
        return next((one for one in self.numbers if one.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A vertical line on a chart: what changed, and when."""

    at: datetime
    kind: str  # deploy | rollout | model | index
    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricTable:
    """A metric over [since, until). `total` is of all rows; None where it would give a withheld row away."""

    definition: Definition
    since: datetime
    until: datetime
    by: tuple[str, ...]
    rows: Sequence[MeasuredRow]
    total: MeasuredRow | None
    currency: str = "USD"
    notes: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
