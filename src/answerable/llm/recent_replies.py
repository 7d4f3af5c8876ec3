"""The replies of the last seconds, kept in the process: a rush for one question asks the database once."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from answerable.core.ports import CachedReply, Census, Replies

SECONDS = 5.0  # docs/decisions/0163-*.md: how long another process may still give what was cleared here
MAX_BYTES = 8 * 1024 * 1024
_OVERHEAD = 1024  # bytes of a reply besides its text, about


class Recent:
    """A Replies in front of a Replies. Only exact keys are held: they are made from the passages that were just
    found, so a changed, removed or restricted document has another key already."""

    def __init__(
        self,
        replies: Replies,
        *,
        seconds: float = SECONDS,
        max_bytes: int = MAX_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._replies = replies
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._clock = clock
        self._held: OrderedDict[tuple[str, str], tuple[float, CachedReply]] = OrderedDict()  # until when, what
        self._bytes = 0

    async def get(self, *, tenant: str, exact: str) -> CachedReply | None:
        """The one held, else the one behind."""
        until, reply = self._held.get((tenant, exact), (0.0, None))
        if reply is not None and self._clock() < until:
            self._held.move_to_end((tenant, exact))
            return reply
        self._drop(tenant, exact)
        reply = await self._replies.get(tenant=tenant, exact=exact)
        if reply is not None:
            self._hold(reply)
        return reply

    async def earlier(self, *, tenant: str, question: str) -> CachedReply | None:
        """The one behind."""
        return await self._replies.earlier(tenant=tenant, question=question)

    async def alike(self, *, tenant: str, alike: str) -> list[CachedReply]:
        """Those behind."""
        return await self._replies.alike(tenant=tenant, alike=alike)

    async def put(self, reply: CachedReply, *, ttl_s: float) -> None:
        """Kept behind; held here when it is asked for."""
        self._drop(reply.key.tenant, reply.key.exact)
        await self._replies.put(reply, ttl_s=ttl_s)

    async def forget(self, *, tenant: str, chunk_ids: Sequence[str] = ()) -> int:
        """Here at once; in other processes, what they hold lives on for its seconds."""
        for owner, exact in [key for key in self._held if key[0] == tenant]:
            self._drop(owner, exact)
        return await self._replies.forget(tenant=tenant, chunk_ids=chunk_ids)

    async def census(self, *, tenant: str) -> Census:
        """Of those behind."""
        return await self._replies.census(tenant=tenant)

    def _hold(self, reply: CachedReply) -> None:
        self._drop(reply.key.tenant, reply.key.exact)  # another who asked at the same time may have been faster
        self._held[reply.key.tenant, reply.key.exact] = (self._clock() + self._seconds, reply)
        self._bytes += _size(reply)
        while self._bytes > self._max_bytes:
            _, (_, oldest) = self._held.popitem(last=False)
            self._bytes -= _size(oldest)

    def _drop(self, tenant: str, exact: str) -> None:
        if held := self._held.pop((tenant, exact), None):
            self._bytes -= _size(held[1])


def _size(reply: CachedReply) -> int:
    return _OVERHEAD + len(reply.completion.text.encode()) + len(reply.vector)
