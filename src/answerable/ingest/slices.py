"""A sequence in slices of a size; itertools.batched comes with Python 3.12."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def slices(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """In order; the last may be shorter; none for no items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
