"""The parts of drift's jobs, from a running system."""

from __future__ import annotations

from answerable.adapters.postgres.drift import PostgresDrift
from answerable.adapters.postgres.topics import PostgresTopics
from answerable.app.drift.daily import DriftParts
from answerable.app.system import System


def drift_parts(system: System) -> DriftParts:
    """For `drift_daily`."""
    settings = system.settings
    return DriftParts(
        drift=PostgresDrift(system.database),
        topics=PostgresTopics(system.database),
        happenings=system.happenings,
        settings=settings.drift,
        tenant=settings.project.tenant,
        model=system.embedder.model.key,
        timezone=settings.project.timezone,
    )
