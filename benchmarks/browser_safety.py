"""Show hostile outputs on the real pages in a real browser, and count what it does besides showing them.

    python benchmarks/browser_safety.py --data DIR [--outputs FILE] [--out benchmarks/results/browser_safety.json]

Each output stands as the sentences of an answer with a citation, as if no guard had touched it: every payload of
DOMPurify's own fixtures (DIR/guard/dompurify_expect), the generated Markdown exfiltration set, all shapes of the
captured model, and with --outputs what benchmarks/containment.py let through. Each is shown four times: streamed
into the chat and on the page without scripts, each with the Content-Security-Policy and without. Every name
resolves to a trap on this machine, so that a request is counted wherever it wants to go. The control puts the same
outputs into a page by `innerHTML`: it shows that they bite, and that the trap sees it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Error, Page, async_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "acceptance" / "web"))

from browsing import ARGUMENTS, chromium_path
from scenes import ODD, TENANT, build

from answerable.api import WebSettings, create_api
from answerable.core.answer import Answer, Claim, Confidence
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.evals.stats.proportions import upper_bound
from answerable.testing.model_server.behaviors.ways_out import ADDRESSES, SPELLINGS, opened
from answerable.testing.server import serving

PER_ANSWER = 12
_PAYLOAD = re.compile(r'"payload"\s*:\s*("(?:[^"\\]|\\.)*")')
MADE = "span em strong code button a svg use p b h3 ul li small"  # what our own pages make around an answer
DRAWN = """(made) => {
  const allowed = new Set(made.split(" "));
  const inside = [...document.querySelectorAll(".answer *, .question *, .sources *, .outcome *")];
  return {
    foreign: inside.filter((node) => !allowed.has(node.localName))
      .map((node) => node.outerHTML.slice(0, 200)),
    links: [...document.querySelectorAll(".answer a[href]")].map((node) => node.href)
      .filter((href) => ![location.origin, "https://docs.example.com"].includes(new URL(href).origin)),
  };
}"""


@dataclass(slots=True, kw_only=True)
class Seen:
    """What a browser did."""

    outputs: int = 0
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    trapped: int = 0

    def told(self) -> dict[str, Any]:
        """As the result keeps it."""
        kinds = ("requests", "dialogs", "violations", "errors", "foreign", "links")
        counts = {kind: len(getattr(self, kind)) for kind in kinds} | {"trapped": self.trapped}
        examples = {kind: getattr(self, kind)[:5] for kind in kinds if getattr(self, kind)}
        return {
            "outputs": self.outputs,
            **counts,
            "upper_bound_95": round(upper_bound(sum(counts.values()), self.outputs, confidence=0.95), 5),
            "examples": examples,
        }


@dataclass(slots=True, kw_only=True)
class Trap:
    """A server that every foreign name leads to. What the browser asks of its own maker is counted apart."""

    connections: int = 0
    own: int = 0  # the browser's: its maker's names stand in what it says first
    port: int = 0
    said: list[str] = field(default_factory=list)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: counted, and closed."""
        said = b""
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(5.0):
                said = await reader.read(4096)
        if re.search(rb"google|gstatic|gvt1", said):
            self.own += 1
        else:
            self.connections += 1
            self.said.append(said[:120].decode("ascii", "replace"))
        writer.close()


def outputs(data: Path, kept: Path | None) -> dict[str, list[str]]:
    """By family."""
    purify = (data / "guard" / "dompurify_expect" / "expect.mjs").read_text("utf-8")
    exfiltration = (data / "guard" / "gen_markdown_exfil" / "data.jsonl").read_text("utf-8")
    secret = "cn-0123456789abcdef"
    shapes = [opened(way, host="attacker.example", secret=secret, words="a b c", mark="[1]") for way in ADDRESSES]
    found = {
        "dompurify": [json.loads(match.group(1)) for match in _PAYLOAD.finditer(purify)],
        "markdown_exfil": [json.loads(line)["text"] for line in exfiltration.split("\n") if line.strip()],
        "captured": shapes + [spell(secret) for spell in SPELLINGS.values()],
    }
    if kept:
        told = [json.loads(line)["text"] for line in kept.read_text("utf-8").split("\n") if line.strip()]
        found["let_through"] = list(dict.fromkeys(told))[:96]
    return {family: [text for text in texts if text.strip()] for family, texts in found.items()}


