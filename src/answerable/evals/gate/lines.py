"""A line of a comparison, the terms it is held to, and the comparison itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from answerable.evals.gate.averaged import Averaged
from answerable.evals.gate.pairs import Pairing
from answerable.evals.gate.quantiles import Quantile
from answerable.evals.stats.paired import Difference
from answerable.evals.stats.verdict import Change


class Kind(StrEnum):
    """What a line measures, and so how it is written and gated."""

    OVERALL = "overall"
    CATEGORY = "category"
    RETRIEVAL = "retrieval"
    JUDGE = "judge"
    LATENCY = "latency"
    COST = "cost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What counts as a difference. Shares, not points."""

    margin: float = 0.02  # a smaller difference is the same
    tolerance: float = 0.05  # a drop that a passing gate has excluded, and the effect that power is told for
    alpha: float = 0.05  # of the two-sided tests
    must_pass: tuple[str, ...] = ("tag:must-pass",)
    relative_margin: float = 0.05  # of mean time and cost: a smaller relative change is the same
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One measure of both sides. Difference is head less base: of shares, or relative for time and cost."""

    kind: Kind
    name: str
    n: int  # cases measured on both sides
    unmeasured: int = 0  # cases asked on both sides and not measured on one
    base: float | None = None  # mean of the cases: a share, ms, or money
    head: float | None = None
    difference: Difference | None = None
    change: Change = Change.CANT_TELL
    p: float | None = None  # over several categories: Holm's
    fixed: int = 0
    broken: int = 0
    mcnemar: float | None = None  # exact, where each case was asked once
    detectable: float | None = None  # the smallest true drop seen with 80 % power; of the whole only
    more_cases: int | None = None  # for 80 % power at the tolerance
    gates: bool = True  # False: informative
    note: str = ""
    unmoved: bool = False  # same, because nothing that could differ by chance does


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """A quantile of the answer times, both sides, in ms."""

    name: str
    base: Quantile
    head: Quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class MustPass:
    """The cases with zero tolerance, as head did."""

    cases: tuple[str, ...]  # all that either side has, or that are named by id
    base_passed: int
    head_passed: int
    failed: tuple[str, ...]  # most repeats fail
    failed_before: tuple[str, ...]  # of them, those that most repeats failed in base already
    shaky: tuple[str, ...]  # some repeat fails
    unmeasured: tuple[str, ...]  # not one repeat measured
    missing: tuple[str, ...]  # head was not asked
    quarantined: tuple[str, ...]  # by name, with an acknowledgment


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything that was found, before any gate."""

    terms: Terms
    pairing: Pairing
    must_pass: MustPass
    lines: tuple[Line, ...]
    times: tuple[Times, ...]
    head: Mapping[str, Averaged]  # every case that head was asked
    set_aside: frozenset[str] = frozenset()  # the quarantined cases
    repeats: tuple[int, int]  # base's, head's: the most that any case was asked

    def of(self, kind: Kind) -> tuple[Line, ...]:
        """The lines of a kind, as they are shown."""
        return tuple(line for line in self.lines if line.kind is kind)

    @property
    def overall(self) -> Line:
        """The share of cases that pass."""
        return self.of(Kind.OVERALL)[0]
