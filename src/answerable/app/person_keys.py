"""The keys of pseudonyms that a process holds, renewed in time, so that nobody waits for one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from answerable.core.person_key import Rotation
from answerable.core.ports import PersonKeys
from answerable.monitor.pseudonym import Pseudonyms

_AGAIN = timedelta(hours=6)


@dataclass(slots=True, kw_only=True)
class KeyRing:
    """`tenant` is the home of the keys: those of an installation are one set."""

    keys: PersonKeys
    tenant: str
    rotation: Rotation
    pepper: bytes = b""
    pseudonyms: Pseudonyms = field(init=False)
    _looked: datetime | None = None

    def __post_init__(self) -> None:
        self.pseudonyms = Pseudonyms(rotation=self.rotation)

    async def renew(self, now: datetime) -> None:
        """Read the keys, and make those of now and of the time after; every six hours. Raises Unreachable."""
        if self._looked is not None and abs(now - self._looked) < _AGAIN:
            return
        kept = await self.keys.kept(tenant=self.tenant, rotation=self.rotation, now=now)
        self.pseudonyms = Pseudonyms.over(self.rotation, kept, self.pepper)
        self._looked = now

    async def read(self) -> None:
        """Those that there are, whatever the time; none is made or destroyed. Raises Unreachable."""
        self.pseudonyms = Pseudonyms.over(self.rotation, await self.keys.found(tenant=self.tenant), self.pepper)
