"""Everything a report of a comparison shows, whatever it is written as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from answerable.core.evaluation import Row, Status
from answerable.evals.gate.averaged import Averaged
from answerable.evals.gate.decide import Decision
from answerable.evals.gate.lines import Comparison
from answerable.evals.gate.pairs import Pair
from answerable.evals.gate.quarantine import Quarantined
from answerable.evals.gate.sides import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A comparison with its two sides, the ruling, and how to do it again."""

    base: Side
    head: Side
    comparison: Comparison
    decision: Decision
    notes: tuple[str, ...] = ()
    quarantine: tuple[Quarantined, ...] = ()
    command: str = ""  # that makes this report again
    asked_for: str = "compare"  # compare | gate

    @property
    def fixed(self) -> tuple[Pair, ...]:
        """Failed, and passes now; not where nothing had changed."""
        return tuple(pair for pair in self.comparison.pairing.pairs if pair.fixed and not pair.same_system)

    @property
    def broken(self) -> tuple[Pair, ...]:
        """Passed, and fails now: the largest drop first."""
        found = [pair for pair in self.comparison.pairing.pairs if pair.broken and not pair.same_system]
        return tuple(sorted(found, key=lambda pair: (pair.difference or 0.0, pair.case)))

    @property
    def flaky(self) -> tuple[Pair, ...]:
        """Passed and failed without a reason."""
        return tuple(pair for pair in self.comparison.pairing.pairs if pair.flaky)

    @property
    def different(self) -> tuple[Pair, ...]:
        """Answers or passages differ, whatever became of the case."""
        return tuple(pair for pair in self.comparison.pairing.named.values() if not pair.identical)

    @property
    def regressions(self) -> tuple[Pair, ...]:
        """What a person looks at first: must-pass cases that fail, whatever base did, then what broke."""
        named, broken = self.comparison.pairing.named, self.broken
        held = [named[case] for case in self.comparison.must_pass.failed if case in named]
        first = names(held)
        return (*held, *(pair for pair in broken if pair.case not in first))

    @property
    def blockers(self) -> tuple[str, ...]:
        """The cases that hold the change back by themselves."""
        return self.comparison.must_pass.failed


def shown_row(side: Averaged) -> Row:
    """The repeat that tells the most: the first that failed, else the first."""
    return next((row for row in side.rows if row.passed is False), side.rows[0])


def reasons(row: Row) -> tuple[str, ...]:
    """Why a row did not pass: each bar that was not cleared, and each measurement that broke."""
    found = [
        f"{score.name}: {score.reason or 'not met'}"
        for score in row.scores
        if score.passed is False or score.status is Status.ERROR
    ]
    return (*((f"the target broke: {row.error}",) if row.error else ()), *found)


def names(pairs: Sequence[Pair]) -> tuple[str, ...]:
    """Their cases."""
    return tuple(pair.case for pair in pairs)
