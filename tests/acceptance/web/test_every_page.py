"""Every page of the route table with hostile fields: a route that serves pages fails here until it is one."""

from __future__ import annotations

from html import unescape
from html.parser import HTMLParser
from urllib.parse import quote

import httpx2
from scenes import DOCUMENTS, EVIL, ODD, TENANT, an_alert, build

from answerable.api import WebSettings
from answerable.api.routes import ROUTES
from answerable.core.query import Principal
from conftest import bearer, talking

EVERYTHING = ("user", "reviewer", "editor", "engineer", "admin", "auditor")
NO_PAGES = {
    "/metrics",
    "/openapi.json",
    "/static/{version}/{name}",
    "/signin",
    "/signout",
}  # no HTML, or a redirect
PAGES = {
    ("GET", "/"): ["/", f"/?lang={quote(EVIL)}"],
    ("POST", "/"): ["/"],
    ("GET", "/sources/{doc:path}"): [
        f"/sources/{DOCUMENTS['hostile'].id}?v=1&start={ODD.start}&end={ODD.end}",
        f"/sources/{quote(EVIL, safe='')}",
    ],
    ("GET", "/signin/return"): [f"/signin/return?code={quote(EVIL)}&state={quote(EVIL)}&error={quote(EVIL)}"],
    ("GET", "/signin/done"): ["/signin/done"],
    ("GET", "/errors"): [f"/errors?lang={quote(EVIL)}"],
    ("GET", "/providers"): ["/providers"],
    ("GET", "/jobs"): ["/jobs"],
    ("GET", "/alerts"): ["/alerts"],
    ("POST", "/alerts/{alert_id}/ack"): [f"/alerts/{quote(EVIL, safe='')}/ack"],
    ("POST", "/alerts/{alert_id}/silence"): [f"/alerts/{quote(EVIL, safe='')}/silence"],
    ("GET", "/prompts"): ["/prompts"],
    ("GET", "/prompts/{prompt_id}"): [f"/prompts/{quote(EVIL, safe='')}"],
    ("GET", "/prompts/{prompt_id}/sandbox"): [f"/prompts/{quote(EVIL, safe='')}/sandbox"],
    ("GET", "/prompt-texts/{reference}"): [f"/prompt-texts/{quote(EVIL, safe='')}"],
}


class Foreign(HTMLParser):
    """Elements and addresses that no page of ours has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        mine = tag != "script" or dict(attrs).get("type") in ("module", "application/json")
        if tag in ("img", "iframe", "object", "embed", "base", "style") or not mine:
            self.found.append(tag)
        for name, value in attrs:
            leads = name in ("href", "src", "action") and "evil.example" in (value or "")
            if name.startswith("on") or leads or (value or "").lower().startswith("javascript:"):
                self.found.append(f"{tag} {name}={value}")


def test_every_route_that_serves_pages_is_looked_at() -> None:
    browsers = {(one.method, one.path) for one in ROUTES if not one.listed and one.path not in NO_PAGES}
    assert browsers == set(PAGES)


async def test_no_page_has_an_element_of_a_stranger() -> None:
    scene = await build()
    _, secret = await scene.tokens.create(
        tenant=TENANT, principal=Principal(id="eve", roles=EVERYTHING), label="all", ttl_s=None
    )
    await an_alert(scene)
    seen = 0
    async with talking(
        scene.system, WebSettings(title=EVIL, contact=EVIL, examples=(EVIL,), tenant=TENANT)
    ) as client:
        for (method, _), addresses in PAGES.items():
            for address in addresses:
                reply = await fetched(client, method, address, secret)
                assert reply.headers["content-type"].startswith("text/html"), address
                assert reply.headers["x-content-type-options"] == "nosniff"
                assert "unsafe" not in reply.headers["content-security-policy"]
                assert Foreign(reply.text).found == [], address
                seen += EVIL in unescape(reply.text)
    assert seen >= len(PAGES)  # the title stands on every page


async def fetched(client: httpx2.AsyncClient, method: str, address: str, secret: str) -> httpx2.Response:
    headers = {**bearer(secret), "Accept": "text/html"}
    if method == "GET":
        return await client.get(address, headers=headers)
    form = {
        **headers,
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": str(client.base_url).rstrip("/"),
    }
    return await client.post(address, headers=form, content=f"question={quote(EVIL)} please hostile")
