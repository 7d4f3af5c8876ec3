"""A faulty cache of replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from answerable.core.completion import Completion
from answerable.core.errors import Unreachable
from answerable.core.ports import CachedReply, CacheKey, Census, Replies
from answerable.testing.faults.fault import Fault
from answerable.testing.faults.foreign import MARK, TENANT
from answerable.testing.faults.harm import Harm

REPLIES = ("foreign", "another-question", "no-completion", "no-text", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyReplies:
    """A Replies that fails as told. It keeps nothing: a drill leaves no reply behind."""

    inner: Replies
    harm: Harm

    async def get(self, *, tenant: str, exact: str) -> CachedReply | None:
        """As the harm says; a slow one is right."""
        await self.harm.strike(_GONE)
        if self.harm.fault is Fault.SLOW:
            return await self.inner.get(tenant=tenant, exact=exact)
        return self._wrong(CacheKey(tenant=tenant, exact=exact, question=""))

    async def earlier(self, *, tenant: str, question: str) -> CachedReply | None:
        """As `get`."""
        await self.harm.strike(_GONE)
        if self.harm.fault is Fault.SLOW:
            return await self.inner.earlier(tenant=tenant, question=question)
        return self._wrong(CacheKey(tenant=tenant, exact="", question=question))

    async def alike(self, *, tenant: str, alike: str) -> list[CachedReply]:
        """As `get`."""
        await self.harm.strike(_GONE)
        if self.harm.fault is Fault.SLOW:
            return await self.inner.alike(tenant=tenant, alike=alike)
        wrong = self._wrong(CacheKey(tenant=tenant, exact="", question="", alike=alike))
        return [] if wrong is None else [wrong]

    async def census(self, *, tenant: str) -> Census:
        """The inner one's."""
        return await self.inner.census(tenant=tenant)

    async def put(self, reply: CachedReply, *, ttl_s: float) -> None:
        """Nothing is kept."""
        await self.harm.strike(_GONE)

    async def forget(self, *, tenant: str, chunk_ids: Sequence[str] = ()) -> int:
        """Nothing is dropped."""
        await self.harm.strike(_GONE)
        return 0

    def _wrong(self, key: CacheKey) -> CachedReply | None:
        return _nonsense(self.harm.variant or "foreign", key) if self.harm.fault is Fault.GARBAGE else None


_GONE = Unreachable("a drill: the cache does not answer")


def _nonsense(variant: str, key: CacheKey) -> CachedReply:
    """A damaged reply, one of REPLIES."""
    said = f"{MARK} is 4711 [1]."
    good = CachedReply(
        key=key, completion=Completion(text=said, model="scripted", provider="cache"), kept_at=datetime.now(UTC)
    )
    wrong: dict[str, Any] = {
        "foreign": replace(good, key=replace(key, tenant=TENANT)),
        "another-question": replace(good, key=replace(key, exact="0" * 64, question="0" * 64)),
        "no-completion": replace(good, completion=None),  # type: ignore[arg-type]
        "no-text": replace(good, completion=Completion(text=None, model="")),  # type: ignore[arg-type]
        "text": said,
    }
    return wrong[variant]  # type: ignore[no-any-return]
