"""A browser on the whole system: the command line serves it, Postgres finds, the real asker answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from browsing import PHONE, Visitor, ask, keep
from playwright.async_api import Browser, Page, expect

from answerable.testing.projects import ProjectFolder
from answerable.testing.served import Served, served

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

QUESTION = "Within how many days of delivery can most items be returned?"
SENTENCE = "Most items can be returned within 30 days of delivery"
UNKNOWN = "Who was the first person on the moon?"
LISTEN = """(() => {  // the network panel does not keep the body of a stream
  const real = window.fetch;
  window.streams = [];
  window.fetch = async (path, options) => {
    const reply = await real(path, options);
    if (path === "/v1/answers") window.streams.push(reply.clone().text());
    return reply;
  };
})()"""


class OneLink:
    """`answerable serve` prints one link for one use; later pages take over the session that it opened."""

    def __init__(self, visitor: Visitor, link: str) -> None:
        self.visitor = visitor
        self._link = link
        self._session: object = None

    async def chat(self, **options: object) -> Page:
        """The chat, signed in."""
        page = await self.visitor.arrive(storage_state=self._session, **options)
        await page.add_init_script(LISTEN)
        await page.goto(f"{self.visitor.url}/" if self._session else self._link)
        await page.wait_for_url(f"{self.visitor.url}/")
        self._session = await page.context.storage_state()
        return page


@pytest.fixture(scope="module")
def serving_project(ingested_project: ProjectFolder) -> Iterator[Served]:
    with served(ingested_project) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def person(chromium: Browser, serving_project: Served) -> AsyncIterator[OneLink]:
    visitor = Visitor(browser=chromium, url=serving_project.url, link_token=None)
    yield OneLink(visitor, serving_project.link)
    await visitor.leave()
    assert visitor.alarms == []


async def told(page: Page, question: str) -> list[tuple[str, dict]]:
    """Ask with the keyboard alone; gives the (name, data) of every event that the page was sent."""
    await expect(page.locator("#question")).to_be_focused()
    await page.keyboard.type(question)
    await page.keyboard.press("Enter")
    await page.locator(".turn .rate").last.wait_for()
    return list(events(await page.evaluate("window.streams.at(-1)")))


def events(stream: str) -> Iterator[tuple[str, dict]]:
    for block in stream.replace("\r\n", "\n").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "data" in fields:
            yield fields["event"], json.loads(fields["data"])


async def focus_on(page: Page, kind: str) -> None:
    """Back with Shift+Tab to the first element of that class."""
    for _ in range(60):
        if await page.evaluate("kind => document.activeElement.classList.contains(kind)", kind):
            return
        await page.keyboard.press("Shift+Tab")
    pytest.fail(f"no .{kind} is reached with Shift+Tab")


async def test_a_question_is_asked_streamed_and_its_citation_opened_with_the_keyboard_alone(person: OneLink):
    page = await person.chat()
    sent = await told(page, QUESTION)
    names = [name for name, _ in sent]
    assert names.index("sources") < names.index("text") < names.index("done")
    await expect(page.locator(".answer")).to_contain_text(SENTENCE)
    said = await page.locator("#live p").all_text_contents()
    sentences = [data["delta"].strip() for name, data in sent if name == "text"]
    assert [line for line in said if line in sentences] == sentences
    quote = dict(sent)["done"]["sources"][0]["quote"]
    assert SENTENCE in quote

    await focus_on(page, "cite")
    await page.keyboard.press("Enter")
    mark = page.locator("#viewer mark")
    await expect(mark).to_be_visible()
    assert await mark.text_content() == quote
    await expect(page.locator("#viewer h2")).to_have_text("Returns policy")
    await expect(page.locator("#viewer h2")).to_be_focused()
    await keep(page, "real-source")
    await page.keyboard.press("Escape")
    await expect(page.locator("#viewer")).to_be_hidden()
    await expect(page.locator(".answer .cite").first).to_be_focused()


async def test_what_is_not_there_is_said_with_ways_on(person: OneLink):
    page = await person.chat()
    done = dict(await told(page, UNKNOWN))["done"]
    assert done["outcome"] in ("abstained", "out_of_scope")
    assert done["sources"] == []
    turn = page.locator(".turn").last
    await expect(turn.locator(".cite")).to_have_count(0)
    await expect(turn.locator(".answer")).to_have_text(done["text"])
    ways = turn.locator(".steps li, .plain .chip")
    assert await ways.count() == len(done["next_steps"]) >= 2
    await keep(page, "real-abstained")


async def test_feedback_in_the_page_is_in_the_trace(person: OneLink, ingested_project: ProjectFolder):
    page = await person.chat()
    done = dict(await told(page, QUESTION))["done"]
    await page.get_by_role("button", name="Bad answer").click()
    await page.get_by_role("button", name="Outdated").click()
    await page.get_by_label("Comment (optional)").fill("It is 14 days since May")
    await page.get_by_role("button", name="Send feedback").click()
    await expect(page.locator(".why")).to_contain_text("Thank you")
    trace = ingested_project.run("trace", "show", done["trace"], "--format", "json").json
    assert trace["question"] == QUESTION
    last = trace["feedback"][-1]
    assert (last["value"], last["reasons"]) == ("down", ["outdated"])
    assert last["comment"] == "It is 14 days since May"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_phone_the_answer_and_its_source_fit(person: OneLink, scheme: str):
    page = await person.chat(color_scheme=scheme, **PHONE)
    await ask(page, QUESTION)
    await keep(page, f"real-phone-{scheme}", full=True)
    await page.locator(".answer .cite").first.click()
    await expect(page.locator("#viewer mark")).to_contain_text(SENTENCE)
    width = PHONE["viewport"]["width"]
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    assert (await page.locator("#viewer").bounding_box())["width"] == width
    await keep(page, f"real-phone-source-{scheme}")


async def test_dark_is_dark(person: OneLink):
    page = await person.chat(color_scheme="dark")
    await ask(page, QUESTION)
    red, green, blue = await page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    )
    assert max(red, green, blue) < 64
    await keep(page, "real-dark")


async def test_the_link_signs_in_only_once(person: OneLink, serving_project: Served):
    await person.chat()
    page = await person.visitor.arrive()
    await page.goto(serving_project.link)
    await expect(page.locator("#question")).to_have_count(0)
