"""Whether the callers of long streams still may read them: asked once for all, about twice a second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from answerable.api.access import Caller
from answerable.core.errors import Unreachable
from answerable.core.ports import Tokens
from answerable.core.query import Principal

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True, eq=False)
class Follower:
    """One reader of one stream."""

    caller: Caller
    gone: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True, kw_only=True)
class Followers:
    """Everybody who reads a stream. One question to the database a turn and tenant, however many they are."""

    tokens: Tokens
    every_s: float = 0.5
    _all: set[Follower] = field(default_factory=set)
    _task: asyncio.Task[None] | None = None

    @contextmanager
    def follows(self, caller: Caller) -> Iterator[Follower]:
        """`gone` is set once the caller's credential is void, or gives something else than when it began."""
        one = Follower(caller=caller)
        self._all.add(one)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())
        try:
            yield one
        finally:
            self._all.discard(one)

    async def _watch(self) -> None:
        while self._all:
            await asyncio.sleep(self.every_s)
            for tenant in {one.caller.tenant for one in self._all}:
                try:
                    await self.look(tenant)
                except Unreachable as error:  # nothing can be revoked in a database that is away
                    log.warning("who may still read a stream is not known: %s", error)

    async def look(self, tenant: str) -> None:
        """Ask now. Raises Unreachable."""
        mine = [one for one in self._all if one.caller.tenant == tenant]
        live = await self.tokens.live(tenant=tenant, token_ids=sorted({one.caller.token_id for one in mine}))
        for one in mine:
            now = live.get(one.caller.token_id)
            if now is None or not _as_much(one.caller.principal, now):
                one.gone.set()

    async def close(self) -> None:
        """When the server goes."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


def _as_much(began: Principal, now: Principal) -> bool:
    return set(began.groups) <= set(now.groups) and set(began.roles) <= set(now.roles)
