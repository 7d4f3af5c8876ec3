"""Who may do what: every route, every kind of caller, every carrier of a credential."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import httpx2
import pytest
from fastapi import FastAPI
from scenes import EVIL, THIRTY, Scene, build
from starlette.routing import Route

from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.adapters.oidc import OidcProvider, Registration, open_client
from answerable.api import WebSettings, create_api
from answerable.api.access import PolicedRoute, Policy
from answerable.api.problems import KINDS
from answerable.api.routes import ROUTES
from answerable.core.errors import ConfigError
from answerable.core.event import event_id
from answerable.core.ports import Terms
from answerable.core.query import Principal
from answerable.testing.oidc_server import CLIENT_ID, CLIENT_SECRET, oidc_server
from answerable.web.settings import SignIn
from conftest import bearer, talking

BODIES = {
    "/v1/answers": {"question": "x"},
    "/v1/search": {"query": "x"},
    "/v1/answers/{answer_id}/feedback": {"value": "up"},
    "/v1/answers/{answer_id}/events": {"events": [{"id": str(event_id()), "name": "shown"}]},
}
USER_ROUTES = [one for one in ROUTES if one.access is Policy.USER]
OWN_ONLY = [one for one in USER_ROUTES if "{" in one.path]
NAMES = {"argnames": "route", "ids": lambda route: f"{route.method} {route.path}"}


async def send(client: httpx2.AsyncClient, route, answer_id: str, headers) -> httpx2.Response:
    path = route.path.replace("{answer_id}", answer_id).replace("{doc:path}", THIRTY.document_id)
    path = path.replace("{session_id}", "tk_none")
    return await client.request(route.method, path, json=BODIES.get(route.path), headers=headers)


@pytest.fixture
async def answer_id(ann: httpx2.AsyncClient) -> str:
    return (await ann.post("/v1/answers", json={"question": "please partial"})).json()["id"]


def test_every_route_of_the_application_is_in_the_table_and_has_a_policy() -> None:
    app = create_api(
        SimpleNamespace(tokens=None, attempts=None, tolls=None, happenings=MemoryHappenings()), WebSettings()
    )
    routes = app.routes
    assert all(isinstance(one, PolicedRoute) and one.policy for one in routes)
    served = {(method, one.path) for one in routes for method in one.methods}
    assert served == {(one.method, one.path) for one in ROUTES}


def test_a_route_without_a_policy_cannot_be_made() -> None:
    app = FastAPI(openapi_url=None)
    app.router.route_class = PolicedRoute
    with pytest.raises(ConfigError, match="/open has no access policy"):
        app.add_api_route("/open", lambda: None, methods=["GET"])
    assert not [one for one in app.routes if isinstance(one, Route)]


def test_what_is_public_is_a_short_known_list() -> None:
    assert {one.path for one in ROUTES if one.access is Policy.PUBLIC} == {
        "/v1/status",
        "/v1/suggestions",
        "/healthz",
        "/readyz",
        "/openapi.json",
        "/signin",
        "/signin/return",
        "/signin/done",
        "/errors",
        "/static/{version}/{name}",
    }


@pytest.mark.parametrize(argvalues=USER_ROUTES, **NAMES)
@pytest.mark.parametrize("who", ["anonymous", "revoked", "expired", "garbage", "basic"])
async def test_without_a_valid_credential_every_route_says_the_same(anybody, scene, answer_id, route, who) -> None:
    headers = {
        "anonymous": {},
        "garbage": bearer("ans_" + "x" * 43),
        "basic": {"Authorization": "Basic YW5uOmFubg=="},
        "revoked": bearer(scene.people.revoked),
        "expired": bearer(scene.people.expired),
    }[who]
    reply = await send(anybody, route, answer_id, headers)
    body = reply.json()
    assert (reply.status_code, body["code"], body["detail"]) == (401, "not_authorized", "No valid credentials")
    assert reply.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(argvalues=USER_ROUTES, **NAMES)
async def test_without_the_role_every_route_is_forbidden(anybody, scene, answer_id, route) -> None:
    reply = await send(anybody, route, answer_id, bearer(scene.people.viewer))
    assert reply.status_code == 403


@pytest.mark.parametrize(argvalues=OWN_ONLY, **NAMES)
async def test_another_tenant_finds_nothing(anybody, scene, answer_id, route) -> None:
    reply = await send(anybody, route, answer_id, bearer(scene.people.rita))
    assert reply.status_code == 404
    assert "30 days" not in reply.text


@pytest.mark.parametrize(argvalues=[one for one in OWN_ONLY if "answer_id" in one.path], **NAMES)
async def test_another_user_of_the_tenant_finds_nothing(anybody, scene, answer_id, route) -> None:
    reply = await send(anybody, route, answer_id, bearer(scene.people.bob))
    assert reply.status_code == 404


@pytest.mark.parametrize(
    argvalues=[one for one in USER_ROUTES if one.path != "/signout" and "session_id" not in one.path], **NAMES
)
async def test_the_owner_gets_in(ann, answer_id, route) -> None:
    reply = await send(ann, route, answer_id, {})
    assert reply.status_code in (200, 204)


async def test_an_administrator_has_every_role(anybody, scene) -> None:
    _, secret = await scene.tokens.create(
        tenant="techcorp", principal=Principal(id="root", roles=("admin",)), label="admin"
    )
    assert (await anybody.post("/v1/search", json={"query": "x"}, headers=bearer(secret))).status_code == 200


# --- signing in and out


async def signed_in(client: httpx2.AsyncClient, scene: Scene) -> httpx2.Response:
    return await client.get("/signin", params={"token": await scene.link_token()})


async def test_a_sign_in_link_becomes_a_cookie_and_leaves_the_address(anybody, scene: Scene) -> None:
    reply = await signed_in(anybody, scene)
    assert (reply.status_code, reply.headers["location"]) == (303, "/signin/done")
    cookie = reply.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert reply.headers["referrer-policy"] == "no-referrer"
    page = await anybody.get("/signin/done")
    assert 'http-equiv="refresh" content="0;url=/"' in page.text
    assert (await anybody.get("/", headers={"Accept": "text/html"})).status_code == 200


async def test_a_sign_in_link_works_once(anybody, scene: Scene) -> None:
    secret = await scene.link_token()
    assert (await anybody.get("/signin", params={"token": secret})).status_code == 303
    anybody.cookies.clear()
    again = await anybody.get("/signin", params={"token": secret})
    assert again.status_code == 401
    assert "set-cookie" not in again.headers


async def test_the_session_of_a_scoped_link_has_its_scopes(anybody, scene: Scene) -> None:
    link = {"tenant": "acme", "principal": Principal(id="ann", roles=("user",)), "label": "l"}
    _, secret = await scene.tokens.create(**link, terms=Terms(kind="once", scopes=("search",)))
    assert (await anybody.get("/signin", params={"token": secret})).status_code == 303
    same = {"Sec-Fetch-Site": "same-origin"}
    assert (await anybody.post("/v1/search", json={"query": "x"}, headers=same)).status_code == 200
    assert (await anybody.get("/v1/sessions")).status_code == 403


async def test_an_api_token_does_not_sign_in(anybody, scene: Scene) -> None:
    reply = await anybody.get("/signin", params={"token": scene.people.ann})
    assert (reply.status_code, "set-cookie" in reply.headers) == (401, False)


async def test_a_sign_in_link_is_no_credential_for_the_api(anybody, scene: Scene) -> None:
    reply = await anybody.post("/v1/search", json={"query": "x"}, headers=bearer(await scene.link_token()))
    assert reply.status_code == 401


async def test_signing_out_ends_the_session(anybody, scene: Scene) -> None:
    await signed_in(anybody, scene)
    kept = dict(anybody.cookies)
    reply = await anybody.post("/signout", headers={"Sec-Fetch-Site": "same-origin"})
    assert reply.status_code == 303
    anybody.cookies.update(kept)
    again = await anybody.get("/")
    assert again.status_code == 401


async def test_served_beyond_this_machine_the_cookie_is_secure_and_bound_to_its_host(scene: Scene, web) -> None:
    async with talking(scene.system, replace(web, local=False)) as client:
        cookie = (await signed_in(client, scene)).headers["set-cookie"]
    assert cookie.startswith("__Host-answerable_session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "SELF"}, 403),
        ({"Origin": "SELF"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
async def test_a_cookie_changes_things_only_from_our_own_pages(anybody, scene, address, headers, status) -> None:
    await signed_in(anybody, scene)
    sent = {name: value.replace("SELF", address) for name, value in headers.items()}
    reply = await anybody.post("/v1/search", json={"query": "x"}, headers=sent)
    assert reply.status_code == status
    if status == 403:
        assert reply.json()["code"] == "cross_site"


async def test_a_bearer_token_needs_no_origin_and_wins_over_the_cookie(anybody, scene: Scene) -> None:
    await signed_in(anybody, scene)
    good = await anybody.post("/v1/search", json={"query": "x"}, headers=bearer(scene.people.bob))
    bad = await anybody.post("/v1/search", json={"query": "x"}, headers=bearer(scene.people.revoked))
    assert (good.status_code, bad.status_code) == (200, 401)


# --- what every reply carries, and who may talk to this server at all


@pytest.mark.parametrize("path", ["/healthz", "/", "/v1/nothing", "/errors", "/signin/done", "/static/x/app.css"])
async def test_every_reply_has_the_security_headers(anybody, path: str) -> None:
    headers = (await anybody.get(path)).headers
    policy = headers["content-security-policy"]
    for part in ("default-src 'none'", "script-src 'self'", "img-src 'self'", "connect-src 'self'"):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert ("immutable" in headers["cache-control"]) or headers["cache-control"] in ("no-store", "no-cache")


async def test_a_bug_in_a_page_keeps_the_security_headers(scene: Scene, web) -> None:
    class Bug:
        async def check(self, secret, *, kind):
            raise ZeroDivisionError

    async with talking(replace(scene.system, tokens=Bug()), web, "x") as client:
        reply = await client.get("/v1/sources/x")
    assert (reply.status_code, reply.json()["code"]) == (500, "internal")
    assert "default-src 'none'" in reply.headers["content-security-policy"]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example", ""]
)
async def test_a_foreign_host_name_is_turned_away(anybody, host: str) -> None:
    reply = await anybody.get("/v1/status", headers={"Host": host})
    assert (reply.status_code, reply.json()["code"]) == (421, "host_not_allowed")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8787", "127.0.0.1:1", "[::1]:8787", "[::1]"])
async def test_loopback_names_are_answered(anybody, host: str) -> None:
    assert (await anybody.get("/v1/status", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("name", ["../app.css", "..%2f..%2fsettings.py", "%2e%2e/pages.py", "x.py", EVIL])
async def test_static_files_are_only_those_that_were_there_at_the_start(anybody, name: str) -> None:
    assert (await anybody.get(f"/static/x/{name}")).status_code == 404


# --- errors are documented


def test_every_error_code_is_documented_and_no_other() -> None:
    text = (Path(__file__).parents[3] / "docs/reference/errors.md").read_text("utf-8")
    listed = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}
    assert listed == set(KINDS)
    for code, kind in KINDS.items():
        assert f"| `{code}` | {kind.status} |" in text


async def test_the_error_page_lists_every_code(anybody) -> None:
    page = (await anybody.get("/errors", headers={"Accept": "text/html"})).text
    assert all(f'id="{code}"' in page for code in KINDS)


async def test_problems_have_the_shape_of_rfc_9457(anybody) -> None:
    reply = await anybody.get("/v1/nothing")
    assert reply.headers["content-type"] == "application/problem+json"
    assert set(reply.json()) == {"type", "title", "status", "code", "detail", "trace_id", "hint", "docs"}
    assert (await anybody.delete("/v1/answers")).json()["code"] == "method_not_allowed"


async def test_figures_are_for_operators_and_come_as_prometheus_reads_them(anybody, scene) -> None:
    principal = Principal(id="prometheus", roles=("ops",))
    _, secret = await scene.tokens.create(tenant="techcorp", principal=principal, label="scrape")
    reply = await anybody.get("/metrics", headers=bearer(secret))
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/plain")
    assert (
        'answerable_breaker_state{endpoint="eu-2",model="claude-sonnet-4-5",provider="backup",state="open"} 1.0'
        in (reply.text)
    )
    assert "techcorp" not in reply.text
    assert (await anybody.get("/metrics", headers=bearer(scene.people.ann))).status_code == 403
    assert (await anybody.get("/metrics")).status_code == 401
    assert (await anybody.get("/v1/traces", headers=bearer(secret))).status_code == 403


# --- signing in from elsewhere, and losing what one had


async def test_a_link_that_another_site_leads_to_signs_nobody_in_until_they_press_the_button(
    anybody, scene
) -> None:
    secret = await scene.link_token()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none", "Sec-Purpose": "prefetch"}):
        page = await anybody.get("/signin", params={"token": secret}, headers=headers)
        assert (page.status_code, "set-cookie" in page.headers) == (200, False)
        assert f'value="{secret}"' in page.text
    forged = await anybody.post("/signin", data={"token": secret}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (forged.status_code, forged.json()["code"]) == (403, "cross_site")
    done = await anybody.post("/signin", data={"token": secret}, headers={"Sec-Fetch-Site": "same-origin"})
    assert (done.status_code, done.headers["location"]) == (303, "/signin/done")


async def test_a_new_session_has_a_new_secret_and_ends_the_one_before(anybody, scene: Scene) -> None:
    await signed_in(anybody, scene)
    first = anybody.cookies["answerable_session"]
    await signed_in(anybody, scene)
    assert anybody.cookies["answerable_session"] != first
    anybody.cookies.clear()
    old = await anybody.get("/", headers={"Cookie": f"answerable_session={first}"})
    assert old.status_code == 401
    chosen = "ans_" + "x" * 43  # by somebody else, beforehand
    reply = await anybody.get(
        "/signin", params={"token": await scene.link_token()}, headers={"Cookie": f"answerable_session={chosen}"}
    )
    assert chosen not in reply.headers["set-cookie"]


async def test_a_stream_ends_soon_after_its_reader_has_lost_the_credential(web) -> None:
    slow = await build(pause_s=0.4)
    token = next(one for one in await slow.tokens.tokens(tenant="techcorp") if one.label == "ann")
    async with talking(slow.system, web, slow.people.ann) as client:
        body = {"question": "please partial", "stream": True}
        said = []
        async with client.stream("POST", "/v1/answers", json=body) as reply:
            async for line in reply.aiter_lines():
                said.append(line)
                if line == "event: accepted":
                    await slow.tokens.revoke(tenant="techcorp", token_id=token.id)
    assert "event: accepted" in said
    assert "event: error" in said
    assert "not_authorized" in said[said.index("event: error") + 1]
    assert "event: done" not in said


async def test_a_proxy_names_the_person_of_a_session_for_as_long_as_it_lasts(scene: Scene, web) -> None:
    admins = {"admin": ("ann@x.example",)}
    rules = SignIn(way="header", header="x-forwarded-email", proxies=("127.0.0.0/8",), roles=admins)
    async with talking(scene.system, replace(web, sign_in=rules)) as client:
        ann, bob = {"X-Forwarded-Email": "Ann@X.example"}, {"X-Forwarded-Email": "bob@x.example"}
        assert (await client.get("/signin")).status_code == 401
        assert (await client.get("/", headers=ann)).status_code == 401  # the header alone is no credential
        assert (await client.get("/signin", headers=ann)).status_code == 303
        assert (await client.get("/v1/audit", headers=ann)).status_code == 200
        assert (await client.get("/v1/audit", headers=bob)).status_code == 401  # another person, the same browser
        assert (await client.get("/v1/audit")).status_code == 401
        rows = (await client.get("/v1/audit", headers=ann)).json()["rows"]
        assert rows[-1]["actor"] == "ann@x.example"
    strangers = replace(rules, proxies=("192.0.2.0/24",))
    async with talking(scene.system, replace(web, sign_in=strangers), scene.people.ann) as client:
        assert (await client.get("/v1/sessions")).status_code == 200
        forged = await client.get("/v1/sessions", headers={"X-Forwarded-Email": "root@x.example"})
        assert forged.status_code == 401
        assert (await client.get("/signin", headers={"X-Forwarded-Email": "root@x.example"})).status_code == 401
    assert [one.name for one in scene.system.happenings.written].count("access.forged_header") == 2


async def test_an_openid_provider_opens_a_session_and_only_for_the_browser_that_began(scene: Scene, web) -> None:
    async with oidc_server() as server, open_client() as outside:
        server.email, server.groups = "ann@x.example", ("staff-eu",)
        known = {"issuer": server.url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        provider = OidcProvider(registration=Registration(**known), client=outside)
        groups, home = {"staff-eu": ("board",)}, "http://home.example"
        rules = SignIn(way="oidc", groups=groups, domains=("x.example",), public_url=home)
        system = replace(scene.system, identity=provider)

        async def came_back(client: httpx2.AsyncClient, *, cookies: bool = True) -> httpx2.Response:
            begun = await client.get("/signin")
            assert (begun.status_code, "SameSite=lax" in begun.headers["set-cookie"]) == (303, True)
            there = await outside.get(begun.headers["location"])
            back = there.headers["location"].removeprefix("http://home.example")
            if not cookies:
                client.cookies.clear()
            return await client.get(back)

        async with talking(system, replace(web, sign_in=rules)) as client:
            assert (await came_back(client, cookies=False)).status_code == 401  # a way back from somebody else
            assert (await came_back(client)).status_code == 303
            secret = await client.get("/v1/sources/secret.md")  # the board's
            assert (secret.status_code, "The board meets" in secret.text) == (200, True)
            assert (await client.get("/v1/audit")).status_code == 403  # a user, and no administrator
            client.cookies.clear()
            server.email = "ann@elsewhere.example"
            assert (await came_back(client)).status_code == 401
            server.email, server.lie = "ann@x.example", "wrong nonce"
            refused = await came_back(client)
            assert (refused.status_code, "set-cookie" in refused.headers) == (401, False)
