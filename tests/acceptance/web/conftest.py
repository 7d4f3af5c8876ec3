"""A served application on a loopback socket. To run these tests on another system, override `scene`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
import pytest_asyncio
from browsing import Visitor, open_chromium
from playwright.async_api import Browser
from scenes import TENANT, Scene, build

from answerable.api import WebSettings, create_api
from answerable.testing.server import serving

EXAMPLES = ("Can I return headphones?", "How long is the warranty?", "Which coupons change the refund?")


@pytest.fixture
def web() -> WebSettings:
    return WebSettings(
        title="TechCorp assistant",
        tenant=TENANT,
        contact="mailto:support@techcorp.example",
        examples=EXAMPLES,
        resume_s=0.3,
    )


@pytest.fixture
async def scene() -> Scene:
    return await build()


@pytest.fixture
async def address(scene: Scene, web: WebSettings) -> AsyncIterator[str]:
    async with serving(create_api(scene.system, web)) as url:
        yield url


@pytest.fixture
async def ann(scene: Scene, address: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A program with Ann's token."""
    async with httpx2.AsyncClient(base_url=address, headers=bearer(scene.people.ann), timeout=30) as client:
        yield client


@pytest.fixture
async def anybody(address: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A program without credentials."""
    async with httpx2.AsyncClient(base_url=address, timeout=30) as client:
        yield client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with open_chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def shop() -> Scene:
    """The system behind the browser tests, which share one event loop with their browser."""
    return await build()


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(chromium: Browser, shop: Scene, web: WebSettings) -> AsyncIterator[Visitor]:
    async with serving(create_api(shop.system, web)) as url:
        one = Visitor(browser=chromium, url=url, link_token=shop.link_token)
        yield one
        await one.leave()


@asynccontextmanager
async def talking(system: object, web: WebSettings, secret: str = "") -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a freshly served system."""
    async with (
        serving(create_api(system, web)) as url,
        httpx2.AsyncClient(base_url=url, headers=bearer(secret) if secret else {}, timeout=30) as client,
    ):
        yield client


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}
