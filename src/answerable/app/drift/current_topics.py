"""The topics that questions are told by now: asked of on the answering path, read behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy.typing as npt

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.topics import PostgresTopics
from answerable.monitor.topics import Topics


@dataclass(slots=True, kw_only=True)
class CurrentTopics:
    """`topic_of` and `novelty_of` never wait; before the first `refresh` nothing is known.

    `model` is the key of the embedder's space (app/embedding.py embedding_key).
    """

    topics: PostgresTopics
    tenant: str
    model: str
    _now: Topics | None = None

    def topic_of(self, vector: npt.ArrayLike) -> str:
        """The id of a question's topic; `other` where it is near none, empty where there are no topics."""
        return "" if self._now is None else self._now.topic_of(vector)

    def novelty_of(self, vector: npt.ArrayLike) -> float | None:
        """How far a question is from every case of the evaluation, in [0, 2]; None: unmeasured."""
        return None if self._now is None else self._now.novelty_of(vector)

    async def refresh(self) -> Topics | None:
        """Take up what is kept. Raises DatabaseUnreachable; then what was known stays."""
        kept = await self.topics.newest(tenant=self.tenant, model=self.model)
        self._now = None if kept is None else Topics.from_json(kept)
        return self._now


def current_topics(database: Database, *, tenant: str, model: str) -> CurrentTopics:
    """Not read yet."""
    return CurrentTopics(topics=PostgresTopics(database), tenant=tenant, model=model)
