"""Recorded conflicts in memory, over any Documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from answerable.core.conflict import ConflictState, DocumentConflict, Recorded, Side
from answerable.core.errors import NotFound
from answerable.core.ports import Documents
from answerable.core.query import Filter, Scope


class MemoryConflicts:
    """The Conflicts port. `groups` are all groups there are: recording looks at every document."""

    def __init__(self, documents: Documents, *, groups: Sequence[str] = ("public",)) -> None:
        self._documents = documents
        self._groups = tuple(groups)
        self._open: dict[str, dict[str, DocumentConflict]] = {}
        self._closed: dict[str, dict[str, DocumentConflict]] = {}

    async def record(self, *, tenant: str, found: Sequence[DocumentConflict]) -> Recorded:
        """Open, keep and close."""
        known = self._open.get(tenant, {})
        before = {**self._closed.get(tenant, {}), **known}
        there = [one for one in found if await self._is_there(tenant, one)]
        now = {one.id: _kept(one, before.get(one.id)) for one in there}
        gone = {key: one for key, one in known.items() if key not in {each.id for each in found}}
        self._closed[tenant] = {**{k: v for k, v in before.items() if k not in now}, **gone}
        self._open[tenant] = now
        counted = [key for key, one in now.items() if not one.both_stand]
        return Recorded(
            opened=sum(key not in before for key in counted),
            known=sum(key in before for key in counted),
            closed=sum(not one.both_stand for one in gone.values()),
        )

    async def conflicts(self, *, tenant: str) -> list[DocumentConflict]:
        """Not closed ones, by id."""
        listed = []
        for _, one in sorted(self._open.get(tenant, {}).items()):
            first, second = await self._now(tenant, one.first), await self._now(tenant, one.second)
            if first and second and not one.both_stand:
                listed.append(replace(one, first=first, second=second))
        return listed

    async def decide(self, *, tenant: str, conflict_id: str, state: ConflictState, note: str, by: str) -> None:
        """Raises NotFound."""
        one = self._open.get(tenant, {}).get(conflict_id)
        if one is None or one.both_stand:
            raise NotFound(
                f"there is no open conflict {conflict_id!r}", hint="`answerable data conflicts` lists them"
            )
        decided = replace(one, state=state, note=note, decided_by=by)
        self._open[tenant][conflict_id] = decided

    async def both_stand(self, *, tenant: str, conflict_id: str) -> bool:
        """Accepted, or decided so."""
        one = self._open.get(tenant, {}).get(conflict_id)
        return one is not None and (one.both_stand or one.state is ConflictState.ACCEPTED)

    async def standing(self, scope: Scope, *, document_ids: Sequence[str]) -> list[DocumentConflict]:
        """For one reader, by id."""
        found = []
        for one in await self.conflicts(tenant=scope.tenant):
            if not {side.document_id for side in one.sides} & set(document_ids):
                continue
            first, second = await self._seen(scope, one.first), await self._seen(scope, one.second)
            if first and second:
                found.append(replace(one, first=first, second=second))
        return found

    async def _seen(self, scope: Scope, side: Side) -> Side | None:
        try:
            view = await self._documents.document(scope, side.document_id)
        except NotFound:
            return None
        for chunk in view.chunks:
            at = chunk.text.find(side.text)
            if chunk.level == 0 and at >= 0:
                start = chunk.start + at
                return replace(side, chunk_id=chunk.id, start=start, end=start + len(side.text))
        return None

    async def _is_there(self, tenant: str, one: DocumentConflict) -> bool:
        return all([await self._now(tenant, side) for side in one.sides])

    async def _now(self, tenant: str, side: Side) -> Side | None:
        """With what is known of the document now; None where it is gone."""
        scope = Scope(tenant=tenant, groups=self._groups, filter=Filter(status=()))
        try:
            view = await self._documents.document(scope, side.document_id)
        except NotFound:
            return None
        updated = date.fromisoformat(view.updated_at) if view.updated_at else None
        return replace(
            side, uri=view.uri, source=view.source, title=view.title, owner=view.owner, updated_at=updated
        )


def _kept(one: DocumentConflict, known: DocumentConflict | None) -> DocumentConflict:
    if known is None:
        return one
    return replace(one, state=known.state, note=known.note, decided_by=known.decided_by)
