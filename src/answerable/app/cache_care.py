"""Looking after the cache of replies: what is in it, what it gave, and emptying it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from answerable.adapters.postgres.replies import PostgresReplies
from answerable.app.system import System
from answerable.core.ports import Census

STATUSES = ("published", "draft", "archived")


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheState:
    """The cache of the project's tenant; `answers` of the last day by where they came from."""

    census: Census
    answers: Mapping[str, int]

    @property
    def hits(self) -> int:
        """Answers for which no model was asked again."""
        return sum(count for kind, count in self.answers.items() if kind != "none")

    @property
    def n(self) -> int:
        """Answers in all."""
        return sum(self.answers.values())


async def cache_state(system: System) -> CacheState:
    """As it is now."""
    tenant = system.settings.project.tenant
    replies = PostgresReplies(system.database)
    since = datetime.now(UTC) - timedelta(days=1)
    return CacheState(
        census=await replies.census(tenant=tenant), answers=await replies.answers(tenant=tenant, since=since)
    )


async def clear_cache(system: System, *, document: str = "", groups: Sequence[str] = ()) -> int:
    """Forget all replies, or those made from a document (id, prefix or uri). Raises NotFound."""
    tenant = system.settings.project.tenant
    if not document:
        return await system.replies.forget(tenant=tenant)
    scope = system.scope(groups, status=STATUSES)
    view = await system.documents.document(scope, document)
    chunk_ids = [chunk.id for chunk in view.chunks]
    return await system.replies.forget(tenant=tenant, chunk_ids=chunk_ids) if chunk_ids else 0
