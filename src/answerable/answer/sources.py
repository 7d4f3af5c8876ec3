"""The pages an answer will be made from, as they are shown before its first word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from answerable.answer.quotation import point
from answerable.core.answer import Citation
from answerable.core.prompt import ContextBlock


def preview(context: Sequence[ContextBlock], *, today: date) -> tuple[Citation, ...]:
    """One entry a block, with the block's own number; its quote is the whole passage."""
    return tuple(
        point(block.passage, 0, len(block.passage.chunk.text), n=block.n, today=today) for block in context
    )
