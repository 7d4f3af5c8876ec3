"""A Quarantine in memory, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from answerable.core.errors import NotFound
from answerable.core.quarantine import HeldDocument, HeldState


class MemoryQuarantine:
    """As the real one, without an audit log."""

    def __init__(self) -> None:
        self._held: dict[str, dict[str, HeldDocument]] = {}

    async def hold(self, *, tenant: str, held: HeldDocument) -> bool:
        """Whether it is new; an older text of the file that still waits goes."""
        await self._drop(tenant, held.source, [held.uri], but=held.id)
        rows = self._held.setdefault(tenant, {})
        new = held.id not in rows
        rows.setdefault(held.id, replace(held, held_at=datetime.now(UTC)))
        return new

    async def known(self, *, tenant: str, source: str) -> list[HeldDocument]:
        """Of one source, in any state, without the documents."""
        return [replace(one, document=None) for one in self._rows(tenant) if one.source == source]

    async def listed(self, *, tenant: str, state: HeldState | None = HeldState.HELD) -> list[HeldDocument]:
        """Newest first, without the documents; None: of every state."""
        found = [replace(one, document=None) for one in self._rows(tenant) if state in (None, one.state)]
        return sorted(found, key=lambda one: one.held_at or datetime.min.replace(tzinfo=UTC), reverse=True)

    async def get(self, *, tenant: str, reference: str) -> HeldDocument:
        """By id, unique beginning of it, or uri. Raises NotFound."""
        rows = self._rows(tenant)
        named = [one for one in rows if one.uri == reference]
        found = sorted(named, key=lambda one: one.state is not HeldState.HELD)[:1]
        found = found or [one for one in rows if one.id.startswith(reference)]
        if len(found) != 1:
            raise NotFound(f"nothing, or more than one text, is held under {reference!r}")
        return found[0]

    async def decide(self, *, tenant: str, id: str, state: HeldState, by: str, note: str) -> HeldDocument:  # noqa: A002
        """Raises NotFound."""
        rows = self._held.get(tenant, {})
        if id not in rows:
            raise NotFound(f"nothing is held under {id!r}")
        rows[id] = _decided(rows[id], state, by, note)
        return rows[id]

    async def reject(self, *, tenant: str, held: Sequence[HeldDocument], by: str, note: str) -> None:
        """Send texts away."""
        rows = self._held.setdefault(tenant, {})
        for one in held:
            before = rows.get(one.id)
            kept = replace(one, document=one.document or (before.document if before else None))
            rows[one.id] = _decided(
                replace(kept, held_at=before.held_at if before else datetime.now(UTC)),
                HeldState.REJECTED,
                by,
                note,
            )

    async def forget(self, *, tenant: str, source: str, uris: Sequence[str]) -> None:
        """What waited of these files needs no decision."""
        await self._drop(tenant, source, uris, but="")

    async def _drop(self, tenant: str, source: str, uris: Sequence[str], *, but: str) -> None:
        self._held[tenant] = {
            one.id: one
            for one in self._rows(tenant)
            if one.id == but or one.state is not HeldState.HELD or one.source != source or one.uri not in uris
        }

    def _rows(self, tenant: str) -> list[HeldDocument]:
        return list(self._held.get(tenant, {}).values())


def _decided(one: HeldDocument, state: HeldState, by: str, note: str) -> HeldDocument:
    return replace(one, state=state, decided_by=by, note=note, decided_at=datetime.now(UTC))
