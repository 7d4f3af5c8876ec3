"""The audit log in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from answerable.core.audit import BEGINNING, AuditRow, Chain, checked_chain, row_hash


class MemoryAudit:
    """An Audit that forgets everything when the process ends. `now` gives the time, with its zone."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.written: list[AuditRow] = []
        self._now = now

    async def record(
        self, *, tenant: str, actor: str, action: str, subject: str, detail: Mapping[str, Any] | None = None
    ) -> AuditRow:
        """Write one row, for good."""
        before = self._of(tenant)
        row = AuditRow(
            tenant=tenant,
            n=len(before) + 1,
            at=self._now(),
            actor=actor,
            action=action,
            subject=subject,
            detail=json.dumps(dict(detail or {}), ensure_ascii=False),
            previous=before[-1].hash if before else BEGINNING,
            hash="",
        )
        row = replace(row, hash=row_hash(row))
        self.written.append(row)
        return row

    async def rows(self, *, tenant: str, after: int = 0, limit: int = 100) -> list[AuditRow]:
        """Oldest first, from the row after number `after` on."""
        return [row for row in self._of(tenant) if row.n > after][:limit]

    async def latest(self, *, tenant: str, limit: int = 50, action: str = "", subject: str = "") -> list[AuditRow]:
        """Newest first."""
        found = [row for row in self._of(tenant) if row.action.startswith(action) and subject in ("", row.subject)]
        return found[::-1][:limit]

    async def verify(self, *, tenant: str, n: int = 0, head: str = "") -> Chain:
        """Compute the chain again."""
        rows = self._of(tenant)
        chain = checked_chain(rows)
        noted = next((row.hash for row in rows if row.n == n), None)
        if chain.holds and head and noted != head:
            why = "it is gone" if noted is None else "it had another hash when that was noted"
            return replace(chain, broken=n, why=why)
        return chain

    def _of(self, tenant: str) -> list[AuditRow]:
        return [row for row in self.written if row.tenant == tenant]
