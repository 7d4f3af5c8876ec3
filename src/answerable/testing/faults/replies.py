"""A faulty cache of replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from answerable.core.completion import Completion
from answerable.core.errors import Unreachable
from answerable.core.ports import CachedReply, CacheKey, Replies
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
        """As the harm says; with a slow one, the inner one's."""
        return await self._found(tenant, exact=exact) or await self.inner.get(tenant=tenant, exact=exact)

    async def earlier(self, *, tenant: str, question: str) -> CachedReply | None:
        """As `get`."""
        found = await self._found(tenant, question=question)
        return found or await self.inner.earlier(tenant=tenant, question=question)

    async def put(self, reply: CachedReply, *, ttl_s: float) -> None:
        """Nothing is kept."""
        await self.harm.strike(_GONE)

    async def forget(self, *, tenant: str, chunk_ids: Sequence[str] = ()) -> int:
        """Nothing is dropped."""
        await self.harm.strike(_GONE)
        return 0

    async def _found(self, tenant: str, *, exact: str = "", question: str = "") -> CachedReply | None:
        await self.harm.strike(_GONE)
        if self.harm.fault is not Fault.GARBAGE:
            return None
        key = CacheKey(tenant=tenant, exact=exact, question=question)
        return _nonsense(self.harm.variant or "foreign", key)


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
