"""Base and head, case by case: what is in both, what flipped, and what cannot be compared, each by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from answerable.evals.gate.averaged import Averaged
from answerable.evals.gate.retrieved import found_of, retrieval_only, text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A case that both sides were asked."""

    base: Averaged
    head: Averaged
    same_system: bool = False  # both answers come from equal fingerprints

    @property
    def case(self) -> str:
        """Its id."""
        return self.head.case

    @property
    def difference(self) -> float | None:
        """Head's pass rate less base's, in [-1, 1]; None where a side was not measured."""
        if self.base.rate is None or self.head.rate is None:
            return None
        return self.head.rate - self.base.rate

    @property
    def identical(self) -> bool:
        """The same words from the same passages, repeat by repeat: nothing that could differ by chance did."""
        return _seen(self.base) == _seen(self.head)

    @property
    def ranked_the_same(self) -> bool:
        """Every score of retrieval is the same: what is wanted stands where it stood."""
        return retrieval_only(self.base.scores) == retrieval_only(self.head.scores)

    @property
    def flaky(self) -> bool:
        """Passed and failed where nothing had changed: among repeats, or between equal fingerprints."""
        return self.base.mixed or self.head.mixed or (self.same_system and bool(self.difference))

    @property
    def fixed(self) -> bool:
        """Most repeats failed, now most pass."""
        return self.base.passed is False and self.head.passed is True

    @property
    def broken(self) -> bool:
        """Most repeats passed, now they do not."""
        return self.base.passed is True and self.head.passed is False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Every case of both sides is in exactly one of these."""

    pairs: tuple[Pair, ...]  # measured on both sides: what estimates rest on
    unmeasured: tuple[Pair, ...]  # asked on both sides, not measured on one
    quarantined: tuple[Pair, ...]  # reported apart
    changed: tuple[str, ...]  # the case itself was changed in between
    added: tuple[str, ...]  # only head was asked
    removed: tuple[str, ...]  # only base was asked

    @property
    def named(self) -> dict[str, Pair]:
        """All pairs by case."""
        return {pair.case: pair for pair in (*self.pairs, *self.unmeasured, *self.quarantined)}


def pair_up(
    base: Mapping[str, Averaged],
    head: Mapping[str, Averaged],
    *,
    changed: Collection[str] = (),
    quarantined: Collection[str] = (),
    same_system: bool = False,
) -> Pairing:
    """Cases by id. `changed` are asked or scored otherwise now, so that their two results are no pair."""
    both = sorted(base.keys() & head.keys())
    pairs = [
        Pair(base=base[case], head=head[case], same_system=same_system) for case in both if case not in changed
    ]
    free = [pair for pair in pairs if pair.case not in quarantined]
    return Pairing(
        pairs=tuple(pair for pair in free if pair.difference is not None),
        unmeasured=tuple(pair for pair in free if pair.difference is None),
        quarantined=tuple(pair for pair in pairs if pair.case in quarantined),
        changed=tuple(case for case in both if case in changed),
        added=tuple(sorted(head.keys() - base.keys())),
        removed=tuple(sorted(base.keys() - head.keys())),
    )


def _seen(side: Averaged) -> list[tuple[object, ...]]:
    measured = [row for row in side.rows if row.passed is not None]
    return [(row.passed, row.outcome, text_of(row).split(), found_of(row)) for row in measured]
