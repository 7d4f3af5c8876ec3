"""Tolls: what was asked and seen, counted over all processes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from answerable.core.toll import NOTHING, Charge, Settlement, Toll, Walk


class Tolls(Protocol):
    """Meters that flow off with the time of whoever keeps them, and windows of what was seen."""

    async def take(
        self,
        *,
        tenant: str,
        charges: Sequence[Charge],
        name: str = "",
        periods: Sequence[int] = (),
        settled: Settlement = NOTHING,
    ) -> Toll:
        """Write what is settled; charge every meter, or none of them when one is too full; tell `name`'s walks.

        A meter is charged at most what fits into it. `settled` never refuses, and is written whatever comes of
        the charges; rooms and walks come in the order asked for.
        """
        ...

    async def walks(self, *, tenant: str, name: str, periods: Sequence[int]) -> tuple[Walk, ...]:
        """How far a person has come in each of the windows, in their order; zeros where nothing is known."""
        ...

    async def first_told(self, *, tenant: str, name: str, period_s: int, kind: str) -> bool:
        """Whether nobody gave this alarm before in the window; from now on somebody has."""
        ...

    async def forget(self, *, tenant: str, name: str) -> int:
        """Start anew for a payer; how many counters there were."""
        ...
