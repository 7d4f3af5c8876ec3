"""What answers when no model does: what was said to the same question before, then the sources' own sentences."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace

from answerable.answer.deadlines import SHIPPED, Plan
from answerable.answer.extractive import NAME, NO_ANSWER
from answerable.answer.seam import own_passages
from answerable.core.completion import Completion, Usage
from answerable.core.deadline import Deadline
from answerable.core.degraded import CACHED_EARLIER
from answerable.core.errors import Unreachable
from answerable.core.passage import Passage
from answerable.core.ports import LLM, CachedReply, Earlier, Store
from answerable.core.prompt import ContextBlock, Rendered
from answerable.core.query import Query
from answerable.core.seam import seam

HANDED_OVER = "handed_over"
_NUMBERS = re.compile(
    r"\[\s*\d{1,3}(?:\s*[,;]\s*\d{1,3})*\s*\]|【\s*\d{1,3}[^】]{0,40}】"
)  # as draft.py reads them
_NUMBER = re.compile(r"\d{1,3}")


@dataclass(frozen=True, slots=True)
class HandOver:
    """Stands at the end of a chain, in the place of the rungs: it has nothing to say but that it is their turn."""

    @property
    def name(self) -> str:
        """As the last of the rungs."""
        return NAME

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """No answer, with the finish that says so."""
        return Completion(text=NO_ANSWER, model=NAME, provider=NAME, finish=HANDED_OVER)

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncIterator[str | Completion]:
        """The same."""
        yield NO_ANSWER
        yield await self.complete(rendered, deadline=deadline)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """An earlier reply, and the passages that its numbers mean now."""

    completion: Completion
    blocks: tuple[ContextBlock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rungs:
    """Below the models, from the top down. Either may be missing."""

    store: Store
    earlier: Earlier | None = None
    extractive: LLM | None = None
    plan: Plan = SHIPPED

    async def recall(self, rendered: Rendered, query: Query) -> Recalled | None:
        """What was said to the question before; None when any passage it cites cannot be read any more by whoever
        asks now. It serves whole or not at all, and every sentence is checked against its passage again."""
        if self.earlier is None:
            return None
        try:
            return await self.plan.within("earlier", query.deadline, self._recall(self.earlier, rendered, query))
        except (Unreachable, TimeoutError):
            return None

    async def _recall(self, earlier: Earlier, rendered: Rendered, query: Query) -> Recalled | None:
        with seam("cache"):
            reply = await earlier.earlier(rendered)
        if reply is None:
            return None
        cited = cited_chunks(reply)
        known = {block.passage.chunk.id: block.passage for block in rendered.blocks}
        if missing := [one for one in cited.values() if one not in known]:
            with seam("store"):
                async with self.store.snapshot(query.scope) as view:
                    found = own_passages(await view.get(missing), query.scope)
            known |= {one.chunk.id: one for one in found}
        if not cited or any(one not in known for one in cited.values()):
            return None
        return recalled(reply, cited, rendered.blocks, known)


def cited_chunks(reply: CachedReply) -> dict[int, str]:
    """The chunk behind each number of the text, in order of first use; numbers that mean none are left out."""
    ids = reply.key.chunk_ids
    numbers = [int(one) for mark in _NUMBERS.findall(reply.completion.text) for one in _NUMBER.findall(mark)]
    return {n: ids[n - 1] for n in dict.fromkeys(numbers) if 0 < n <= len(ids)}


def recalled(
    reply: CachedReply, cited: Mapping[int, str], blocks: Sequence[ContextBlock], known: Mapping[str, Passage]
) -> Recalled:
    """The reply with its numbers pointing into today's blocks, those added that it needs besides."""
    places = {block.passage.chunk.id: block.n for block in blocks}
    more: list[ContextBlock] = []
    for chunk in cited.values():
        if chunk not in places:
            places[chunk] = max((block.n for block in blocks), default=0) + len(more) + 1
            more.append(ContextBlock(n=places[chunk], passage=known[chunk]))

    def renumbered(mark: re.Match[str]) -> str:
        numbers = [places[cited[n]] for n in map(int, _NUMBER.findall(mark.group())) if n in cited]
        return f"[{', '.join(map(str, numbers))}]" if numbers else ""

    completion = replace(
        reply.completion,
        text=_NUMBERS.sub(renumbered, reply.completion.text),
        usage=Usage(),
        cache="earlier",
        attempts=(),
        degraded=(CACHED_EARLIER,),
    )
    return Recalled(completion=completion, blocks=(*blocks, *more))
