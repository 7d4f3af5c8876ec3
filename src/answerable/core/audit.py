"""The audit log as a chain of hashes: what a row is, and how anybody can check it without the database."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from answerable.core.identity import sha256_hex

BEGINNING = "0" * 64  # what the first row follows


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """Who did what to what. `n` counts a tenant's rows from 1; `previous` is the hash of the row before."""

    tenant: str
    n: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str  # JSON text, exactly as it was hashed
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What a check of a tenant's log found. `broken` is the number of the first row that does not fit."""

    rows: int
    head: str  # the hash of the last row
    broken: int | None = None
    why: str = ""

    @property
    def holds(self) -> bool:
        """Whether nothing was changed, taken out or put in."""
        return self.broken is None


def row_hash(row: AuditRow) -> str:
    """SHA-256 over a JSON list of eight strings, in hex. As the database's `audit_hash` makes it."""
    at = row.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    said = [row.previous, row.tenant, str(row.n), at, row.actor, row.action, row.subject, row.detail]
    return sha256_hex(json.dumps(said, ensure_ascii=False))


def checked_chain(rows: Iterable[AuditRow], *, n: int = 0, head: str = BEGINNING) -> Chain:
    """Follow the rows, which come after row `n` with hash `head`, to the first that does not fit."""
    for row in rows:
        if fault := _fault(row, n + 1, head):
            return Chain(rows=n, head=head, broken=n + 1, why=fault)
        n, head = row.n, row.hash
    return Chain(rows=n, head=head)


def _fault(row: AuditRow, n: int, head: str) -> str:
    if row.n != n:
        return f"row {n} is missing; row {row.n} follows"
    if row.previous != head:
        return "it does not follow the row before it"
    return "" if row.hash == row_hash(row) else "its contents are not what its hash says"
