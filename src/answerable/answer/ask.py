"""The main path: a question in, a checked answer or an honest non-answer out."""

from __future__ import annotations

from dataclasses import dataclass

from answerable.core.answer import Answer
from answerable.core.events import Listener, ignore
from answerable.core.passage import Passage
from answerable.core.query import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """A frozen set of ports; a variant is `replace(asker, reranker=KeepOrder())`."""

    async def ask(self, query: Query, *, listen: Listener = ignore) -> Answer:
        """Answer the question; every refusal and failure is an Answer with its outcome."""
        raise NotImplementedError

    async def search(self, query: Query, *, limit: int) -> list[Passage]:
        """Retrieval alone, best first."""
        raise NotImplementedError
