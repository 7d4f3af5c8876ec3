"""A person with a browser: signs in, asks, and notices what a page must never do."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

ARTIFACTS = Path(__file__).parents[3] / "test-artifacts" / "browser"
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run --disable-quic"
).split()
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 860}}
expect.set_options(timeout=20_000)  # a busy machine takes longer than five seconds


def chromium_path(own: str) -> str | None:
    """CHROMIUM, the system's, or Playwright's own."""
    candidates = (os.environ.get("CHROMIUM"), "/usr/bin/chromium", "/usr/bin/google-chrome", own)
    return next((one for one in candidates if one and Path(one).is_file()), None)


@asynccontextmanager
async def open_chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        path = chromium_path(playwright.chromium.executable_path)
        if path is None:
            pytest.skip("no Chromium: set CHROMIUM, install chromium, or run `playwright install chromium`")
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@dataclass(kw_only=True)
class Visitor:
    """Opens pages, each in a fresh context. `alarms` collects dialogs, foreign requests and script errors."""

    browser: Browser
    url: str
    link_token: Callable[[], Awaitable[str]]
    alarms: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    async def arrive(self, **options: object) -> Page:
        """A page without a session."""
        context = await self.browser.new_context(**{"locale": "en-US", **DESKTOP, **options})
        self.contexts.append(context)
        page = await context.new_page()
        page.on("dialog", self._dialog)
        page.on("pageerror", lambda error: self.alarms.append(f"script error: {error}"))
        page.on("console", lambda one: one.type == "error" and self._console(one.text))
        page.on("request", lambda one: one.url.startswith(self.url) or self.alarms.append(f"request: {one.url}"))
        return page

    async def _dialog(self, dialog: object) -> None:
        self.alarms.append(f"dialog: {dialog.message}")
        await dialog.dismiss()

    def _console(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.alarms.append(f"policy: {text}")

    async def sign_in(self, **options: object) -> Page:
        """The chat, signed in by a link."""
        page = await self.arrive(**options)
        await page.goto(f"{self.url}/signin?token={await self.link_token()}")
        await page.wait_for_url(f"{self.url}/")
        return page

    async def leave(self) -> None:
        for context in self.contexts:
            await context.close()


async def ask(page: Page, question: str) -> None:
    """Ask and wait until the answer is complete."""
    turns = await page.locator(".turn").count()
    await page.fill("#question", question)
    await page.keyboard.press("Enter")
    await page.locator(".turn").nth(turns).locator(".rate").wait_for()


async def keep(page: Page, name: str, *, full: bool = False) -> None:
    """A screenshot for people to look at."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=full)