def answer_of(texts: Sequence[str]) -> Answer:
    """The outputs as the sentences of one answer."""
    claims, whole = [], ""
    for text in texts:
        whole += "\n- " if whole else "- "
        start = len(whole) - 2
        whole += f"{text} [1]."
        claims.append(Claim(start=start, end=len(whole), kind="fact", support="supported", citations=(1,)))
    return Answer(
        id="an_x", trace_id="tr_x", text=whole, outcome=Outcome.ANSWERED, claims=tuple(claims), citations=(ODD,),
        confidence=Confidence(level="high", why=(texts[0],)), model=texts[0][:200], language="en",
        timing_ms={"total": 1.0},
    )  # fmt: skip


def watch(page: Page, url: str, seen: Seen) -> None:
    """Note dialogs, foreign requests, violations and script errors."""

    async def dismissed(dialog: Any) -> None:
        seen.dialogs.append(str(dialog.message))
        with suppress(Error):  # its page may be gone
            await dialog.dismiss()

    page.on("dialog", dismissed)
    page.on("pageerror", lambda error: seen.errors.append(str(error)[:200]))
    page.on(
        "console", lambda one: "Content Security Policy" in one.text and seen.violations.append(one.text[:200])
    )
    page.on("request", lambda one: one.url.startswith(url) or seen.requests.append(one.url[:200]))


async def settled(page: Page, url: str, seen: Seen) -> None:
    """Give what was begun the time to ask for something, and read what was drawn."""
    await page.wait_for_timeout(150)
    if page.url.split("?")[0] not in (f"{url}/", url):
        seen.foreign.append(f"went to {page.url}")
    found = await page.evaluate(DRAWN, MADE)
    seen.foreign += found["foreign"]
    seen.links += found["links"]


async def shown(
    browser: Browser, scene: Any, url: str, batches: Sequence[Sequence[str]], options: dict[str, Any], shot: str
) -> Seen:
    """All batches on one page after the other, in one browser context."""
    seen = Seen(outputs=sum(map(len, batches)))
    scripted = options.get("java_script_enabled", True)
    context: BrowserContext = await browser.new_context(locale="en-US", **options)
    page = await context.new_page()
    watch(page, url, seen)
    await page.goto(f"{url}/signin?token={await scene.link_token()}")
    await page.wait_for_url(f"{url}/")
    for number in range(len(batches)):
        turns = await page.locator(".turn").count()
        await page.fill("#question", f"please batch {number}")
        if scripted:
            await page.keyboard.press("Enter")
            await page.locator(".turn").nth(turns).locator(".rate").wait_for(timeout=40_000)
        else:
            await page.locator("#send").click()
            await page.locator(".answer").wait_for(timeout=40_000)
        if number == len(batches) - 1 or not scripted:
            await settled(page, url, seen) if scripted else await page.wait_for_timeout(50)
    if shot:
        await page.screenshot(path=shot, full_page=False)
    await context.close()
    return seen


async def control(browser: Browser, url: str, texts: Sequence[str]) -> Seen:
    """The same outputs as HTML, without the policy. What wedges its page ends that page alone."""
    seen = Seen(outputs=len(texts))
    for start in range(0, len(texts), 20):
        context = await browser.new_context(bypass_csp=True)
        context.set_default_timeout(8_000)
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(10.0):
                await as_html(await context.new_page(), url, texts[start : start + 20], seen)
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(5.0):
                await context.close()
    return seen


async def as_html(page: Page, url: str, texts: Sequence[str], seen: Seen) -> None:
    """Put them into a page of ours as its own HTML."""
    watch(page, url, seen)
    await page.goto(f"{url}/errors")
    script = """(all) => {
      const make = (tag) => Document.prototype.createElement.call(document, tag);  // some name a form so
      for (const one of all) {
        const node = make("div");
        node.innerHTML = one;
        Element.prototype.append.call(document.documentElement, node);
      }
    }"""
    await page.evaluate(script, list(texts))
    await page.wait_for_timeout(150)


