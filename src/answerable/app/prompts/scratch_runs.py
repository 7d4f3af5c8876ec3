"""Evaluation runs of a sandbox: forgotten with it, so that none is `latest`, a baseline or a version's effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from answerable.adapters.fakes.runs import MemoryRuns
from answerable.core.evaluation import Row, Run
from answerable.core.ports import Runs


@dataclass(frozen=True, slots=True, kw_only=True)
class ScratchRuns:
    """Reads rows that real runs have paid for, and writes into memory alone."""

    kept: Runs
    own: MemoryRuns = field(default_factory=MemoryRuns)

    async def start(self, run: Run) -> Run:
        """Begin, in memory."""
        return await self.own.start(run)

    async def add(self, *, tenant: str, run: str, row: Row) -> None:
        """Raises NotFound."""
        await self.own.add(tenant=tenant, run=run, row=row)

    async def finish(self, *, tenant: str, run: str) -> Run:
        """Raises NotFound."""
        return await self.own.finish(tenant=tenant, run=run)

    async def run(self, *, tenant: str, reference: str) -> Run:
        """Of this sandbox. Raises NotFound."""
        return await self.own.run(tenant=tenant, reference=reference)

    async def runs(self, *, tenant: str, limit: int = 20) -> list[Run]:
        """Of this sandbox, newest first."""
        return await self.own.runs(tenant=tenant, limit=limit)

    async def rows(self, *, tenant: str, run: str) -> list[Row]:
        """By case id, then repeat. Raises NotFound."""
        return await self.own.rows(tenant=tenant, run=run)

    async def cached(self, *, tenant: str, keys: Sequence[str]) -> Mapping[str, Row]:
        """Rows that were measured here or in a real run, by key."""
        return {
            **await self.kept.cached(tenant=tenant, keys=keys),
            **await self.own.cached(tenant=tenant, keys=keys),
        }
