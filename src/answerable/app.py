"""The composition root: settings to a running system; the only place that wires."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from answerable.core.passage import Passage
from answerable.core.query import Query

if TYPE_CHECKING:
    from answerable.answer.ask import Asker
    from answerable.config import Settings
    from answerable.core.ports import Documents, Embedder, Journal, Ledger, Store, Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Everything a face may use."""

    settings: Settings
    asker: Asker  # async ask(query, *, listen=ignore) -> Answer
    embedder: Embedder
    store: Store
    documents: Documents
    ledger: Ledger
    journal: Journal
    tokens: Tokens

    async def search(self, query: Query, *, limit: int) -> list[Passage]:
        """Retrieval alone: embed, dense beside lexical, fuse, rerank."""
        return await self.asker.search(query, limit=limit)
