"""Whether the pages of a context disagree about what is asked, and the answer that shows both."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from answerable.answer.conflict import Conflict, find_conflict
from answerable.answer.deadlines import SHIPPED, Plan
from answerable.answer.recorded import is_accepted, look_up, recorded_conflict, settled
from answerable.answer.seam import seam
from answerable.core.conflict import DocumentConflict
from answerable.core.degraded import NO_RECORDED_CONFLICTS
from answerable.core.errors import Unreachable
from answerable.core.ports import Conflicts, Store
from answerable.core.prompt import ContextBlock
from answerable.core.query import Query
from answerable.core.trace import skip, step

A = TypeVar("A")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Looks for it. What was recorded is left out when it cannot be read in time, and the answer says so."""

    store: Store
    conflicts: Conflicts | None = None
    on_conflict: str = "show_both"  # show_both | newest | source_priority
    source_priority: tuple[str, ...] = ()
    plan: Plan = SHIPPED

    async def find(
        self, query: Query, context: Sequence[ContextBlock], weights: Mapping[str, float]
    ) -> Conflict | None:
        """What the context itself shows comes first, then what was recorded; neither against an owner's word."""
        with step("conflicts") as one:
            standing = await self._standing(query, context)
            conflict = find_conflict(context, weights)
            if conflict and (is_accepted(conflict, standing) or await self._both_stand(query, conflict)):
                conflict = None
            conflict = conflict or await self._recorded(standing, query, context, weights)
            if conflict:
                conflict = settled(conflict, on_conflict=self.on_conflict, priority=self.source_priority)
                one.detail.update(sides=[conflict.first.text, conflict.second.text], rule=conflict.rule)
        return conflict

    async def _standing(self, query: Query, context: Sequence[ContextBlock]) -> tuple[DocumentConflict, ...]:
        if self.conflicts is None:
            return ()
        return await self._in_time(query, look_up(self.conflicts, query, context), ())

    async def _both_stand(self, query: Query, conflict: Conflict) -> bool:
        """Whether the two were compared before, with all that their pages say, and found to be no conflict."""
        if self.conflicts is None:
            return False
        found = self.conflicts.both_stand(tenant=query.tenant, conflict_id=conflict.id)
        return await self._in_time(query, found, False)

    async def _recorded(
        self,
        standing: Sequence[DocumentConflict],
        query: Query,
        context: Sequence[ContextBlock],
        weights: Mapping[str, float],
    ) -> Conflict | None:
        if not standing:
            return None
        return await self._in_time(query, recorded_conflict(standing, self.store, query, context, weights), None)

    async def _in_time(self, query: Query, work: Coroutine[Any, Any, A], otherwise: A) -> A:
        try:
            with seam("conflicts"):
                return await self.plan.within("conflicts", query.deadline, work)
        except (Unreachable, TimeoutError):
            skip(NO_RECORDED_CONFLICTS)
            return otherwise
