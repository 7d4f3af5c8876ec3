"""Every route × every kind of caller, from a table written by hand: a route that is not in it fails the build."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import httpx2
import numpy as np
import pytest
import pytest_asyncio
from scenes import DOCUMENTS, MODEL, OTHER_TENANT, TENANT, THIRTY, Scene, an_alert, answer_for, build, chunk_of

from answerable.api import WebSettings, create_api
from answerable.api.routes import ROUTES
from answerable.core.answer import Answer
from answerable.core.event import event_id
from answerable.core.incident import Blocked
from answerable.core.ports import Terms, Token
from answerable.core.ports.access import ONCE
from answerable.core.query import Principal, Query
from answerable.web.settings import SignIn

# What each route asks for, said a second time: the application's own table is what is tested.
# `foreign` is what in its path belongs to somebody: an answer, a session, a document; empty: nothing does.
ADMIN = {"admin"}
PUBLIC, USER, REVIEWER, EDITOR, OPS, ENGINEER, AUDITOR = (
    set(),
    {"user", "admin"},
    {"reviewer", "engineer", "admin"},
    {"editor", "engineer", "admin"},
    {"ops", "engineer", "admin"},
    {"engineer", "admin"},
    {"auditor", "admin"},
)
MATRIX: dict[str, tuple[set[str], str]] = {
    "POST /v1/answers": (USER, ""),
    "GET /v1/answers/{answer_id}": (USER, "answer"),
    "POST /v1/answers/{answer_id}/stop": (USER, "answer"),
    "POST /v1/answers/{answer_id}/feedback": (USER, "answer"),
    "POST /v1/answers/{answer_id}/events": (USER, "answer"),
    "POST /v1/search": (USER, ""),
    "GET /v1/sources/{doc:path}": (USER, "document"),
    "GET /v1/traces": (ENGINEER, ""),
    "GET /v1/traces/{trace_id}": (ENGINEER, "trace"),
    "POST /v1/traces/{trace_id}/case": (REVIEWER, "trace"),
    "GET /v1/prompts": (EDITOR, ""),
    "GET /v1/prompts/{prompt_id}/versions": (EDITOR, "prompt"),
    "POST /v1/prompts/{prompt_id}/check": (EDITOR, "prompt"),
    "POST /v1/prompts/{prompt_id}/tries": (EDITOR, "prompt"),
    "POST /v1/prompts/{prompt_id}/runs": (EDITOR, "prompt"),
    "GET /v1/prompts/{prompt_id}/runs/{job_id}": (EDITOR, "prompt"),
    "POST /v1/prompts/{prompt_id}/runs/{job_id}/stop": (EDITOR, "prompt"),
    "POST /v1/prompts/{prompt_id}/proposals": (EDITOR, "prompt"),
    "GET /v1/prompt-texts/{reference}": (EDITOR, "prompt"),
    "GET /v1/sessions": (USER, ""),
    "POST /v1/sessions/{session_id}/end": (USER, "session"),
    "GET /v1/incidents": (REVIEWER, ""),
    "POST /v1/incidents": (REVIEWER, ""),
    "POST /v1/incidents/{incident_id}/close": (REVIEWER, "incident"),
    "GET /v1/incidents/{incident_id}/seen": (REVIEWER, "incident"),
    "GET /v1/alerts": (OPS, ""),
    "POST /v1/alerts/{alert_id}/ack": (OPS, "alert"),
    "POST /v1/alert-silences": (OPS, ""),
    "GET /alerts": (OPS, ""),
    "POST /alerts/{alert_id}/ack": (OPS, "alert"),
    "POST /alerts/{alert_id}/silence": (OPS, "alert"),
    "GET /v1/metrics/{name}": (ADMIN, ""),
    "GET /v1/audit": (AUDITOR, ""),
    "GET /v1/status": (PUBLIC, ""),
    "GET /v1/suggestions": (PUBLIC, ""),
    "GET /healthz": (PUBLIC, ""),
    "GET /readyz": (PUBLIC, ""),
    "GET /metrics": (OPS, ""),
    "GET /providers": (OPS, ""),
    "GET /jobs": (OPS, ""),
    "GET /prompts": (EDITOR, ""),
    "GET /prompts/{prompt_id}": (EDITOR, "prompt"),
    "GET /prompts/{prompt_id}/sandbox": (EDITOR, "prompt"),
    "GET /prompt-texts/{reference}": (EDITOR, "prompt"),
    "GET /openapi.json": (PUBLIC, ""),
    "GET /": (USER, ""),
    "POST /": (USER, ""),
    "GET /sources/{doc:path}": (USER, "document"),
    "GET /signin": (PUBLIC, ""),
    "POST /signin": (PUBLIC, ""),
    "GET /signin/return": (PUBLIC, ""),
    "GET /signin/done": (PUBLIC, ""),
    "POST /signout": (USER, ""),
    "GET /errors": (PUBLIC, ""),
    "GET /static/{version}/{name}": (PUBLIC, ""),
}
GUARDED = sorted(name for name, (roles, _) in MATRIX.items() if roles)
ALL_ROLES = ("user", "reviewer", "editor", "ops", "engineer", "auditor", "admin")
BODIES = {
    "POST /v1/answers": {"question": "please partial"},
    "POST /v1/search": {"query": "x"},
    "POST /v1/answers/{answer_id}/feedback": {"value": "up"},
    "POST /v1/answers/{answer_id}/events": {"events": [{"id": str(event_id()), "name": "shown"}]},
    "POST /v1/alert-silences": {"rule": "latency", "hours": 1},
    "POST /v1/incidents": {"block": "topic", "value": "zzz unasked"},
    "POST /v1/traces/{trace_id}/case": {"must": ["30 days"], "why": "x"},
    "POST /v1/prompts/{prompt_id}/check": {"text": "x"},
    "POST /v1/prompts/{prompt_id}/tries": {"text": "x", "question": "x"},
    "POST /v1/prompts/{prompt_id}/runs": {"text": "x"},
    "POST /v1/prompts/{prompt_id}/proposals": {"text": "x", "note": "x", "run": "jb_foreign"},
}
MISSING = {
    "alert": "al_missing",
    "incident": "in_missing",
    "answer": "an_missing",
    "session": "tk_missing",
    "document": "dc_missing",
    "trace": "tr_missing",
}
NO_PROMPT = "no-such-prompt"
HERS = ("30 days", "Headphones", "SUMMER20", "Returns policy", "ann")


@dataclass
class World:
    """The shop, Ann's things in it, and somebody of every kind who wants them."""

    scene: Scene
    client: httpx2.AsyncClient
    anns: dict[str, str]
    asked: list[Query]

    async def secret(
        self, name: str, roles: tuple[str, ...], *, tenant: str = TENANT, ttl_s: float | None = None, **terms
    ) -> tuple[Token, str]:
        person = Principal(id=name, roles=roles)
        return await self.scene.tokens.create(
            tenant=tenant, principal=person, label=name, ttl_s=ttl_s, terms=Terms(**terms)
        )

    async def send(self, name: str, headers: dict[str, str], ids: dict[str, str]) -> httpx2.Response:
        method, path = name.split(" ")
        known = {
            "{answer_id}": "answer",
            "{session_id}": "session",
            "{doc:path}": "document",
            "{trace_id}": "trace",
            "{incident_id}": "incident",
            "{alert_id}": "alert",
        }
        for slot, kind in known.items():
            path = path.replace(slot, ids[kind])
        for slot in ("{prompt_id}", "{reference}", "{version}", "{name}"):
            path = path.replace(slot, NO_PROMPT)
        path = path.replace("{job_id}", "jb_foreign")
        return await self.client.request(method, path, json=BODIES.get(name), headers=headers)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world() -> AsyncIterator[World]:
    asked: list[Query] = []

    def remembered(query: Query) -> Answer:
        asked.append(query)
        return answer_for(query)

    scene = await build(answer_for=remembered)
    app = create_api(scene.system, WebSettings(title="x", tenant=TENANT, sign_in=SignIn(failures=1_000_000)))
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        ann = {"Authorization": f"Bearer {scene.people.ann}"}
        record = (await client.post("/v1/answers", json={"question": "please partial"}, headers=ann)).json()
        hers = {"answer": record["id"], "trace": record["trace"], "document": THIRTY.document_id}
        one = World(scene, client, hers, asked)
        session, _ = await one.secret("ann", ("user",), kind="session")
        one.anns["session"] = session.id
        made = await scene.system.incidents.open(
            tenant=TENANT, kind=Blocked.TOPIC, value="zzz ann", reason="", message={}, by="ann"
        )
        one.anns["incident"] = made.id
        one.anns["alert"] = await an_alert(scene)
        yield one


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def seen(reply: httpx2.Response) -> tuple[object, ...]:
    """A reply without what differs from one request to the next."""
    plain = {key: value for key, value in reply.json().items() if key != "trace_id"}
    headers = {
        name: value for name, value in reply.headers.items() if name not in ("traceparent", "content-length")
    }
    return reply.status_code, plain, headers


