"""Contradictions between documents: found offline, decided by owners, looked up for answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from answerable.core.conflict import ConflictState, DocumentConflict, Recorded
from answerable.core.query import Scope


class Conflicts(Protocol):
    """Recorded conflicts of a tenant. Doing a thing twice is doing it once: ids come from content."""

    async def record(self, *, tenant: str, found: Sequence[DocumentConflict]) -> Recorded:
        """Open what is new, keep what is known in its state, close what is not among `found`: all there are now.

        Pairs of which both stand are kept, too, for `both_stand`; nothing else ever gives or counts them.

        A conflict of a document that is gone meanwhile is left out.
        """
        ...

    async def conflicts(self, *, tenant: str) -> list[DocumentConflict]:
        """All that are not closed, by id; each with its state and what was said of it."""
        ...

    async def decide(self, *, tenant: str, conflict_id: str, state: ConflictState, note: str, by: str) -> None:
        """An owner's word. Raises NotFound for an unknown or closed one."""
        ...

    async def both_stand(self, *, tenant: str, conflict_id: str) -> bool:
        """Whether a pair is known to be none: accepted by an owner, of different scope, or one side superseded."""
        ...

    async def standing(self, scope: Scope, *, document_ids: Sequence[str]) -> list[DocumentConflict]:
        """Those not closed with a side in one of the documents, by id; each side with the chunk that holds it now.

        Only where the scope may read both documents, and where both sentences still stand in them word for word.
        """
        ...
