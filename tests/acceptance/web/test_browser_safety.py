"""Nothing that a document, a question or a model says is ever more than text; and everybody can use the pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import DESKTOP, PHONE, Visitor, ask
from playwright.async_api import expect
from scenes import DOCUMENTS, EVIL, ODD

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AUDIT = (Path(__file__).parent / "audit.js").read_text("utf-8")
INSIDE = "#log, #viewer, .document, .page"


async def foreign_nodes(page) -> list[str]:
    """Elements that our own code never makes."""
    made = "script, img, iframe, object, embed, style, base, meta, form[action^=http], [onerror], [onload]"
    links = 'a[href^=javascript], a[href*="evil"]'
    return await page.evaluate(
        """([inside, made, links]) => [
          ...[...document.querySelectorAll(inside)].flatMap((root) => [...root.querySelectorAll(made)]),
          ...document.querySelectorAll(links),
        ].map((node) => node.outerHTML)""",
        [INSIDE, made, links],
    )


async def test_markup_in_question_answer_title_section_and_quote_stays_text(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    await ask(page, f"{EVIL} please hostile")
    turn = page.locator(".turn")
    await expect(turn.locator(".question")).to_contain_text(EVIL)
    await expect(turn.locator(".answer")).to_contain_text(f"An answer {EVIL} with a link (evil.example) and i")
    await expect(turn.locator(".chip")).to_contain_text(EVIL)
    await expect(turn.locator(".steps")).to_contain_text(EVIL)
    await turn.locator(".made summary").click()
    await turn.locator(".answer .cite").click()
    await expect(page.locator("#viewer mark")).to_have_text(ODD.quote)
    await expect(page.locator("#viewer h2")).to_contain_text(EVIL)
    assert await foreign_nodes(page) == []
    assert visitor.alarms == []


async def test_markup_stays_text_on_the_pages_of_the_server_too(visitor: Visitor) -> None:
    page = await visitor.sign_in(java_script_enabled=False)
    await page.fill("#question", f"{EVIL} please hostile")
    await page.locator("#send").click()
    await expect(page.locator(".question")).to_contain_text(EVIL)
    await expect(page.locator(".answer")).to_contain_text(EVIL)
    await page.locator(".answer .cite").click()
    await expect(page.locator("mark")).to_have_text(ODD.quote)
    await expect(page.locator("h1")).to_contain_text(EVIL)
    await expect(page.locator(".facts")).to_contain_text(EVIL)
    assert visitor.alarms == []


async def test_server_pages_run_no_script_of_a_document(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    await page.goto(f"{visitor.url}/sources/{DOCUMENTS['hostile'].id}?v=1&start={ODD.start}&end={ODD.end}")
    await expect(page.locator("mark")).to_have_text(ODD.quote)
    assert await foreign_nodes(page) == []
    await page.goto(f"{visitor.url}/sources/{EVIL.replace('/', '%2F')}?lang={EVIL}")
    await expect(page.locator("h1")).to_have_text("Not found")
    assert await foreign_nodes(page) == []
    assert visitor.alarms == []


async def test_the_policy_stops_what_a_mistake_would_let_through(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    await page.evaluate(
        """() => {
          const div = document.createElement("div");
          div.innerHTML = "<img src='http://evil.example/x' onerror='alert(1)'>";
          document.body.append(div);
        }"""
    )
    await page.wait_for_timeout(200)
    assert not [one for one in visitor.alarms if one.startswith("dialog")]
    assert [one for one in visitor.alarms if one.startswith("policy")]


async def test_the_secret_of_a_sign_in_link_leaves_the_address_and_no_script_sees_the_session(visitor) -> None:
    page = await visitor.sign_in()
    assert "token" not in page.url
    assert "session" not in await page.evaluate("document.cookie")
    assert await page.evaluate("document.referrer") == ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("shape", ["desktop", "phone"])
async def test_every_state_is_named_readable_and_large_enough(visitor: Visitor, scheme: str, shape: str) -> None:
    options = PHONE if shape == "phone" else DESKTOP
    page = await visitor.sign_in(color_scheme=scheme, reduced_motion="reduce", **options)
    faults = {"empty": (await page.evaluate(AUDIT))["faults"]}
    for outcome in ("partial", "conflict", "clarify", "abstained", "too_long", "blocked", "failed"):
        await ask(page, f"please {outcome}")
        await page.locator(".turn").last.locator(".made summary").click()
        faults[outcome] = (await page.evaluate(AUDIT))["faults"]
    await page.locator(".menu summary").click()
    faults["menu"] = (await page.evaluate(AUDIT))["faults"]
    await page.keyboard.press("Escape")
    await page.locator(".answer .cite").first.click()
    await expect(page.locator("#viewer mark")).to_be_visible()
    faults["viewer"] = (await page.evaluate(AUDIT))["faults"]
    assert {state: found for state, found in faults.items() if found} == {}


@pytest.mark.parametrize(
    "path", ["/errors", "/sources/faq.md?v=1&start=40&end=78", "/signin/done", "/sources/none"]
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_other_pages_are_named_and_readable(visitor: Visitor, path: str, scheme: str) -> None:
    page = await visitor.sign_in(color_scheme=scheme, **PHONE)
    if path == "/signin/done":
        await page.route(f"{visitor.url}/", lambda route: route.fulfill(status=204))  # stay on this page
    await page.goto(f"{visitor.url}{path}")
    assert (await page.evaluate(AUDIT))["faults"] == []


async def test_the_audit_sees_what_it_is_there_for(visitor: Visitor) -> None:
    page = await visitor.sign_in(color_scheme="light")
    assert (await page.evaluate(AUDIT))["faults"] == []
    await page.evaluate(
        """() => {
          document.documentElement.style.setProperty("--soft", "#b5b2aa");
          document.getElementById("send").removeAttribute("aria-label");
          document.querySelector(".menu summary").style.cssText = "min-height: 0; height: 12px";
          document.getElementById("main").insertAdjacentElement("beforeend", document.createElement("main"));
        }"""
    )
    faults = " ".join((await page.evaluate(AUDIT))["faults"])
    for word in ("contrast", "no name: button.send", "small: summary", "not one main"):
        assert word in faults