def test_the_matrix_has_every_route_and_nothing_else():
    assert {f"{one.method} {one.path}" for one in ROUTES} == set(MATRIX)
    assert all(one.access.value == "public" or MATRIX[f"{one.method} {one.path}"][0] for one in ROUTES)


async def refused_credentials(world: World) -> dict[str, dict[str, str]]:
    """Everybody who has none, or no good one, in each carrier and in none."""
    _, good = await world.secret("root", ("admin",))
    gone, revoked = await world.secret("root", ("admin",))
    await world.scene.tokens.revoke(tenant=TENANT, token_id=gone.id)
    _, expired = await world.secret("root", ("admin",), ttl_s=-1.0)
    _, idle = await world.secret("root", ("admin",), kind="session", idle_s=0.0)
    _, suspended = await world.secret("sue", ("admin",))
    _, sues_session = await world.secret("sue", ("admin",), kind="session")
    await world.scene.system.persons.suspend(tenant=TENANT, person="sue", by="root")
    _, session = await world.secret("root", ("admin",), kind="session")
    _, link = await world.secret("root", ("admin",), kind=ONCE.kind)
    ours = {"Sec-Fetch-Site": "same-origin"}

    def cookie(secret: str) -> dict[str, str]:
        return {"Cookie": f"answerable_session={secret}"} | ours

    return {
        "anonymous": {},
        "garbage": bearer("ans_" + "x" * 43),
        "a quote and a comment": bearer("ans_' OR 1=1; --"),
        "revoked": bearer(revoked),
        "expired": bearer(expired),
        "idle": cookie(idle),
        "suspended": bearer(suspended),
        "suspended session": cookie(sues_session),
        "session in the header": bearer(session),
        "token in the cookie": cookie(good),
        "link in the header": bearer(link),
        "link in the cookie": cookie(link),
        "x-api-key": {"X-Api-Key": good},
        "basic": {"Authorization": f"Basic {good}"},
        "two headers in one": bearer(f"{good}, Bearer {good}"),
        "identity headers": {"X-Forwarded-Email": "root", "X-Forwarded-User": "root", "Remote-User": "root"},
    }


