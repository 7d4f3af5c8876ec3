"""What may explain a change: what we did, what providers did, and what became of the data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from answerable.adapters.postgres.drift import PostgresDrift
from answerable.core.ports import Happening
from answerable.monitor.drift.blame import Mark
from answerable.monitor.drift.finding import Cause
from answerable.monitor.drift.signals import CANARY

NAMES: Mapping[str, Cause] = {
    "deploy.marked": Cause.US,
    "rollout.changed": Cause.US,
    "incident.opened": Cause.US,
    "incident.closed": Cause.US,
    "model.changed": Cause.PROVIDER,
    "breaker.opened": Cause.PROVIDER,
    "provider.misconfigured": Cause.PROVIDER,
    "drift.found": Cause.PROVIDER,  # of the canary set alone
    "document.quarantined": Cause.DATA,
    "document.released": Cause.DATA,
    "document.purged": Cause.DATA,
    "document.sudden_share": Cause.DATA,
    "ingest.rolled_back": Cause.DATA,
}
_MOST = 90  # characters of a mark


async def marks(drift: PostgresDrift, *, tenant: str, since: datetime, until: datetime) -> list[Mark]:
    """In order of time; of syncs those that changed something."""
    happened = await drift.happened(tenant=tenant, since=since, until=until, names=list(NAMES))
    found = [made for one in happened if (made := mark_of(one)) is not None]
    for sync in await drift.syncs(tenant=tenant, since=since, until=until):
        counts = {"added": sync.added, "changed": sync.changed, "removed": sync.removed}
        said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        found.append(Mark(at=sync.at, cause=Cause.DATA, what=f"a sync of {sync.source}: {said} documents"))
    return sorted(found, key=lambda one: one.at)


def mark_of(one: Happening) -> Mark | None:
    """None for a first deploy: before it there was nothing that could have changed."""
    props = one.props
    if one.name == "deploy.marked" and props.get("first"):
        return None
    if one.name == "drift.found":
        return _of_canaries(one)
    return Mark(at=one.at, cause=NAMES[one.name], what=_what(one.name, props)[:_MOST])


def _of_canaries(one: Happening) -> Mark | None:
    """What the canary set showed of a provider; other findings explain nothing."""
    providers = [name.partition(":")[2] for name in one.props.get("signals", ()) if name.startswith(f"{CANARY}:")]
    if not providers:
        return None
    since = datetime.fromisoformat(one.props["since"])
    return Mark(at=since, cause=Cause.PROVIDER, what=f"{providers[0]} replies otherwise to the canary set")


def _what(name: str, props: Mapping[str, Any]) -> str:
    match name:
        case "deploy.marked":
            return f"a deploy ({props.get('what', '')})"
        case "rollout.changed":
            return f"the rollout of {props.get('prompt', '')} to {props.get('to', '')} ({props.get('what', '')})"
        case "incident.opened" | "incident.closed":
            return f"an incident was {name.partition('.')[2]} ({props.get('kind', '')})"
        case "model.changed":
            who = props.get("provider", "")
            return f"{who} answers as {props.get('new', '')} instead of {props.get('old', '')}"
        case "breaker.opened" | "provider.misconfigured":
            return f"{props.get('provider', '')} failed ({name})"
        case "ingest.rolled_back":
            return f"a sync of {props.get('source', '')} was taken back"
    return f"{name.replace('.', ' ').replace('_', ' ')}: {props.get('uri', '')}"
