"""Prompts over HTTP: who may read them, what a draft is told, and that it leaves as a branch alone."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from scenes import OTHER_TENANT, TENANT, Scene, build

from answerable.api import WebSettings, create_api
from answerable.app.project import Project
from answerable.config import Settings
from answerable.core.query import Principal
from answerable.testing.repositories import FIRST, THIRD, Scripted, prompt_text, scripted_repository
from answerable.testing.server import serving
from conftest import bearer

NEXT = "1.3.0"
DRAFT = prompt_text(NEXT, change="Say the day.", rule="Name the day.")
PAGES = ("/prompts", "/prompts/answer", "/prompts/answer/sandbox", f"/prompt-texts/answer@{FIRST}")
JSON = ("/v1/prompts", "/v1/prompts/answer/versions", f"/v1/prompt-texts/answer@{FIRST}")


@dataclass(frozen=True)
class Office:
    """A served project whose prompt has a history, and people by role."""

    scripted: Scripted
    url: str
    clients: dict[str, httpx2.AsyncClient]
    link: str  # of one use, that signs an editor's browser in

    def __getitem__(self, name: str) -> httpx2.AsyncClient:
        return self.clients[name]


@pytest.fixture
async def office(tmp_path: Path, web: WebSettings) -> AsyncIterator[Office]:
    scripted = scripted_repository(tmp_path / "shop")
    settings = Settings.model_validate({"project": {"tenant": TENANT}})
    scene = await build(project=Project(settings=settings, base=scripted.repository.folder))
    async with serving(create_api(scene.system, web)) as url:
        clients = {
            name: httpx2.AsyncClient(base_url=url, headers=bearer(await secret(scene, name, tenant)), timeout=30)
            for name, tenant in (
                ("user", TENANT), ("editor", TENANT), ("engineer", TENANT), ("stranger", OTHER_TENANT)
            )
        }  # fmt: skip
        clients["browser"] = httpx2.AsyncClient(base_url=url, timeout=30)
        clients["nobody"] = httpx2.AsyncClient(base_url=url, timeout=30)
        link = await scene.link_token("ed", roles=("user", "editor"))
        yield Office(scripted=scripted, url=url, clients=clients, link=link)
        for one in clients.values():
            await one.aclose()


async def secret(scene: Scene, name: str, tenant: str) -> str:
    role = "editor" if name == "stranger" else name
    _, value = await scene.tokens.create(
        tenant=tenant, principal=Principal(id=name, roles=("user", role)), label=name
    )
    return value


def hashes(folder: Path) -> dict[str, str]:
    files = [one for one in sorted(folder.rglob("*")) if one.is_file() and ".git" not in one.parts]
    return {str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest() for one in files}


async def test_who_reads_prompts_and_what_their_json_holds(office: Office) -> None:
    async def statuses(name: str, path: str) -> int:
        return (await office[name].get(path)).status_code

    for path in (*PAGES, *JSON):
        found = {
            name: await statuses(name, path) for name in office.clients if name not in ("engineer", "browser")
        }
        assert found == {"user": 403, "editor": 200, "stranger": 404, "nobody": 401}, path
    rows = (await office["engineer"].get("/v1/prompts")).json()["prompts"]
    (answer,) = [one for one in rows if one["id"] == "answer"]
    assert (answer["version"], answer["versions"], answer["rollout"], answer["matrix"]) == (THIRD, 3, "", None)
    page = (await office["editor"].get("/v1/prompts/answer/versions?base=1.0.0&head=1.2.0")).json()
    assert (page["difference"]["base"], page["difference"]["head"]) == (FIRST, THIRD)
    assert {one: bool(told["fault"]) for one, told in page["evidence"].items()} == {
        "effects": False, "rollout": False, "behavior": False, "production": True,
    }  # fmt: skip
    assert page["evidence"]["effects"]["value"][THIRD]["why"].startswith("no finished run")
    for path in ("/prompts/nobody", "/v1/prompts/nobody/versions", f"/v1/prompt-texts/{'0' * 64}"):
        assert await statuses("editor", path) == 404
    assert await statuses("editor", "/prompts/answer?base=9.9.9") in (400, 404)


async def test_a_draft_is_checked_refused_and_handed_over_while_no_file_changes(office: Office) -> None:
    folder, editor = office.scripted.repository.folder, office["editor"]
    before = hashes(folder)
    checked = (await editor.post("/v1/prompts/answer/check", json={"text": DRAFT})).json()
    assert (checked["problems"], checked["version"]) == ([], NEXT)
    for name, status in (("user", 403), ("stranger", 404), ("nobody", 401)):
        for path, body in (
            ("check", {"text": DRAFT}),
            ("tries", {"text": DRAFT, "question": "?"}),
            ("runs", {"text": DRAFT}),
            ("proposals", {"text": DRAFT}),
        ):
            assert (await office[name].post(f"/v1/prompts/answer/{path}", json=body)).status_code == status
    for text in ("", "x" * 64_001, office.scripted.texts[THIRD]):
        reply = await editor.post("/v1/prompts/answer/proposals", json={"text": text})
        assert 400 <= reply.status_code < 500, text[:20]
    assert (await editor.post("/v1/prompts/nobody/proposals", json={"text": DRAFT})).status_code == 404
    assert (await editor.get("/v1/prompts/answer/runs/jb_1")).status_code == 404

    browser = office["browser"]
    assert (await browser.get(f"/signin?token={office.link}")).status_code == 303
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 422)):
        reply = await browser.post(
            "/v1/prompts/answer/proposals", json={"text": "no front matter"}, headers={"Sec-Fetch-Site": site}
        )
        assert reply.status_code == status, site

    made = await editor.post("/v1/prompts/answer/proposals", json={"text": DRAFT, "note": "Asked for."})
    assert made.status_code == 201
    assert made.json()["merge"] == f"git merge prompt/answer-{NEXT}"
    git = office.scripted.repository.git
    assert git("show", f"prompt/answer-{NEXT}:prompts/answer.md") == DRAFT.strip()
    assert "Proposed by editor.\n\nAsked for." in git("log", "-1", "--format=%B", f"prompt/answer-{NEXT}")
    assert hashes(folder) == before
