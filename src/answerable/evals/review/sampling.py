"""The draw: independent simple random draws from overlapping strata, so that every chance can be computed.

An answer's chance of being in the batch is 1 − ∏(1 − drawn/size) over the draws whose stratum it belongs to; that
of a pair follows in the same way, and nothing is estimated. The order inside a stratum is by hash of seed, stratum
and id: the same period gives the same batch on every machine and every version of the language.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from answerable.core.identity import sha256_hex
from answerable.core.review import Draw
from answerable.evals.review.strata import NEW, RANDOM, SIGNALS, TAIL, UNCERTAIN, Drawable

_TARGETED = (UNCERTAIN, SIGNALS, TAIL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was drawn: the draws, and which of them hit an answer, by answer id."""

    draws: tuple[Draw, ...]
    hits: Mapping[str, tuple[str, ...]]


def draw_sample(
    population: Sequence[Drawable], *, items: int, shares: Mapping[str, float], seed: int, period: str
) -> Sample:
    """About `items` answers: as many as wished on average, as one answer may be hit twice. Fewer there: all."""
    names = (RANDOM, *_TARGETED, NEW)
    members = {name: [one.answer_id for one in population if name in one.strata] for name in names}
    draws = _sizes(population, members, items, shares)
    hits: dict[str, tuple[str, ...]] = {}
    for draw in draws:
        ranked = shuffled(members[draw.stratum], f"{seed}/{period}/{draw.stratum}")
        for answer in ranked[: draw.drawn]:
            hits[answer] = (*hits.get(answer, ()), draw.stratum)
    return Sample(draws=draws, hits=hits)


def shuffled(names: Iterable[str], key: str) -> list[str]:
    """In an order that the key decides and nothing else."""
    return sorted(names, key=lambda name: sha256_hex(f"{key}/{name}"))


def inclusion(strata: Iterable[str], draws: Sequence[Draw]) -> float:
    """The chance in [0, 1] that an answer of these strata is drawn at all."""
    own = set(strata)
    return 1.0 - math.prod(1.0 - draw.probability for draw in draws if draw.stratum in own)


def joint_inclusion(one: Iterable[str], other: Iterable[str], draws: Sequence[Draw]) -> float:
    """The chance that two different answers of these strata are both drawn."""
    first, second = set(one), set(other)
    neither = math.prod(_misses(draw, (draw.stratum in first) + (draw.stratum in second)) for draw in draws)
    return inclusion(first, draws) + inclusion(second, draws) - 1.0 + neither


def _misses(draw: Draw, members: int) -> float:
    """The chance that one draw without replacement hits none of so many of its members."""
    left = draw.size - draw.drawn
    if members == 0:
        return 1.0
    return left / draw.size if members == 1 else left * (left - 1) / (draw.size * (draw.size - 1))


def _sizes(
    population: Sequence[Drawable], members: Mapping[str, Sequence[str]], items: int, shares: Mapping[str, float]
) -> tuple[Draw, ...]:
    """What a stratum cannot fill, and what is expected to be hit twice, goes to the random draw."""
    total = len(population)
    if total <= items:
        return (Draw(stratum=RANDOM, size=total, drawn=total),)
    targeted = tuple(
        Draw(stratum=name, size=len(members[name]), drawn=min(round(shares[name] * items), len(members[name])))
        for name in _TARGETED
        if members[name]
    )
    if new := len(members[NEW]):  # few, and all of them: nobody has thought of these
        targeted = (*targeted, Draw(stratum=NEW, size=new, drawn=new))
    drawn = max(1, items - sum(draw.drawn for draw in targeted))
    draws = (Draw(stratum=RANDOM, size=total, drawn=drawn), *targeted)
    alike = Counter(one.strata for one in population)
    while drawn < total and _expected(alike, draws) < items - 0.5:
        drawn += 1
        draws = (Draw(stratum=RANDOM, size=total, drawn=drawn), *targeted)
    return draws


def _expected(alike: Mapping[tuple[str, ...], int], draws: Sequence[Draw]) -> float:
    """How many different answers the draws hit on average."""
    return sum(count * inclusion(strata, draws) for strata, count in alike.items())
