"""Signals: what is watched for a change, in one list."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

__all__ = ["FAMILIES", "MIXES", "PART", "PARTED", "SIGNALS", "Kind", "Signal", "signal_of"]


class Kind(StrEnum):
    """How values are read: shares in [0, 1]; the others are means of logarithms, said as typical values."""

    SHARE = "share"
    TIME = "time"  # ln of milliseconds
    MONEY = "money"  # ln of the currency's unit
    SIZE = "size"  # ln of characters
    DISTANCE = "distance"  # as it is, in [0, 2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """`noun` stands in a sentence; `worse` is +1 where more is worse, −1 where less is, 0 where neither is.

    `lag`: how long after an answer its value is known, at the least. `of_people`: it is about who asks and what.
    """

    name: str
    noun: str
    kind: Kind = Kind.SHARE
    worse: int = 1
    lag: timedelta = timedelta(0)
    of_people: bool = False

    def said(self, value: float) -> str:
        """As people read it: `8.3 %`, `1.4 s`."""
        match self.kind:
            case Kind.SHARE:
                return f"{100 * value:.{0 if value >= 0.1 else 1}f} %"
            case Kind.TIME:
                return f"{math.exp(value) / 1000:.2f} s"
            case Kind.MONEY:
                return f"{math.exp(value):.3g}"
            case Kind.SIZE:
                return f"{math.exp(value):.0f} characters"
            case Kind.DISTANCE:
                return f"{value:.2f}"


_CLOSED = timedelta(hours=24)

# In the order in which one of several is the headline. What each counts stands in queries_drift.sql (fold_cells).
SIGNALS: Mapping[str, Signal] = MappingProxyType(
    {
        one.name: one
        for one in (
            Signal(name="refusals", noun="refusals"),
            Signal(name="withheld", noun="answers with a withheld statement"),
            Signal(name="guards", noun="blocked answers"),
            Signal(name="conflicts", noun="answers over pages that disagree"),
            Signal(name="rephrased", noun="follow-ups that rephrase or object"),
            Signal(name="dislikes", noun="votes that are thumbs down"),
            Signal(name="completion", noun="completed tasks", worse=-1, lag=_CLOSED),
            Signal(name="escalation", noun="escalated tasks", lag=_CLOSED),
            Signal(name="deadlines", noun="answers cut short by the deadline"),
            Signal(name="fallback", noun="calls that fell back to another model"),
            Signal(name="latency", noun="the typical time of an answer", kind=Kind.TIME),
            Signal(name="cost", noun="the typical cost of an answer", kind=Kind.MONEY),
            Signal(
                name="novelty",
                noun="the distance of questions to the evaluation's cases",
                kind=Kind.DISTANCE,
                worse=0,
                of_people=True,
            ),
            Signal(
                name="length", noun="the typical length of a question", kind=Kind.SIZE, worse=0, of_people=True
            ),
        )
    }
)

# Dimensions whose mix is watched: the share of each value among all answers, together one signal each.
MIXES: Mapping[str, str] = MappingProxyType({"topic": "questions on", "language": "questions in"})
CANARY = "canary"
# Signals that are looked at in each larger language, too: a third of the answers may go wrong and hardly move all.
PARTED = ("refusals", "withheld", "rephrased", "completion")
PART = "@"  # `completion@de`
# With the canary set: those that share the budget of false alarms.
FAMILIES = len(SIGNALS) + len(MIXES) + len(PARTED) + 1


def signal_of(name: str) -> Signal:
    """By name; `topic:t-1a2b` is the share of a value in a mix, `refusals@de` a signal in one language.

    Raises KeyError.
    """
    base, part, language = name.partition(PART)
    if part and base in PARTED:
        return replace(SIGNALS[base], name=name, noun=f"{SIGNALS[base].noun} in language {language!r}")
    dimension, _, value = name.partition(":")
    if dimension in MIXES and value:
        return Signal(name=name, noun=f"{MIXES[dimension]} {value}", worse=0, of_people=True)
    return SIGNALS[name]