@pytest.mark.asyncio(loop_scope="module")
async def test_without_a_good_credential_every_route_says_the_very_same(world: World):
    said = set()
    for who, headers in (await refused_credentials(world)).items():
        for name in GUARDED:
            reply = await world.send(name, headers, world.anns)
            assert reply.status_code == 401, (who, name, reply.text)
            said.add(str(seen(reply)))
    assert len(said) == 1
    _, good = await world.secret("root", ("admin",))
    for query in ("token", "access_token", "api_key", "key"):  # a secret in an address is in every log
        assert (await world.client.get("/v1/sessions", params={query: good})).status_code == 401


@pytest.mark.asyncio(loop_scope="module")
async def test_a_route_opens_for_its_roles_and_for_no_other(world: World):
    for role in (*ALL_ROLES, "root", ""):
        _, secret = await world.secret(f"only-{role}", (role,) if role else ())
        for name in GUARDED:
            if MATRIX[name][0] is EDITOR and role in ("engineer", "admin"):
                continue  # the pages of prompts take their time, and `Policy` has a test of its own
            reply = await world.send(name, bearer(secret), MISSING)
            if role in MATRIX[name][0]:
                assert reply.status_code not in (401, 403), (role, name)
            else:
                assert (reply.status_code, reply.json()["code"]) == (403, "forbidden"), (role, name)
            if name == "POST /signout" and role in MATRIX[name][0]:  # it worked: the next route needs a new one
                _, secret = await world.secret(f"only-{role}", (role,))


