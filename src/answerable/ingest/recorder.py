"""The ledger of one source as a sync writes it: in small batches, and never before what it says is true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from answerable.core.ports import FileState, Ledger


@dataclass(slots=True, kw_only=True)
class Recorder:
    """What a kill keeps from being recorded (fewer than `batch` files) is done once more, to the same end."""

    ledger: Ledger
    tenant: str
    source: str
    batch: int
    _waiting: list[FileState] = field(init=False, default_factory=list)

    async def files(self) -> dict[str, FileState]:
        """What the last sync left, by uri."""
        return await self.ledger.files(tenant=self.tenant, source=self.source)

    async def announce(self, states: Sequence[FileState]) -> None:
        """Say that documents are about to be stored; without a hash, their files are due until they are recorded.

        Else a document would be orphaned whose sync is killed right after it was stored and whose file is gone
        before the next.
        """
        if states:
            unfinished = [replace(state, sha256="") for state in states]
            await self.ledger.record(tenant=self.tenant, source=self.source, states=unfinished)

    async def add(self, state: FileState) -> None:
        """Record soon."""
        self._waiting.append(state)
        if len(self._waiting) >= self.batch:
            await self.flush()

    async def flush(self) -> None:
        """Record now."""
        states, self._waiting = self._waiting, []
        if states:
            await self.ledger.record(tenant=self.tenant, source=self.source, states=states)

    async def forget(self, uris: Sequence[str]) -> None:
        """The files are gone, and so are their documents."""
        await self.ledger.forget(tenant=self.tenant, source=self.source, uris=uris)
