"""The topics that questions are told by now: had at once on the answering path, read behind it."""

from __future__ import annotations

from answerable.adapters.postgres.topics import PostgresTopics
from answerable.app.ground import Ground
from answerable.app.project import Project
from answerable.monitor.refreshed import LastRead
from answerable.monitor.topics import Topics

AGE_S = 600.0


def current_topics(project: Project, ground: Ground) -> LastRead[Topics | None]:
    """Not read yet; None where there are none. While the database is away what was known stays."""
    tenant, model = project.settings.project.tenant, ground.embedder.model.key
    kept = PostgresTopics(ground.database)

    async def newest() -> Topics | None:
        found = await kept.newest(tenant=tenant, model=model)
        return None if found is None else Topics.from_json(found)

    return LastRead(read=newest, name="topics", nothing=None, keeps=True, age_s=AGE_S)
