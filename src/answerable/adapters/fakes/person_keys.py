"""Keys of pseudonyms in memory."""

from __future__ import annotations

import secrets
from datetime import datetime

from answerable.core.person_key import KEY_BYTES, PersonKey, Rotation


class MemoryPersonKeys:
    """Keys that are gone with the process."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, datetime], PersonKey] = {}

    async def kept(self, *, tenant: str, rotation: Rotation, now: datetime) -> list[PersonKey]:
        """Make the keys of now and of the time after it, destroy the dead ones, and give those that there are."""
        for at in (now, rotation.span(now)[1]):
            starts, ends = rotation.span(at)
            made = PersonKey(starts=starts, ends=ends, secret=secrets.token_bytes(KEY_BYTES))
            self._keys.setdefault((tenant, starts), made)
        dead = [key for key, one in self._keys.items() if key[0] == tenant and one.ends < rotation.dead(now)]
        for one in dead:
            del self._keys[one]
        return await self.found(tenant=tenant)

    async def found(self, *, tenant: str) -> list[PersonKey]:
        """Those that there are; nothing is made or destroyed."""
        return [self._keys[key] for key in sorted(self._keys) if key[0] == tenant]
