"""A cache of replies in memory: what users test with."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from answerable.adapters.fakes.store import MemoryStore
from answerable.core.ports import CachedReply, Census

_ALIKE = 5


class MemoryReplies:
    """A Replies that forgets everything when the process ends.

    With a `store`, a reply whose chunks are not all in it is gone; without one they are taken to be there.
    """

    def __init__(self, store: MemoryStore | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._kept: dict[
            tuple[str, str], tuple[float, CachedReply]
        ] = {}  # by tenant and exact key: until when, what

    async def get(self, *, tenant: str, exact: str) -> CachedReply | None:
        """None past its time, and where a chunk is gone."""
        return next((one for one in self._alive(tenant) if one.key.exact == exact), None)

    async def earlier(self, *, tenant: str, question: str) -> CachedReply | None:
        """The newest."""
        return next((one for one in self._alive(tenant) if one.key.question == question), None)

    async def alike(self, *, tenant: str, alike: str) -> list[CachedReply]:
        """At most five, the newest first."""
        return [one for one in self._alive(tenant) if alike and one.key.alike == alike][:_ALIKE]

    async def put(self, reply: CachedReply, *, ttl_s: float) -> None:
        """Nothing, where a chunk is gone already."""
        if self._whole(reply):
            self._kept[reply.key.tenant, reply.key.exact] = (self._clock() + ttl_s, reply)

    async def forget(self, *, tenant: str, chunk_ids: Sequence[str] = ()) -> int:
        """How many they were."""
        wanted = set(chunk_ids)
        gone = [
            key
            for key, (_, reply) in self._kept.items()
            if key[0] == tenant and (not wanted or wanted & set(reply.key.chunk_ids))
        ]
        for key in gone:
            del self._kept[key]
        return len(gone)

    async def census(self, *, tenant: str) -> Census:
        """What may still be given."""
        found = self._alive(tenant)
        size = sum(len(one.completion.text.encode()) for one in found)
        return Census(entries=len(found), bytes=size, oldest=min((one.kept_at for one in found), default=None))

    def _alive(self, tenant: str) -> list[CachedReply]:
        """The newest first."""
        now = self._clock()
        found = [
            reply
            for (owner, _), (until, reply) in self._kept.items()
            if owner == tenant and until > now and self._whole(reply)
        ]
        return sorted(found, key=lambda one: one.kept_at, reverse=True)

    def _whole(self, reply: CachedReply) -> bool:
        return self._store is None or self._store.holds(reply.key.tenant, reply.key.chunk_ids)