async def measure(found: dict[str, list[str]], shots: Path | None) -> dict[str, Any]:
    """Every way of showing them."""
    texts = [text for family in found.values() for text in family]
    batches = [texts[start : start + PER_ANSWER] for start in range(0, len(texts), PER_ANSWER)]

    def answer_for(query: Query) -> Answer:
        return replace(answer_of(batches[int(query.text.split()[-1])]), language="en")

    trap = Trap()
    server = await asyncio.start_server(trap.take, "127.0.0.1", 0)
    trap.port = server.sockets[0].getsockname()[1]
    scene = await build(answer_for=answer_for)
    web = WebSettings(tenant=TENANT, title="Assistant", link_hosts=("docs.example.com",))
    result: dict[str, Any] = {}
    async with server, serving(create_api(scene.system, web)) as url, async_playwright() as playwright:
        rules = f"MAP * 127.0.0.1:{trap.port},EXCLUDE 127.0.0.1,EXCLUDE localhost"
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(playwright.chromium.executable_path),
            args=[*ARGUMENTS, f"--host-resolver-rules={rules}"],
        )
        result["browser"] = browser.version
        for name, options in (
            ("chat, streamed", {}),
            ("page without scripts", {"java_script_enabled": False}),
            ("chat, policy off", {"bypass_csp": True}),
            ("page without scripts of ours, policy off", {"bypass_csp": True}),
        ):
            before = trap.connections
            if name.startswith("page without scripts of ours"):
                seen = await posted(browser, scene, url, batches, options)
            else:
                shot = str(shots / f"{name.replace(', ', '-').replace(' ', '-')}.png") if shots else ""
                seen = await shown(browser, scene, url, batches, options, shot)
            seen.trapped = trap.connections - before
            result[name] = seen.told()
        before = trap.connections
        seen = await control(browser, url, texts)
        seen.trapped = trap.connections - before
        result["control: the same as innerHTML, policy off"] = seen.told()
        result["connections of the browser's own"] = f"{trap.own}"
        await browser.close()
    return result


async def posted(
    browser: Browser, scene: Any, url: str, batches: Sequence[Sequence[str]], options: dict[str, Any]
) -> Seen:
    """The server's own page of each batch, in a browser that would run any script in it."""
    seen = Seen(outputs=sum(map(len, batches)))
    context = await browser.new_context(locale="en-US", **options)
    page = await context.new_page()
    watch(page, url, seen)
    await page.goto(f"{url}/signin?token={await scene.link_token()}")
    await page.wait_for_url(f"{url}/")
    for number in range(len(batches)):
        async with page.expect_navigation():
            await page.evaluate(
                "(question) => { const f = document.getElementById('composer'); f.question.value = question;"
                " HTMLFormElement.prototype.submit.call(f); }",
                f"please batch {number}",
            )
        await page.locator(".answer").wait_for(timeout=40_000)
        await settled(page, url, seen)
    await context.close()
    return seen


def main() -> None:
    """Run and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with guard/")
    parser.add_argument("--outputs", type=Path, help="what benchmarks/containment.py kept")
    parser.add_argument("--shots", type=Path, help="a folder for screenshots")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/browser_safety.json"))
    given = parser.parse_args()
    found = outputs(given.data, given.outputs)
    begun = time.perf_counter()
    result = {
        "command": "python benchmarks/browser_safety.py --data DIR",
        "families": dict(Counter({family: len(texts) for family, texts in found.items()})),
        "shown": asyncio.run(measure(found, given.shots)),
        "wall_s": round(time.perf_counter() - begun, 1),
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
    }
    given.out.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(result["families"]))
    for name, one in result["shown"].items():
        print(
            name, one if isinstance(one, str) else {key: value for key, value in one.items() if key != "examples"}
        )


if __name__ == "__main__":
    main()
