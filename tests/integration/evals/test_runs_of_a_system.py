"""A run of the real system on real Postgres: what its fingerprint sees, and an endpoint on a real socket."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from answerable.adapters.models.provider import Provider
from answerable.adapters.postgres.conflicts import PostgresConflicts
from answerable.adapters.postgres.corpus import corpus_sha256
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.store import PostgresStore
from answerable.adapters.targets.endpoint import EndpointTarget
from answerable.core.conflict import ConflictState, DocumentConflict, Side
from answerable.core.evaluation import EvalCase
from answerable.core.outcome import Outcome
from answerable.testing.model_server.behaviors import Echo
from answerable.testing.model_server.server import ModelServer
from answerable.testing.samples import a_document, put

TODAY = date(2026, 11, 22)


async def test_the_index_is_another_when_a_document_is_or_goes_stale_and_only_then(database: Database) -> None:
    store = PostgresStore(database)

    async def index(day: date = TODAY, tenant: str = "acme") -> str:
        return await corpus_sha256(database, tenant=tenant, day=day)

    empty = await index()
    page = replace(a_document("Within 30 days."), review_by=date(2026, 12, 31))
    await put(store, page)
    first = await index()
    await put(store, page)
    assert await index() == first, "the same again is the same"
    assert await index(tenant="other") == empty, "another tenant's pages decide nothing"
    assert await index(date(2027, 1, 1)) != first, "answers say that the page is past its review date"
    await put(store, replace(page, text="Within 14 days."))
    changed = await index()
    await put(store, replace(page, text="Within 14 days.", acl=("staff",)))
    restricted = await index()
    await put(store, page)
    assert await index() == first, "and back again"
    assert len({empty, first, changed, restricted}) == 4


async def test_the_index_is_another_when_a_conflict_is_recorded_or_decided(database: Database) -> None:
    store, conflicts = PostgresStore(database), PostgresConflicts(database)
    one, other = a_document("Within 30 days.", uri="a.md"), a_document("Within 14 days.", uri="b.md")
    for page in (one, other):
        await put(store, page)
    sides = [Side(document_id=page.id, text=page.text, start=0, end=len(page.text)) for page in (one, other)]
    hashes = [await corpus_sha256(database, tenant="acme", day=TODAY)]
    found = DocumentConflict(id="cf_1", kind="time", reason="", first=sides[0], second=sides[1])
    await conflicts.record(tenant="acme", found=[found])
    hashes.append(await corpus_sha256(database, tenant="acme", day=TODAY))
    await conflicts.decide(tenant="acme", conflict_id="cf_1", state=ConflictState.ACCEPTED, note="", by="x")
    hashes.append(await corpus_sha256(database, tenant="acme", day=TODAY))
    assert len(set(hashes)) == 3


async def test_an_endpoint_on_a_real_socket_answers() -> None:
    with ModelServer(Echo("I don't know that."), api_key="k") as server:
        provider = Provider(
            name="there", kind="openai-compatible", model="m", base_url=server.openai_url, api_key="k"
        )
        target = EndpointTarget(provider, timeout_s=10)
        try:
            answer = await target.ask(EvalCase(id="a", question="Who pays for lunch?"))
        finally:
            await target.aclose()
        assert (answer.outcome, answer.text) == (Outcome.ABSTAINED, "I don't know that.")
        assert answer.usage.output > 0
        assert server.requests[0].user == "Who pays for lunch?"
