"""Search, sources, status and health, over a real socket."""

from __future__ import annotations

import json
from dataclasses import replace

import httpx2
import pytest
from scenes import DOCUMENTS, THIRTY, Scene

from answerable.adapters.fakes.store import MemoryStore
from conftest import EXAMPLES, bearer, talking

FORBIDDEN = ("score", "vector", "embedding", "similarity", "distance")


def keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for one in value.values() for key in keys(one)}
    if isinstance(value, list):
        return {key for one in value for key in keys(one)}
    return set()


async def test_search_gives_passages_in_order_without_scores(ann: httpx2.AsyncClient) -> None:
    reply = await ann.post("/v1/search", json={"query": "return window"})
    found = reply.json()["results"]
    assert [one["rank"] for one in found] == [1, 2]
    text = DOCUMENTS["returns"].text
    assert text[slice(*found[0]["offsets"])] == found[0]["text"]
    assert not [key for key in keys(reply.json()) if any(word in key for word in FORBIDDEN)]


async def test_no_score_and_no_vector_is_in_the_openapi_document(anybody: httpx2.AsyncClient) -> None:
    schema = (await anybody.get("/openapi.json")).json()
    assert schema["openapi"].startswith("3.1")
    assert not [key for key in keys(schema) if any(word in key.lower() for word in FORBIDDEN)]
    assert schema["paths"]["/v1/answers"]["post"]["x-access"] == "user"
    assert "examples" in json.dumps(schema["components"]["schemas"]["Ask"])


async def test_search_takes_no_more_than_its_limit(ann: httpx2.AsyncClient) -> None:
    reply = await ann.post("/v1/search", json={"query": "x", "limit": 1})
    assert len(reply.json()["results"]) == 1
    assert (await ann.post("/v1/search", json={"query": "x", "limit": 1000})).status_code == 422


async def test_a_source_has_the_text_that_citations_point_into(ann: httpx2.AsyncClient) -> None:
    view = (await ann.get(f"/v1/sources/{THIRTY.document_id}", params={"chunk": THIRTY.chunk_id})).json()
    assert view["text"][THIRTY.start : THIRTY.end] == THIRTY.quote
    assert view["chunk"]["offsets"] == [THIRTY.start, THIRTY.end]
    assert (view["title"], view["updated"], view["current"], view["stale"]) == (
        "Returns policy",
        "2026-05-02",
        True,
        False,
    )


async def test_a_source_is_found_by_its_uri_too(ann: httpx2.AsyncClient) -> None:
    assert (await ann.get("/v1/sources/returns.md")).json()["document"] == THIRTY.document_id


async def test_a_page_past_its_review_date_says_so(ann: httpx2.AsyncClient) -> None:
    assert (await ann.get("/v1/sources/faq.md")).json()["stale"] is True


async def test_another_version_than_the_stored_one_is_not_current(ann: httpx2.AsyncClient) -> None:
    view = (await ann.get("/v1/sources/returns.md", params={"version": 7})).json()
    assert (view["version"], view["current"]) == (1, False)


async def test_a_forbidden_document_looks_like_one_that_is_not_there(ann, anybody, scene: Scene) -> None:
    secret = await ann.get(f"/v1/sources/{DOCUMENTS['secret'].id}")
    missing = await ann.get("/v1/sources/doc_000000000000000000000000")
    foreign = await anybody.get(f"/v1/sources/{THIRTY.document_id}", headers=bearer(scene.people.rita))
    bodies = [one.json() for one in (secret, missing, foreign)]
    for body in bodies:
        del body["trace_id"]
    assert bodies[0] == bodies[1] == bodies[2]
    assert {one.status_code for one in (secret, missing, foreign)} == {404}


async def test_status_and_suggestions_are_public_and_small(anybody: httpx2.AsyncClient) -> None:
    status = (await anybody.get("/v1/status")).json()
    assert status["title"] == "TechCorp assistant"
    assert "AI" in status["disclosure"]
    assert (await anybody.get("/v1/suggestions")).json() == {"suggestions": list(EXAMPLES)}


async def test_health_and_readiness_answer_without_credentials(anybody: httpx2.AsyncClient) -> None:
    assert (await anybody.get("/healthz")).json()["status"] == "ok"
    ready = (await anybody.get("/readyz")).json()
    assert ready["checks"] == {"database": "ok", "index": "ok"}


async def test_an_empty_index_is_not_ready(scene: Scene, web) -> None:
    async with talking(replace(scene.system, documents=MemoryStore()), web) as client:
        reply = await client.get("/readyz")
        alive = await client.get("/healthz")
    assert (reply.status_code, reply.json()["code"]) == (503, "index_empty")
    assert alive.status_code == 200


@pytest.mark.parametrize("traceparent", ["", "nonsense", "00-" + "0" * 32 + "-" + "1" * 16 + "-01"])
async def test_a_reply_has_a_trace_id_of_its_own(anybody: httpx2.AsyncClient, traceparent: str) -> None:
    reply = await anybody.get("/v1/nothing", headers={"traceparent": traceparent})
    assert reply.headers["traceparent"].split("-")[1] == reply.json()["trace_id"]
    assert reply.json()["trace_id"] != "0" * 32


async def test_a_reply_goes_on_with_the_callers_trace(anybody: httpx2.AsyncClient) -> None:
    trace = "ab" * 16
    reply = await anybody.get("/v1/nothing", headers={"traceparent": f"00-{trace}-{'1' * 16}-01"})
    assert reply.json()["trace_id"] == trace
