"""Who reads what: every item once, some twice, spread evenly over the readers."""

from __future__ import annotations

import math
from collections.abc import Sequence

ANYBODY = ""


def assign_seats(count: int, readers: Sequence[str], *, overlap: float) -> list[tuple[str, ...]]:
    """Seats by place; the first ⌈overlap · count⌉ places, which are random, have two readers.

    Where nobody (else) is named, the seat is for whoever comes.
    """
    loads = dict.fromkeys(readers, 0)
    twice = math.ceil(round(overlap * count, 6))
    found = []
    for place in range(count):
        seats: list[str] = []
        for _ in range(2 if place < twice else 1):
            free = [name for name in loads if name not in seats]
            # Of equals, another one goes first each time: or the first named would meet every pair.
            chosen = min(free, key=lambda name: (loads[name], (free.index(name) - place) % len(free)), default="")
            seats.append(chosen)
            if chosen:
                loads[chosen] += 1
        found.append(tuple(seats))
    return found
