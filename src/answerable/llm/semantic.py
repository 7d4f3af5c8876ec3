"""Replies to the same question in other words: found by meaning, given only where the evidence is there, too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from answerable.core.completion import Completion
from answerable.core.ports import CachedReply, Embedder, Replies, Vector
from answerable.core.prompt import Rendered
from answerable.llm.cache_key import Ground, alike_key
from answerable.llm.patience import Patience
from answerable.llm.sameness import meaning

_MARK = re.compile(r"\[\s*\d{1,3}(?:\s*[,;]\s*\d{1,3})*\s*\]|【\s*\d{1,3}[^】]{0,40}】")
_NUMBER = re.compile(r"\d{1,3}")
_STORED = np.dtype("<f4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Semantic:
    """A candidate must have been given to a question of the same meaning (llm/sameness.py), whose vector is at
    least `threshold` near, and every passage it cites must be in the present context: only writing is saved."""

    embedder: Embedder
    threshold: float
    patience: Patience = field(default_factory=Patience)

    async def described(self, reply: CachedReply, rendered: Rendered, ground: Ground) -> CachedReply:
        """The reply with what others find it by; as it is where the embedder fails."""
        vector = await self._vector(rendered)
        if vector is None:
            return reply
        key = replace(reply.key, alike=alike_key(rendered, ground, meaning(rendered.question, rendered.language)))
        return replace(reply, key=key, vector=vector.astype(_STORED).tobytes())

    async def find(self, replies: Replies, rendered: Rendered, ground: Ground) -> Completion | None:
        """The newest reply that fits, its citations numbered as in the present context."""
        assert rendered.scope is not None  # noqa: S101 - a prompt with a key has one
        alike = alike_key(rendered, ground, meaning(rendered.question, rendered.language))
        found = await self.patience.within(replies.alike(tenant=rendered.scope.tenant, alike=alike))
        if not found or (vector := await self._vector(rendered)) is None:
            return None
        for reply in found:
            if cosine(vector, reply.vector) >= self.threshold and (fits := cited_again(reply, rendered)):
                return fits
        return None

    async def _vector(self, rendered: Rendered) -> Vector | None:
        vectors = await self.patience.within(self.embedder.embed([rendered.question], kind="query"))
        return None if vectors is None else vectors[0]


def cosine(vector: Vector, stored: bytes) -> float:
    """Of two unit vectors; 0 where the stored one is of another dimension."""
    other = np.frombuffer(stored, dtype=_STORED) if len(stored) % _STORED.itemsize == 0 else np.empty(0)
    return float(vector @ other) if other.shape == vector.shape else 0.0


def cited_again(reply: CachedReply, rendered: Rendered) -> Completion | None:
    """The reply with its citations numbered anew; None where it cites what the present context does not show."""
    now = {block.passage.chunk.id: block.n for block in rendered.blocks}
    numbers = {old: now[chunk_id] for old, chunk_id in enumerate(reply.key.chunk_ids, 1) if chunk_id in now}
    text = reply.completion.text
    cited = {int(number) for mark in _MARK.findall(text) for number in _NUMBER.findall(mark)}
    if not cited or not cited <= numbers.keys():
        return None
    return replace(reply.completion, text=_MARK.sub(lambda mark: _renumbered(mark.group(), numbers), text))


def _renumbered(mark: str, numbers: Mapping[int, int]) -> str:
    return _NUMBER.sub(lambda number: str(numbers[int(number.group())]), mark)
