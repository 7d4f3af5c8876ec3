"""Cuts a list of texts into batches of like length, so that little is padded."""

from __future__ import annotations

from collections.abc import Sequence

MAX_ROWS = 16  # docs/decisions/0021-embedding-batches.md
MAX_TOKENS = 1536


def batches(lengths: Sequence[int], *, max_rows: int = MAX_ROWS, max_tokens: int = MAX_TOKENS) -> list[list[int]]:
    """Positions grouped by length, longest first; every position is in exactly one batch.

    A batch has at most `max_rows` rows, and at most `max_tokens` tokens with its padding unless it is one row.
    """
    found: list[list[int]] = []
    widest = 0
    for position in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        room = min(max_rows, max_tokens // widest) if widest else 0
        if not found or len(found[-1]) >= max(1, room):
            found.append([])
            widest = max(1, lengths[position])
        found[-1].append(position)
    return found