@pytest.mark.asyncio(loop_scope="module")
async def test_a_scope_opens_its_own_routes_and_no_other(world: World):
    scopes = {"answers:read", "answers:write", "search:write", "sources:read", "sessions:read", "traces:read"}
    opened = {}
    for scope in sorted(scopes):
        _, secret = await world.secret("scoped", ("admin",), scopes=(scope,))
        replies = {name: await world.send(name, bearer(secret), MISSING) for name in GUARDED}
        opened[scope] = {name for name, reply in replies.items() if reply.status_code != 403}
    assert opened == {
        "answers:read": {"GET /v1/answers/{answer_id}"},
        "answers:write": {
            "POST /v1/answers",
            "POST /v1/answers/{answer_id}/stop",
            "POST /v1/answers/{answer_id}/feedback",
            "POST /v1/answers/{answer_id}/events",
        },
        "search:write": {"POST /v1/search"},
        "sources:read": {"GET /v1/sources/{doc:path}"},
        "sessions:read": {"GET /v1/sessions"},
        "traces:read": {"GET /v1/traces", "GET /v1/traces/{trace_id}"},
    }


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_not_yours_looks_like_what_is_not_there(world: World):
    checked = 0
    for who, tenant, roles in (("bob", TENANT, ("user",)), ("rita", OTHER_TENANT, ALL_ROLES)):
        for name in GUARDED:
            foreign = MATRIX[name][1]
            if not foreign or (tenant == TENANT and foreign not in ("answer", "session")):
                continue  # documents here are public, traces and prompts the tenant's: the role is what is asked
            _, secret = await world.secret(who, roles, tenant=tenant)
            theirs = await world.send(name, bearer(secret), world.anns)
            nothing = await world.send(name, bearer(secret), MISSING)
            assert theirs.status_code == 404, (who, name, theirs.text)
            assert seen(theirs) == seen(nothing), (who, name)
            checked += 1
    assert checked == 5 + sum(1 for _, foreign in MATRIX.values() if foreign)
    live = await world.scene.tokens.live(tenant=TENANT, token_ids=[world.anns["session"]])
    assert list(live) == [world.anns["session"]]  # and nobody has ended it


@pytest.mark.asyncio(loop_scope="module")
async def test_lists_counts_and_ids_in_bodies_show_nothing_of_anybody_else(world: World):
    for who, tenant in (("bob", TENANT), ("rita", OTHER_TENANT)):
        _, secret = await world.secret(who, ALL_ROLES if tenant == OTHER_TENANT else ("user",), tenant=tenant)
        listed = [
            name for name, (roles, foreign) in MATRIX.items() if roles & {"user", "engineer"} and not foreign
        ]
        for name in listed:
            if not name.startswith("GET /v1/"):
                continue
            text = (await world.send(name, bearer(secret), MISSING)).text
            assert not [word for word in HERS if word in text], (who, name)
        sent = {"question": "x", "filters": {"documents": [THIRTY.document_id]}}
        await world.client.post("/v1/answers", json=sent, headers=bearer(secret))
        asked = world.asked[-1]
        assert (asked.tenant, asked.principal.id) == (tenant, who)  # the search itself has the asker's scope
    for extra in ("tenant", "principal", "groups", "roles", "key"):
        reply = await world.client.post(
            "/v1/answers", json={"question": "x", extra: "x"}, headers=bearer(world.scene.people.ann)
        )
        assert reply.status_code == 422, extra  # nobody says in a body who they are


@pytest.mark.asyncio(loop_scope="module")
async def test_a_document_that_the_reader_lost_takes_stored_answers_and_streams_with_it(world: World):
    ann = bearer(world.scene.people.ann)
    path = f"/v1/answers/{world.anns['answer']}"
    events = {"Accept": "text/event-stream"}
    before = await world.client.get(path, headers=ann)
    stream = await world.client.get(path, headers=ann | events)
    assert (before.status_code, stream.status_code) == (200, 200)
    assert "30 days" in stream.text
    closed = replace(DOCUMENTS["returns"], acl=("board",))
    chunks = [chunk_of("returns", THIRTY.quote, THIRTY.section)]
    vectors = np.array([[1.0, 0, 0, 0]], dtype=np.float32)
    await world.scene.store.replace(closed, chunks, vectors, model=MODEL)
    try:
        for headers in (ann, ann | events):
            reply = await world.client.get(path, headers=headers)
            assert reply.status_code == 404
            assert "30 days" not in reply.text
    finally:
        await world.scene.store.replace(DOCUMENTS["returns"], chunks, vectors, model=MODEL)
