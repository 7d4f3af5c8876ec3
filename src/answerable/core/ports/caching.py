"""Replies that were given before, and to what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from answerable.core.completion import Completion
from answerable.core.prompt import Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheKey:
    """What a reply is an answer to; all of it hashed, nothing of it readable.

    `exact` covers tenant, access, filters, language, prompt, model, question and the context's chunks. `question`
    covers the same without the chunks: what was said to it earlier. `alike` has in the question's place what its
    meaning hangs on, for replies to the same question in other words; empty: not looked for.
    """

    tenant: str
    exact: str
    question: str
    chunk_ids: tuple[str, ...] = ()  # in the order of the context: a citation [n] is the n-th
    alike: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedReply:
    """A reply with what it was made from."""

    key: CacheKey
    completion: Completion
    kept_at: datetime
    vector: bytes = b""  # of the question, little-endian float32; empty: it is not compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """How much a tenant's cache holds."""

    entries: int
    bytes: int  # of the replies' texts
    oldest: datetime | None = None


class Replies(Protocol):
    """The cache, of the tenant's active index. It holds finished replies only: no refusals, no errors, nothing
    that broke or was degraded. A reply is there as long as its time lasts and every chunk it was made from."""

    async def get(self, *, tenant: str, exact: str) -> CachedReply | None:
        """None past its time, and where a chunk it was made from is gone."""
        ...

    async def earlier(self, *, tenant: str, question: str) -> CachedReply | None:
        """The newest reply to the question, whatever its context was. None as in `get`."""
        ...

    async def alike(self, *, tenant: str, alike: str) -> list[CachedReply]:
        """The newest few of the replies with that key. None of them past its time, or without its chunks."""
        ...

    async def put(self, reply: CachedReply, *, ttl_s: float) -> None:
        """Keep it, in the place of one with the same key. Where a chunk is gone already, nothing is kept."""
        ...

    async def forget(self, *, tenant: str, chunk_ids: Sequence[str] = ()) -> int:
        """Drop those made from any of the chunks, all of the tenant's without any; how many they were."""
        ...

    async def census(self, *, tenant: str) -> Census: ...


class Earlier(Protocol):
    """What was said before, for when no model answers."""

    async def earlier(self, rendered: Rendered) -> CachedReply | None:
        """The newest reply to the same question of somebody with the same rights, with the same prompt and model.

        The numbers in its text count into `key.chunk_ids`; the blocks of `rendered` may be other ones, or none.
        Never raises for a cache that does not answer: None.
        """
        ...


class Keeper(Protocol):
    """Where replies are kept once they have passed every check."""

    async def keep(self, rendered: Rendered, completion: Completion) -> None:
        """Only what a model has said now and to the end is kept. Never raises; bounded in time."""
        ...
