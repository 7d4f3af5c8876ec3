"""The numbered passages an answer is made from, as pieces for a prompt: data, never instructions."""

from __future__ import annotations

from collections.abc import Sequence

from answerable.core.passage import Passage
from answerable.core.prompt import ContextBlock, Piece


def build_context(passages: Sequence[Passage], *, budget: int) -> tuple[ContextBlock, ...]:
    """Number the passages in order, as many as fit into `budget` tokens; the first always fits."""
    blocks: list[ContextBlock] = []
    spent = 0
    for passage in passages:
        cost = passage.chunk.tokens or len(passage.chunk.text) // 4
        if blocks and spent + cost > budget:
            continue
        spent += cost
        blocks.append(ContextBlock(n=len(blocks) + 1, passage=passage))
    return tuple(blocks)


def pieces(blocks: Sequence[ContextBlock]) -> tuple[Piece, ...]:
    """The blocks for a prompt, each with its number and what is known of its document."""
    return tuple(_piece(block) for block in blocks)


def _piece(block: ContextBlock) -> Piece:
    passage = block.passage
    date = passage.updated_at.isoformat() if passage.updated_at else "unknown"
    about = {"n": str(block.n), "title": passage.title, "section": passage.section, "date": date}
    return Piece(name="source", text=passage.chunk.text, about=tuple(about.items()))
