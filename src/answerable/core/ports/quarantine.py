"""Documents that wait for their owner's decision, and the decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from answerable.core.quarantine import HeldDocument, HeldState


class Quarantine(Protocol):
    """Texts that are held back. It belongs to a tenant, whichever of its indexes is built or searched."""

    async def hold(self, *, tenant: str, held: HeldDocument) -> bool:
        """Keep it, once; whether it is new. A decision that was made stands. An older text of the same file that
        still waits goes: nobody can release it any more."""
        ...

    async def known(self, *, tenant: str, source: str) -> list[HeldDocument]:
        """Of one source, in any state, without the documents."""
        ...

    async def listed(self, *, tenant: str, state: HeldState | None = HeldState.HELD) -> list[HeldDocument]:
        """Newest first, without the documents; None: of every state."""
        ...

    async def get(self, *, tenant: str, reference: str) -> HeldDocument:
        """By id, unique beginning of it, or uri (the newest of that one). Raises NotFound."""
        ...

    async def decide(self, *, tenant: str, id: str, state: HeldState, by: str, note: str) -> HeldDocument:  # noqa: A002
        """Written into the audit log in the same transaction. Raises NotFound."""
        ...

    async def reject(self, *, tenant: str, held: Sequence[HeldDocument], by: str, note: str) -> None:
        """Send texts away that were not held before: what is rolled back or purged must not come in again."""
        ...

    async def forget(self, *, tenant: str, source: str, uris: Sequence[str]) -> None:
        """The files are gone: what waited of them needs no decision. Decisions stay."""
        ...
