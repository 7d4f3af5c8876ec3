"""What asking costs besides money: how fast, how many tokens, and how many different passages were seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

from answerable.core.identity import sha256_hex

SHAPES, PASSAGES = 1024, 8192  # bits of the two bitmaps; 2,000 passages are counted to within 1 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many in so many seconds; all at once if you like, and then as they flow off."""

    most: float
    period_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """One limit of one payer."""

    scope: str  # key | user | network | tenant
    name: str
    unit: str  # questions | tokens
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """An amount on a meter. A settlement's may be negative."""

    meter: Meter
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What is left on a meter. `wait_s` above 0: it was too full, and has room after so many seconds."""

    meter: Meter
    left: float
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a person was shown: passages by id, and the form of the question that showed them; "" for none."""

    name: str
    period_s: int
    asked: int = 0
    shapes: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """How far a person has come in the window of `period_s` that is open: estimated counts of different things."""

    name: str
    period_s: int
    asked: int = 0
    shapes: float = 0.0
    passages: float = 0.0
    left_s: float = 0.0  # of the window
    told: tuple[str, ...] = ()  # alarms that were given


@dataclass(frozen=True, slots=True, kw_only=True)
class Toll:
    """What came of charging one question: a room for each charge, and a walk for each window asked for."""

    rooms: tuple[Room, ...] = ()
    walks: tuple[Walk, ...] = ()

    @property
    def refused(self) -> Room | None:
        """The meter that was too full, for the longest; None where all had room."""
        return max((one for one in self.rooms if one.wait_s), key=lambda one: one.wait_s, default=None)

    @property
    def tightest(self) -> Room | None:
        """The meter with the smallest share left; None where there are no limits."""
        return min(self.rooms, key=lambda one: one.left / one.meter.rate.most, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What is still to be written of questions before: corrections of charges, and what was shown."""

    debts: tuple[Charge, ...] = ()
    views: tuple[View, ...] = ()


NOTHING = Settlement()
UNCHARGED = Toll()


def place(text: str, bits: int) -> int:
    """Where in a bitmap of so many bits it is noted."""
    return int(sha256_hex(text)[:12], 16) % bits


def counted(ones: int, bits: int) -> float:
    """How many different things set so many bits: linear counting (Whang et al. 1990, TODS 15(2), eq. 3.1)."""
    return float(bits) * math.log(bits) if ones >= bits else -bits * math.log1p(-ones / bits)
