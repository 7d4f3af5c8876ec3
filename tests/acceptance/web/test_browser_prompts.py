"""Prompts in a browser: read, told apart, edited and handed over; and nobody's who may not read them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio
from browsing import DESKTOP, PHONE, Visitor, ask, keep
from office import a_week, measured_runs, results, rolled_out, texts
from playwright.async_api import Browser, expect
from scenes import TENANT, Scene, build

from answerable.api import WebSettings, create_api
from answerable.app.behavior.results import keep as keep_results
from answerable.app.project import Project
from answerable.config import Settings
from answerable.testing.repositories import FIRST, THIRD, Scripted, prompt_text, scripted_repository
from answerable.testing.server import serving

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AUDIT = (Path(__file__).parent / "audit.js").read_text("utf-8")
NEXT = "1.3.0"
WRITTEN = prompt_text(NEXT, change="Say the day.", rule="Name the day.")
LEAKS = WRITTEN.replace("Name the day.", "The key is ghp_16C7e42F292c6912E7710c838347Ae178B4a.")


@dataclass(frozen=True)
class Office:
    """A served project whose prompt has a history."""

    scripted: Scripted
    project: Project
    scene: Scene
    visitor: Visitor

    def sign_in(self, *roles: str) -> Visitor:
        """A visitor of these roles, besides that of a user."""
        self.visitor.link_token = lambda: self.scene.link_token("-".join(("p", *roles)), roles=("user", *roles))
        return self.visitor


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("answerable.app.prompts.evidence.version_board", a_week)
        async with opened(chromium, tmp_path_factory.mktemp("office")) as one:
            yield one
    assert one.visitor.alarms == []


@asynccontextmanager
async def opened(chromium: Browser, folder: Path) -> AsyncIterator[Office]:
    scripted = scripted_repository(folder / "shop")
    settings = Settings.model_validate({"project": {"tenant": TENANT}})
    project = Project(settings=settings, base=scripted.repository.folder)
    keep_results(project, results(texts(scripted)[THIRD]))
    scene = await build(project=project)
    system = replace(
        scene.system, runs=await measured_runs(scripted, TENANT), rollouts=rolled_out(scripted, project)
    )
    web = WebSettings(title="TechCorp assistant", tenant=TENANT)
    async with serving(create_api(system, web)) as url:
        visitor = Visitor(browser=chromium, url=url, link_token=scene.link_token)
        yield Office(scripted=scripted, project=project, scene=scene, visitor=visitor)
        await visitor.leave()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_of_prompts_are_readable_and_fit_a_phone(office: Office, scheme: str) -> None:
    shape = PHONE if scheme == "dark" else DESKTOP
    page = await office.sign_in("editor").sign_in(color_scheme=scheme, reduced_motion="reduce", **shape)
    found = {}
    for path in ("/prompts", "/prompts/answer", f"/prompt-texts/answer@{FIRST}", "/prompts/answer/sandbox"):
        await page.goto(f"{office.visitor.url}{path}?lang={'de' if scheme == 'dark' else 'en'}")
        if path.endswith("sandbox"):
            await expect(page.locator("#size")).to_contain_text("→")
        name = path.strip("/").replace("/", "-")
        await keep(page, f"prompts-{scheme}-{name}", full=True)
        found[path] = (await page.evaluate(AUDIT))["faults"]
        width = await page.evaluate("document.documentElement.scrollWidth")
        found[path] += [f"{width} px wide"] if width > shape["viewport"]["width"] else []
    assert {path: faults for path, faults in found.items() if faults} == {}


async def test_versions_are_told_apart_and_each_text_is_one_click_away(office: Office) -> None:
    page = await office.sign_in("editor").sign_in()
    await page.goto(f"{office.visitor.url}/prompts")
    row = page.locator("tr", has=page.get_by_role("link", name="answer", exact=True))
    await expect(row).to_contain_text(THIRD)
    await expect(row).to_contain_text("1 of 2")
    await expect(row).to_contain_text(f"{THIRD}: 10%")
    await row.get_by_role("link").click()
    await expect(page.locator(".timeline li")).to_have_count(3)
    newest, measured, oldest = (page.locator(".timeline li").nth(n) for n in range(3))
    await expect(newest).to_contain_text(f"no finished run of {THIRD}")
    await expect(measured.locator(".effect")).to_contain_text("Better +26.7 points")
    await expect(oldest.locator(".effect")).to_have_count(0)
    matrix = page.get_by_role("region", name="Behavior")
    await expect(matrix.get_by_role("row", name="Adversarial input")).to_contain_text("0 of 1")
    await expect(page.get_by_role("region", name="Rollout")).to_contain_text(f"{THIRD} · 10.0")
    chart = page.get_by_role("region", name="In production").locator("svg").first
    await expect(chart.locator("desc")).to_contain_text(
        f"Mark 1, 2026-11-19 12:00: prompt answer {FIRST} → 1.1.0."
    )
    await page.get_by_label("From").select_option(FIRST)
    await page.get_by_role("button", name="Compare").click()
    await expect(page.locator("h2#difference")).to_have_text(f"{FIRST} → {THIRD}")
    await page.locator(".timeline li").last.get_by_role("link", name="Exact text").click()
    assert await page.locator(".prompt-text").text_content() == office.scripted.texts[FIRST]


async def test_a_change_is_checked_survives_a_reload_and_leaves_as_a_branch(office: Office) -> None:
    page = await office.sign_in("editor").sign_in()
    address = f"{office.visitor.url}/prompts/answer/sandbox"
    await page.goto(address)
    await page.get_by_label("The prompt file").fill(LEAKS)
    await expect(page.locator("#findings")).to_contain_text("secret")
    await page.locator("#findings button").first.click()
    assert await page.evaluate("document.activeElement.id") == "draft"
    await page.get_by_label("The prompt file").fill(WRITTEN)
    await expect(page.locator("#findings")).to_contain_text("Nothing found")
    await page.reload()
    await expect(page.get_by_label("The prompt file")).to_have_value(WRITTEN)
    await page.get_by_label("Why, for whoever").fill("Asked for.")
    await page.get_by_role("button", name="Hand over as a branch").click()
    await expect(page.locator("#handed code")).to_have_text(f"git merge prompt/answer-{NEXT}")
    git = office.scripted.repository.git
    assert git("show", f"prompt/answer-{NEXT}:prompts/answer.md") == WRITTEN.strip()
    assert git("status", "--porcelain", "--untracked-files=no") == ""
    await page.reload()
    await expect(page.get_by_label("The prompt file")).to_have_value(office.scripted.texts[THIRD])


async def test_an_answer_leads_an_editor_to_its_exact_prompt_and_nobody_else(office: Office) -> None:
    for roles, links in (((), 0), (("editor",), 1)):
        page = await office.sign_in(*roles).sign_in()
        await ask(page, "please partial")
        await page.locator(".turn .made summary").click()
        made = page.locator(".turn .made")
        await expect(made).to_contain_text("answer@2.3.0")
        await expect(made.locator("a[href^='/prompt-texts/']")).to_have_count(links)
        reply = await page.goto(f"{office.visitor.url}/prompts")
        assert reply is not None and reply.status == (200 if links else 403)
