"""The pages an answer will be made from, as they are shown before its first word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from answerable.answer.quotation import is_stale
from answerable.core.answer import Citation
from answerable.core.prompt import ContextBlock


def preview(context: Sequence[ContextBlock], *, today: date) -> tuple[Citation, ...]:
    """One entry a block, with the block's own number; its quote is the whole passage."""
    return tuple(
        Citation(
            n=block.n,
            chunk_id=block.passage.chunk.id,
            document_id=block.passage.chunk.document_id,
            quote=block.passage.chunk.text,
            start=block.passage.chunk.start,
            end=block.passage.chunk.end,
            title=block.passage.title,
            section=block.passage.section,
            uri=block.passage.uri,
            source=block.passage.source,
            language=block.passage.language,
            updated_at=block.passage.updated_at,
            version=block.passage.version,
            stale=is_stale(block.passage, today),
        )
        for block in context
    )
