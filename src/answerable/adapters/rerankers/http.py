"""Reranking by an API: one client, in the shape that its vendor wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from answerable.adapters.account import Account
from answerable.adapters.models.channel import Channel
from answerable.adapters.models.pace import within
from answerable.adapters.models.provider import Provider
from answerable.adapters.rerankers.scoring import DEPTH, reordered, says_something, shown
from answerable.adapters.rerankers.shapes import Shape
from answerable.adapters.rerankers.shapes.shape import billed
from answerable.core.completion import Usage
from answerable.core.errors import PermanentModelError
from answerable.core.passage import Passage
from answerable.core.query import Query
from answerable.core.trace import step
from answerable.text.tokens import token_count

PATH = "/rerank"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReranker:
    """Scores the first `depth` passages in one request; the others stay behind them. Close it at the end.

    A request is never repeated: the time for another one is better spent on the answer.
    """

    provider: Provider
    shape: Shape
    channel: Channel
    account: Account
    depth: int = DEPTH

    @classmethod
    def open(
        cls, provider: Provider, shape: Shape, *, depth: int = DEPTH, account: Account | None = None
    ) -> HttpReranker:
        """With connections of its own."""
        headers = {"authorization": f"Bearer {provider.api_key}"} if provider.api_key else {}
        return cls(
            provider=provider,
            shape=shape,
            channel=Channel(provider, headers=headers),
            account=account or Account(use="rerank", provider=provider.name, model=provider.model),
            depth=depth,
        )

    async def rerank(self, query: Query, passages: Sequence[Passage], *, limit: int) -> list[Passage]:
        """The best `limit`, best first.

        Raises TransientModelError and PermanentModelError, the latter also for a reply that does not score each
        passage exactly once; DeadlineExceeded past the query's own time.
        """
        head = passages[: self.depth]
        if not head or limit <= 0 or not says_something(query):
            return list(passages[: max(0, limit)])
        texts = [shown(passage) for passage in head]
        with step("rerank_http") as one:
            one.detail.update(model=self.provider.model, passages=len(texts))
            scores = await self._scores(query, texts)
        return reordered(passages, scores, scores, name=self.provider.name, limit=limit)

    async def aclose(self) -> None:
        """Close every connection."""
        await self.channel.aclose()

    async def _scores(self, query: Query, texts: Sequence[str]) -> list[float]:
        question = query.text.encode("utf-8", "replace").decode()
        body = self.shape.body(model=self.provider.model, query=question, texts=texts)
        async with self.account.call(_expected(question, texts), deadline=query.deadline, key=query.key) as bill:
            reply = await within(self.channel.post(PATH, body), provider=self.provider, deadline=query.deadline)
            bill.usage = billed(reply)
            try:
                pairs = self.shape.pairs(reply)
            except ValueError as exc:  # pydantic's and json's are ValueErrors
                raise self._malformed("is not of the shape that is configured") from exc
            return self._checked(pairs, len(texts))

    def _checked(self, pairs: Sequence[tuple[int, float]], count: int) -> list[float]:
        """Scores by place: every place once, every score within the shape's bounds (NaN is not)."""
        if sorted(place for place, _ in pairs) != list(range(count)):
            raise self._malformed(f"does not score each of the {count} passages once")
        if not all(self.shape.lowest <= score <= 1.0 for _, score in pairs):
            raise self._malformed(f"holds a score outside [{self.shape.lowest:g}, 1]")
        return [score for _, score in sorted(pairs)]

    def _malformed(self, what: str) -> PermanentModelError:
        return PermanentModelError(
            f"{self.provider.name}: its reply {what}", hint="check the reranker's shape, base_url and model"
        )


def _expected(question: str, texts: Sequence[str]) -> Usage:
    """Services that count tokens count the question with every text."""
    each = token_count(question)
    return Usage(input=sum(token_count(text) + each for text in texts), searches=1, estimated=True)
