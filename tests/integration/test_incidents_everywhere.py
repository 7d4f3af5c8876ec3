"""An open incident holds in another process with warm caches: for search, answers, documents, stored answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from test_cached_answers import QUESTION, World

from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.adapters.postgres.audit import PostgresAudit
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.documents import PostgresDocuments
from answerable.adapters.postgres.incidents import PostgresIncidents
from answerable.adapters.postgres.journal import PostgresJournal
from answerable.answer.record import answer_record
from answerable.app.incidents import IncidentDesk
from answerable.core.errors import NotFound
from answerable.core.incident import Blocked, Incident
from answerable.core.outcome import Outcome
from answerable.core.query import Filter, Scope
from answerable.guards.incidents import Posted

SCOPE = Scope(tenant="acme", groups=("public",), filter=Filter())


def desk_of(database: Database, world: World) -> IncidentDesk:
    port = PostgresIncidents(database)
    return IncidentDesk(
        incidents=port,
        posted=Posted(incidents=port, age_s=0.0),
        non_answers=world.asker.non_answers,
        happenings=MemoryHappenings(),
    )


async def opened(desk: IncidentDesk, kind: Blocked, value: str) -> Incident:
    return await desk.open(tenant="acme", kind=kind, value=value, reason="legal", message={}, by="ann")


async def test_every_kind_holds_everywhere_and_ends_with_its_closing(database: Database, tmp_path: Path) -> None:
    world = World(database)
    document = await world.put()
    here, there = desk_of(database, world), desk_of(database, world)
    guarded = replace(world.asker, guards=world.asker.guards.after(there.guard))
    async with PostgresJournal(database, record=answer_record, spool=tmp_path) as journal:
        told = await world.ask(asker=replace(guarded, journal=journal))
        assert told.outcome is Outcome.ANSWERED
        assert (await world.ask(asker=guarded)).cache == "exact"  # the cache is warm
        record = answer_record(told)
        await journal.flush()

        for kind, value, how in (
            (Blocked.DOC, document.uri, "cited"),
            (Blocked.TOPIC, "return window", "said"),
            (Blocked.ANSWER, told.id, "answer"),
        ):
            one = await opened(here, kind, value)
            refused = await world.ask(asker=guarded)
            assert not refused.outcome.answers, kind
            assert "30 days" not in refused.text
            assert "30 days" not in (await there.stored("acme", record))["text"]
            seen = await here.seen(tenant="acme", incident=one)
            assert [(each.answer_id, each.how) for each in seen] == [(told.id, how)]
            if kind is Blocked.DOC:
                assert await PostgresDocuments(database).documents(SCOPE) == []
                with pytest.raises(NotFound):
                    await PostgresDocuments(database).document(SCOPE, document.id)
                found = await PostgresDocuments(database, blocked=True).document(SCOPE, document.id)
                assert found.id == document.id
            if kind is Blocked.TOPIC:
                assert await there.shown("acme", [QUESTION, "Do you ship?"]) == ["Do you ship?"]
            await here.close(tenant="acme", reference=one.id, by="ann")
            assert await there.stored("acme", record) is record
            assert (await world.ask(asker=guarded)).outcome is Outcome.ANSWERED
    actions = [row.action for row in await PostgresAudit(database).rows(tenant="acme")]
    assert actions == ["incident.open", "incident.close"] * 3


async def test_another_tenants_incident_blocks_nothing_here(database: Database) -> None:
    world = World(database)
    document = await world.put()
    with pytest.raises(NotFound):
        await desk_of(database, world).open(
            tenant="other", kind=Blocked.DOC, value=document.id, reason="", message={}, by="eve"
        )
    assert len(await PostgresDocuments(database).documents(SCOPE)) == 1
