"""What a scrape tells besides the counts of its process: how things stand in the database and on the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.standing import standing_figures
from answerable.app.project import Project
from answerable.core.figures import Sample

SPOOLS = {
    "journal": ("spool",),
    "happenings": ("spool", "happenings"),
    "events": ("spool", "events"),
    "telemetry": ("spool", "telemetry"),
    "calls": ("calls",),
}
_KINDS = (".jsonl", ".pb")


async def standing_samples(project: Project, database: Database) -> Sequence[Sample]:
    """Of the project's own tenant, and of all that waits on its disk. Raises DatabaseUnreachable."""
    settings = project.settings
    sources = [one.id for one in settings.source]
    tenant, now = settings.project.tenant, datetime.now(UTC)
    return await standing_figures(database, tenant=tenant, sources=sources, now=now)


async def spool_samples(project: Project) -> Sequence[Sample]:
    """What waits on disk, also while the database is away."""
    return await asyncio.to_thread(_spools, project.state)


def _spools(state: Path) -> list[Sample]:
    found = []
    for what, parts in SPOOLS.items():
        sizes = _sizes(state.joinpath(*parts))
        found.append(Sample(name="answerable_spool_files", labels=(what,), value=float(len(sizes))))
        found.append(Sample(name="answerable_spool_bytes", labels=(what,), value=float(sum(sizes))))
    return found


def _sizes(folder: Path) -> list[int]:
    """Of the files that wait; one that is just being taken is none."""
    if not folder.is_dir():
        return []
    sizes = []
    for path in folder.iterdir():
        if path.suffix in _KINDS:
            try:
                sizes.append(path.stat().st_size)
            except FileNotFoundError:
                continue
    return sizes
