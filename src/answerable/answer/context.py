"""The numbered passages an answer is made from, shown to a model as fenced data, never as instructions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from answerable.core.passage import Passage
from answerable.core.prompt import ContextBlock

_FENCE_LOOKALIKE = re.compile(r"<(?=\s*/?\s*(?:source|question|system|user|assistant)\b)", re.I)


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


def render_context(blocks: Sequence[ContextBlock], *, boundary: str) -> str:
    """The blocks as text. `boundary` is random for each request, so that no document can close its own fence."""
    return "\n".join(_render_block(block, boundary) for block in blocks)


def _render_block(block: ContextBlock, boundary: str) -> str:
    passage = block.passage
    date = passage.updated_at.isoformat() if passage.updated_at else "unknown"
    title, section = escape(passage.title), escape(passage.section)
    head = f'<source n="{block.n}" title="{title}" section="{section}" date="{date}" boundary="{boundary}">'
    return f"{head}\n{defuse(passage.chunk.text)}\n</source {boundary}>"


def defuse(text: str) -> str:
    """Text in which nothing looks like one of our fences."""
    return _FENCE_LOOKALIKE.sub("‹", text)
