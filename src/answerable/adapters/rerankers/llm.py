"""Reranking by a language model: all passages in one prompt, and only their numbers in the reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError

from answerable.adapters.rerankers.scoring import reordered, says_something, shown
from answerable.core.errors import PermanentModelError
from answerable.core.passage import Passage
from answerable.core.ports import LLM
from answerable.core.prompt import Piece, Rendered
from answerable.core.query import Query
from answerable.core.trace import step
from answerable.text.objects import json_objects

DEPTH = 20  # RankGPT's window (Sun et al. 2023, arXiv:2304.09542, section 3.2)
MOST_CHARS = 1200  # of a passage: 20 of them are some 6,000 tokens
MOST_REPLY_CHARS = 8000

Render = Callable[[Mapping[str, str | Sequence[Piece]]], Rendered]  # of question, passages, count


class _Reply(BaseModel):
    """What was said. Keys of the model's own are ignored; ours are strict."""

    model_config = ConfigDict(extra="ignore", strict=True)

    token: str
    order: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LLMReranker:
    """Listwise. The model names passages by number: it can neither add nor lose one.

    A number that is none or was named before is passed over; what is not named keeps its order behind the named.
    """

    llm: LLM
    render: Render
    depth: int = DEPTH

    async def rerank(self, query: Query, passages: Sequence[Passage], *, limit: int) -> list[Passage]:
        """The best `limit`, best first; the scores are those that came, in the new order.

        Raises what the model raises, and PermanentModelError for a reply without an order.
        """
        head = passages[: self.depth]
        if not head or limit <= 0 or not says_something(query):
            return list(passages[: max(0, limit)])
        with step("rerank_llm") as one:
            order = await self._order(query, [shown(passage) for passage in head])
            one.detail.update(model=self.llm.name, named=len(order), passages=len(head))
        ranks = order + [place for place in range(len(head)) if place not in set(order)]
        scores = sorted((passage.score for passage in head), reverse=True)
        place_of = {place: rank for rank, place in enumerate(ranks)}
        keys = [1.0 / (1 + place_of[place]) for place in range(len(head))]
        return reordered(
            passages, keys, [scores[place_of[place]] for place in range(len(head))], name="llm", limit=limit
        )

    async def _order(self, query: Query, texts: Sequence[str]) -> list[int]:
        passages = [Piece(name=f"passage {n}", text=text[:MOST_CHARS]) for n, text in enumerate(texts, 1)]
        rendered = self.render(
            {"question": query.text[:MOST_CHARS], "passages": passages, "count": str(len(texts))}
        )
        completion = await self.llm.complete(rendered, deadline=query.deadline)
        reply = read_order(completion.text, token=rendered.boundary, count=len(texts))
        if not reply:
            raise PermanentModelError(f"{self.llm.name} gave no order of the passages", hint="try another model")
        return reply


def read_order(text: str, *, token: str, count: int) -> list[int]:
    """Places from 0 out of the reply's last object with the call's token; empty where there is none."""
    found: list[int] = []
    for value in json_objects(text[-MOST_REPLY_CHARS:]):
        try:
            reply = _Reply.model_validate(value)
        except ValidationError:
            continue
        if reply.token == token:
            found = [number - 1 for number in dict.fromkeys(reply.order) if 1 <= number <= count]
    return found
