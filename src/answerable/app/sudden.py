"""Documents that are new and suddenly stand in a large share of the answers: found in the journal."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from answerable.adapters.postgres.past import PostgresPast
from answerable.app.system import System
from answerable.core.identity import content_id, random_id
from answerable.core.past import Share
from answerable.core.ports import Happening

WINDOW_HOURS = 24
NEW_DAYS = 7
TIMES = 4  # the share of the week before


async def sudden_shares(system: System, *, now: datetime | None = None) -> list[Share]:
    """Those whose text is of the last week, with a share that is large and several times what it was."""
    section = system.settings.guard.ingest
    found = await PostgresPast(system.database).shares(
        tenant=system.settings.project.tenant, hours=WINDOW_HOURS, least=section.share_answers
    )
    since = (now or datetime.now(UTC)) - timedelta(days=NEW_DAYS)
    return [one for one in found if is_sudden(one, least=section.share, since=since)]


def is_sudden(share: Share, *, least: float, since: datetime) -> bool:
    """A page that everybody always asks for is none, however large its share is."""
    return share.stored_at >= since and share.now >= least and share.now >= TIMES * share.earlier


def tell_of_shares(system: System, shares: list[Share], *, day: date | None = None) -> None:
    """A happening for each; with a `day` one for it and that day, however often it is told."""
    for one in shares:
        props = {
            "document": one.document,
            "source": one.source,
            "uri": one.uri[:300],
            "share": round(one.now, 4),
            "answers": one.answers,
        }
        tenant = system.settings.project.tenant
        id_ = content_id("ev", "sudden", tenant, one.document, day.isoformat()) if day else random_id("ev")
        system.happenings.write(Happening(name="document.sudden_share", tenant=tenant, props=props, id=id_))
