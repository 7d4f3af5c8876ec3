"""Cells: sums of a signal over the answers of six hours, for all answers or for a slice of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

BLOCK = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`block` is where the six hours begin (UTC). `total` is of the values of `n` answers by `persons` persons.

    `nn`, `nx`, `xx` are sums over persons of answers², answers · values, values².
    """

    block: datetime
    dimension: str  # language | topic | channel | prompt | model | provider | index | code | rollout; empty: all
    value: str
    signal: str
    n: int
    persons: int
    total: float
    nn: float
    nx: float
    xx: float
