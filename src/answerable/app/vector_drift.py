"""Whether every document's vectors are where they are searched: doctor looks, index repair puts it right."""

from __future__ import annotations

from answerable.adapters.stores.drift import Drift, Reconciler
from answerable.app.stores import index_of, make_reconciler
from answerable.app.system import System


async def look_at_vectors(system: System) -> tuple[str, Drift]:
    """Where they lie, and what is not as it should be. Raises what the outside index raises."""
    index = index_of(system.store)
    said = "in Postgres" if index is None else await index.describe()
    return said, await _reconciler(system).find(tenant=system.settings.project.tenant)


async def repair_vectors(system: System) -> tuple[Drift, Drift]:
    """What was wrong, and what still is."""
    tenant, reconciler = system.settings.project.tenant, _reconciler(system)
    return await reconciler.repair(tenant=tenant), await reconciler.find(tenant=tenant)


def counts_of(drift: Drift) -> dict[str, int]:
    """By name, as people are told."""
    return {
        "live outside": drift.live,
        "waiting in Postgres": drift.waiting,
        "replaced, to be deleted": drift.superseded,
        "left by a dead sender": drift.abandoned,
        "documents without vectors": len(drift.bare),
        "documents with lost points": len(drift.missing),
        "points of nobody": sum(map(len, drift.orphans.values())),
    }


def told(drift: Drift) -> str:
    """What is there of each, on one line."""
    return ", ".join(f"{count} {name}" for name, count in counts_of(drift).items() if count) or "nothing amiss"


def _reconciler(system: System) -> Reconciler:
    return make_reconciler(
        system.database,
        system.store,
        embedder=system.embedder,
        ledger=system.ledger,
        tenant=system.settings.project.tenant,
    )
