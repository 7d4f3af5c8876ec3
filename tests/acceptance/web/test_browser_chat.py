"""The chat in a real browser: asking, citations, states, keys, languages, and without scripts."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from browsing import PHONE, Visitor, ask, keep
from playwright.async_api import Page, expect
from scenes import ANSWERS, CREDIT, PADS, THIRTY, Scene

from answerable.adapters.fakes.asker import events_of
from answerable.core.events import Done, Revise
from answerable.core.outcome import Outcome

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LABELS = {
    "answered": "Answered",
    "partial": "Partly answered",
    "conflict": "Our pages disagree",
    "clarify": "One question back",
    "abstained": "No answer in our pages",
    "out_of_scope": "Not my subject",
    "too_long": "Too long",
    "blocked": "Not possible",
    "escalated": "Passed to a person",
    "failed": "Something broke",
}


def reading(shop: Scene, **fields: object) -> Scene:
    """The shop with another asker. The server looks its asker up for every question."""
    object.__setattr__(shop.system, "asker", replace(shop.asker, **fields))
    return shop


async def focused(page: Page) -> str:
    return await page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


async def test_a_question_is_asked_and_a_citation_opened_with_the_keyboard_alone(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    await expect(page.locator("#question")).to_be_focused()
    await page.keyboard.type("can i return headfones bought with SUMMER20, partial")
    await page.keyboard.press("Enter")
    await expect(page.locator(".turn .rate")).to_be_visible()
    await expect(page.locator(".answer .cite")).to_have_count(2)
    await page.keyboard.press("Shift+Tab")
    while "cite" not in await focused(page):
        await page.keyboard.press("Shift+Tab")
    name = await page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert name == "Source 2, Coupon terms"
    await page.keyboard.press("Enter")
    await expect(page.locator("#viewer mark")).to_have_text(CREDIT.quote)
    await expect(page.locator("#viewer h2")).to_be_focused()
    await keep(page, "viewer-desktop")
    await page.keyboard.press("Escape")
    await expect(page.locator("#viewer")).to_be_hidden()
    await expect(page.locator('.answer .cite[data-n="2"]')).to_be_focused()
    assert visitor.alarms == []


async def test_the_viewer_marks_exactly_the_passage_and_goes_on_to_the_next(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    await ask(page, "please answered")
    await page.locator(".answer .cite").first.click()
    await expect(page.locator("#viewer mark")).to_have_text(THIRTY.quote)
    await expect(page.locator("#viewer .label")).to_contain_text("1 of 2")
    await expect(page.locator("#viewer .facts")).to_contain_text("Current version")
    await page.get_by_role("button", name="Next citation").click()
    await expect(page.locator("#viewer mark")).to_have_text(PADS.quote)
    assert await page.locator("#viewer mark").is_visible()
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("[")
    await expect(page.locator("#viewer mark")).to_have_text(THIRTY.quote)


@pytest.mark.parametrize("outcome", [one.value for one in Outcome])
async def test_every_outcome_has_its_state_in_words_with_ways_on(visitor: Visitor, outcome: str) -> None:
    page = await visitor.sign_in()
    await ask(page, f"please {outcome}")
    turn = page.locator(".turn")
    await expect(turn.locator(".outcome b").last).to_have_text(LABELS[outcome])
    await expect(turn.locator(".answer")).to_contain_text(ANSWERS[outcome].text[:12])
    await expect(turn.locator(".outcome svg").last).to_be_visible()
    steps = await turn.locator(".steps li, .plain .chip").count()
    assert steps == len(ANSWERS[outcome].next_steps)
    await keep(page, f"outcome-{outcome}")
    assert visitor.alarms == []


async def test_a_conflict_shows_both_pages_and_which_is_newer(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    await ask(page, "please conflict")
    cards = page.locator(".versus figure")
    await expect(cards).to_have_count(2)
    await expect(cards.nth(0)).to_contain_text("Newest")
    await expect(cards.nth(0)).to_contain_text("30 days")
    await expect(cards.nth(1)).to_contain_text("60 days")
    await expect(page.locator(".answer")).to_have_text("Our pages disagree. The newer page is usually right.")
    await expect(page.locator(".turn .chip").nth(1)).to_contain_text("Past its review date")


async def test_next_steps_lead_on(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    await ask(page, "please abstained")
    await page.locator(".plain .chip").click()
    await expect(page.locator("#viewer h2")).to_have_text("Returns policy")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Ask differently").click()
    await expect(page.locator("#question")).to_have_value("please abstained")
    await page.get_by_role("button", name="Tell us what is missing").click()
    await expect(page.get_by_label("Comment (optional)")).to_be_focused()
    person = page.locator(".steps a")
    assert await person.get_attribute("href") == "mailto:support@techcorp.example"


async def test_how_it_was_made_is_told(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    await ask(page, "please partial")
    await page.locator(".made summary").click()
    made = page.locator(".made")
    for words in (
        "main/small-model-2026-05",
        "answer@2.3.0",
        "1610 ms",
        "0.00210 USD",
        "tr_",
        "rerank",
        "held back",
    ):
        await expect(made).to_contain_text(words)
    went_without = page.locator(".turn > .remark").last
    await expect(went_without).to_contain_text("The passages found were ordered in a simpler way.")
    await keep(page, "made", full=True)


async def test_finished_sentences_are_announced_and_the_log_stays_silent(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    log = page.get_by_role("log")
    assert "AI" in await log.get_attribute("aria-label")
    assert await log.get_attribute("aria-live") == "off"
    await ask(page, "please partial")
    said = await page.locator("#live p").all_text_contents()
    assert said[0] == "2 sources found"
    assert said[1:4] == [
        "You can return headphones within 30 days of delivery [1].",
        "Purchases with SUMMER20 are refunded as store credit [2].",
        "I'm not sure about sale items: no page mentions the Spring Sale.",
    ]
    assert said[-1] == "Answer complete, 2 sources. Partly answered."


async def test_a_withdrawn_sentence_is_replaced_and_announced(visitor: Visitor, shop: Scene) -> None:
    def tell(answer):
        told = events_of(answer)
        shorter = replace(answer, text=answer.text[answer.claims[1].start :], claims=())
        return [*told[:-1], Revise(claim=0, action="withdraw", reason="number"), Done(answer=shorter)]

    reading(shop, tell=tell)
    page = await visitor.sign_in()
    await ask(page, "please answered")
    await expect(page.locator(".gone")).to_have_text("I removed a sentence I could not support.")
    await expect(page.locator(".answer")).not_to_contain_text("30 days")
    assert "I removed a sentence I could not support." in await page.locator("#live p").all_text_contents()


@pytest.mark.parametrize("how", ["button", "Escape"])
async def test_stop_ends_the_work_and_keeps_the_question(visitor: Visitor, shop: Scene, how: str) -> None:
    reading(shop, pause_s=0.4)
    page = await visitor.sign_in()
    await page.fill("#question", "please partial")
    await page.keyboard.press("Enter")
    await expect(page.locator(".working")).to_be_visible()
    if how == "button":
        await page.get_by_role("button", name="Stop").click()
    else:
        await page.keyboard.press("Escape")
    await expect(page.locator(".turn .outcome b")).to_have_text("Stopped")
    await expect(page.locator("#question")).to_have_value("please partial")
    await expect(page.get_by_role("button", name="Send")).to_be_visible()
    assert visitor.alarms == []


async def test_a_broken_stream_is_resumed(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    await page.evaluate(
        """() => {
          const real = window.fetch;
          window.calls = [];
          window.fetch = async (path, options = {}) => {
            window.calls.push([options.method ?? "GET", path, options.headers?.["Last-Event-ID"] ?? ""]);
            const reply = await real(path, options);
            if (path !== "/v1/answers") return reply;
            const text = await reply.text(); // cut in the middle of an event, as a lost line does
            return new Response(text.slice(0, text.indexOf("event: text") + 30), reply);
          };
        }"""
    )
    await ask(page, "please partial")
    await expect(page.locator(".answer .cite")).to_have_count(2)
    calls = await page.evaluate("window.calls")
    assert calls[0][0] == "POST"
    assert calls[1][0] == "GET"
    assert int(calls[1][2]) >= 4


async def test_offline_the_question_is_kept_and_can_be_asked_again(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    await page.context.set_offline(True)
    await expect(page.locator("#banner")).to_contain_text("offline")
    await page.fill("#question", "please answered")
    await page.keyboard.press("Enter")
    await expect(page.locator(".plain.failed")).to_contain_text("connection broke")
    await expect(page.locator("#question")).to_have_value("please answered")
    await keep(page, "offline")
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Ask again").click()
    await expect(page.locator(".turn .rate")).to_be_visible()
    await expect(page.locator("#banner")).to_be_hidden()


async def test_an_ended_session_is_said_and_the_draft_survives_the_reload(visitor: Visitor, shop: Scene) -> None:
    page = await visitor.sign_in()
    for token in await shop.tokens.tokens(tenant="techcorp"):
        await shop.tokens.revoke(tenant="techcorp", token_id=token.id)
    await page.fill("#question", "please answered")
    await page.keyboard.press("Enter")
    await expect(page.locator(".plain.failed")).to_contain_text("session has ended")
    await page.reload()
    await expect(page.locator("h1")).to_have_text("Sign in")
    await keep(page, "signin")


async def test_a_question_that_is_too_long_is_counted_and_kept(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    await page.fill("#question", "📦" * 4003)
    await expect(page.locator("#count")).to_have_text("3 characters too many")
    await page.fill("#question", "this is too_long")
    await expect(page.locator("#count")).to_have_text("16 of 4000 characters")
    await ask(page, "this is too_long")
    await expect(page.locator("#question")).to_have_value("this is too_long")


async def test_follow_ups_carry_the_conversation(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    bodies = []
    page.on("request", lambda one: one.url.endswith("/v1/answers") and bodies.append(json.loads(one.post_data)))
    await ask(page, "please answered")
    await ask(page, "and for speakers, partial")
    assert bodies[0]["history"] == []
    assert [turn["role"] for turn in bodies[1]["history"]] == ["user", "assistant"]
    assert bodies[1]["history"][0]["text"] == "please answered"


async def test_what_is_seen_of_an_answer_reaches_the_log(visitor: Visitor, shop: Scene) -> None:
    page = await visitor.sign_in()
    await ask(page, "please answered")
    await page.locator(".answer .cite").first.click()
    await page.keyboard.press("Escape")
    written = shop.system.emission.events.written
    while {"answer.displayed", "citation.opened"} - {one.name for one in written}:
        await asyncio.sleep(0.02)
    told = {one.name: one for one in written}
    assert told["citation.opened"].props["n"] == 1
    assert told["citation.opened"].props["dwell_ms"] >= 0
    assert {one.channel for one in written} == {"page"}
    assert len({one.answer for one in written}) == 1


async def test_feedback_reaches_the_journal(visitor: Visitor, shop: Scene) -> None:
    page = await visitor.sign_in()
    await ask(page, "please answered")
    await page.get_by_role("button", name="Partly").click()
    await expect(page.get_by_role("button", name="Partly")).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="Bad answer").click()
    await page.get_by_role("button", name="Outdated").click()
    await page.get_by_label("Comment (optional)").fill("Old price")
    await page.get_by_role("button", name="Send feedback").click()
    await expect(page.locator(".why")).to_contain_text("Thank you")
    last = (await shop.feedback())[-1]
    assert (last["value"], last["solved"]) == ("down", "partly")
    assert (last["reasons"], last["comment"]) == (["outdated"], "Old price")


async def test_shortcuts_work_outside_of_text_and_can_be_switched_off(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    await ask(page, "please partial")
    await page.keyboard.type("/[?")
    await expect(page.locator("#question")).to_have_value("/[?")
    await page.fill("#question", "")
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("]")
    assert 'data-n="1"' in await focused(page)
    await page.keyboard.press("/")
    await expect(page.locator("#question")).to_be_focused()
    await page.keyboard.press("Alt+ArrowUp")
    await expect(page.locator("#question")).to_have_value("please partial")
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("?")
    await expect(page.locator("#help")).to_be_visible()
    await page.get_by_label("Single-key shortcuts").uncheck()
    await page.keyboard.press("Escape")
    await expect(page.locator("#help")).to_be_hidden()
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("?")
    await expect(page.locator("#help")).to_be_hidden()


async def test_on_a_phone_the_source_is_a_full_sheet_and_nothing_scrolls_sideways(visitor: Visitor) -> None:
    page = await visitor.sign_in(**PHONE)
    await keep(page, "phone-empty")
    await ask(page, "please partial")
    await keep(page, "phone-partial", full=True)
    await page.locator(".answer .cite").first.click()
    await expect(page.locator("#viewer mark")).to_have_text(THIRTY.quote)
    box = await page.locator("#viewer").bounding_box()
    assert (box["x"], box["width"], box["height"]) == (0, 320, 640)
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    await keep(page, "phone-viewer")


async def test_the_theme_is_chosen_and_remembered(visitor: Visitor) -> None:
    page = await visitor.sign_in(color_scheme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = await page.evaluate(paper)
    await page.locator(".menu summary").click()
    await page.get_by_role("button", name="Dark").click()
    dark = await page.evaluate(paper)
    assert dark != light
    await page.reload()
    assert await page.evaluate(paper) == dark
    await keep(page, "dark-empty")


async def test_the_language_is_chosen_and_remembered(visitor: Visitor) -> None:
    page = await visitor.sign_in(locale="de-DE")
    await expect(page.locator("h1")).to_have_text("Was möchtest du wissen?")
    await page.goto(f"{visitor.url}/?lang=es")
    await page.goto(f"{visitor.url}/")
    assert await page.evaluate("document.documentElement.lang") == "es"
    await ask(page, "please partial")
    await expect(page.locator(".outcome b")).to_have_text("Respondida en parte")
    assert await page.locator(".answer").get_attribute("lang") == "en"


async def test_the_disclosure_stands_before_the_first_message(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    await expect(page.locator(".disclosure")).to_contain_text("You are talking to an AI")
    await keep(page, "empty")


async def test_an_example_is_asked_with_one_press(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    await page.get_by_role("button", name="Can I return headphones?").click()
    await expect(page.locator(".turn .question")).to_contain_text("Can I return headphones?")
    await expect(page.locator(".turn .rate")).to_be_visible()


async def test_the_first_load_is_under_60_kilobytes(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    session = await page.context.new_cdp_session(page)
    sizes = []
    session.on("Network.loadingFinished", lambda one: sizes.append(one["encodedDataLength"]))
    await session.send("Network.enable")
    await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    await page.goto(f"{visitor.url}/", wait_until="networkidle")
    assert len(sizes) > 8
    assert sum(sizes) <= 60_000


async def test_without_scripts_a_question_gets_an_answer_with_links_to_its_passages(visitor: Visitor) -> None:
    page = await visitor.sign_in(java_script_enabled=False)
    await page.fill("#question", "please partial")
    await page.locator("#send").click()
    await expect(page.locator(".question")).to_contain_text("please partial")
    await expect(page.locator(".outcome b")).to_have_text("Partly answered")
    await keep(page, "no-script", full=True)
    await page.locator(".answer .cite").first.click()
    await expect(page.locator("mark")).to_have_text(THIRTY.quote)
    await expect(page.locator("h1")).to_have_text("Returns policy")
    await keep(page, "source-page")


async def test_a_link_to_an_older_version_marks_only_what_is_still_the_same(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    await page.goto(f"{visitor.url}/sources/{THIRTY.document_id}?v=9&start=3&end=40")
    await expect(page.locator("mark")).to_have_count(0)
    await expect(page.locator(".remark")).to_contain_text("changed since")
    same = f"?v=9&c={THIRTY.chunk_id}&start={THIRTY.start}&end={THIRTY.end}"
    await page.goto(f"{visitor.url}/sources/{THIRTY.document_id}{same}")
    await expect(page.locator("mark")).to_have_text(THIRTY.quote)


async def test_the_stream_parser_takes_every_line_end_and_every_cut(visitor: Visitor) -> None:
    page = await visitor.sign_in()
    script = await page.locator('link[rel=modulepreload][href$="wire.js"]').get_attribute("href")
    told = await page.evaluate(
        """async (path) => {
          const { parser } = await import(path);
          const first = ["id: 1", "event: text", 'data: {"a": "x: y"}', ""];
          const lines = [...first, ": comment", "id: 2", 'data: {"b":', "data: 2}", "", ""];
          const all = [];
          for (const end of ["\\n", "\\r\\n"]) {
            const text = lines.join(end);
            for (let cut = 0; cut < text.length; cut += 1) {
              const told = [];
              const parse = parser((event) => told.push([event.id, event.name, event.data]));
              parse(text.slice(0, cut));
              parse(text.slice(cut));
              all.push(JSON.stringify(told));
            }
          }
          return [...new Set(all)];
        }""",
        script,
    )
    assert told == ['[["1","text",{"a":"x: y"}],["2","message",{"b":2}]]']


async def test_operators_see_each_provider_without_scripts_and_nobody_else_does(
    visitor: Visitor, shop: Scene
) -> None:
    page = await visitor.arrive(**PHONE, java_script_enabled=False)
    await page.goto(f"{visitor.url}/signin?token={await shop.link_token('eve', roles=('user', 'ops'))}")
    await page.wait_for_url(f"{visitor.url}/")
    await page.goto(f"{visitor.url}/providers?lang=en")
    endpoints = page.locator(".endpoint")
    await expect(endpoints.locator(".state b")).to_have_text(["Working", "Being tried", "Left alone", "Working"])
    await expect(endpoints.nth(0)).to_contain_text("small-model-2026-08-01")
    await expect(endpoints.nth(1)).to_contain_text("3 of 3")
    await expect(endpoints.nth(2)).to_contain_text("HTTP 503 overloaded")
    await expect(page.locator(".happenings li").nth(1)).to_contain_text("Model changed")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    await keep(page, "providers-phone", full=True)
    await page.goto(f"{visitor.url}/providers?lang=de")
    await expect(page.locator("h1")).to_have_text("Modelle und Anbieter")
    person = await visitor.sign_in()
    assert (await person.goto(f"{visitor.url}/providers")).status == 403
    assert visitor.alarms == []
