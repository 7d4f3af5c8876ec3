"""Opens the log of the product: its events, the tasks made of them, and who tells it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.events import PostgresEvents
from answerable.adapters.postgres.person_keys import PostgresPersonKeys
from answerable.adapters.postgres.tasks import PostgresTasks
from answerable.app.code import ANSWERING, code_version
from answerable.app.emitting import Counted, Emission
from answerable.app.person_keys import KeyRing
from answerable.app.project import Project
from answerable.app.reading import TurnReader
from answerable.app.watching import Watching
from answerable.core.person_key import Rotation
from answerable.core.ports import Events, Tasks
from answerable.guards.secrets import without_secrets
from answerable.monitor.emitting import Place
from answerable.monitor.heard import HeardEvents

DROPPED = "answerable_events_dropped_total"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLog:
    """Opened, and closed with the stack that it was opened on."""

    events: Events
    tasks: Tasks
    emission: Emission


async def open_event_log(
    project: Project, database: Database, watching: Watching, reader: TurnReader, stack: AsyncExitStack
) -> EventLog:
    """Make the keys of now, and begin to write; the watch hears of every event.

    Raises ConfigError and DatabaseUnreachable.
    """
    settings, rules = project.settings, project.settings.telemetry.events
    ring = ring_of(project, database)
    await ring.renew(datetime.now(UTC))

    async def renew() -> None:
        await ring.renew(datetime.now(UTC))

    def dropped(count: int) -> None:
        watching.counting.add(DROPPED, by=count)

    kept = await stack.enter_async_context(
        PostgresEvents(
            database,
            spool=project.state / "spool" / "events",
            most_bytes=rules.spool_mb * 1_000_000,
            bare=without_secrets,
            prepare=renew,
            dropped=dropped,
        )
    )
    events = HeardEvents(inner=kept, hearers=watching.hearers)
    place = Place(
        assistant=settings.project.name, environment=rules.environment, code_version=code_version(ANSWERING)
    )
    emission = Emission(events=events, ring=ring, place=place, counted=Counted(rules=rules), read=reader.read)
    stack.callback(emission.work)  # what was told last; then `events` is closed
    return EventLog(events=events, tasks=PostgresTasks(database), emission=emission)


def ring_of(project: Project, database: Database) -> KeyRing:
    """The keys of the project, not read yet. Raises ConfigError for a pepper that is not there."""
    rules = project.settings.telemetry.events
    pepper = project.secret(rules.pepper)
    return KeyRing(
        keys=PostgresPersonKeys(database),
        tenant=project.settings.project.tenant,
        rotation=Rotation(every_s=rules.rotate, link_s=rules.link),
        pepper=pepper.encode() if pepper else b"",
    )
