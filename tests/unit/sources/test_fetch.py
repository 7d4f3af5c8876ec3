"""The fetcher, against a resolver that lies and a site that misbehaves; both on loopback."""

from __future__ import annotations

import ast
import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

import answerable
from answerable.adapters.parsers.registry import all_parsers
from answerable.adapters.sources.fetch import ANY_HOST, Fetcher, FetchLimits, Page
from answerable.adapters.sources.reachable import private_network
from answerable.adapters.sources.web_url import parse_url
from answerable.core.errors import AnswerableError, ConfigError, ParseError, Unreachable
from answerable.core.ports import Raw
from answerable.testing.hostile_site import PUBLIC, Names, RoutedNetwork, hostile_site

LIMITS = FetchLimits(body_bytes=300_000, total_s=20, connect_s=5, silent_s=10)
SHORT = FetchLimits(body_bytes=300_000, total_s=0.2, connect_s=5, silent_s=10)
INSIDE = {"localhost": [["127.0.0.1", "::1"]], "postgres": [["10.0.0.5"]], "localtest.example": [["127.0.0.1"]]}
INSIDE |= {"half.example": [[PUBLIC, "::1"]], "localhost.localdomain": [["127.0.0.1"]]}
URLS = [
    json.loads(f'"{line}"')
    for line in Path(__file__).with_name("ssrf_urls.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@dataclass(frozen=True, slots=True)
class Scene:
    network: RoutedNetwork
    names: Names

    def fetcher(
        self, *, hosts: tuple[str, ...] = ANY_HOST, private: tuple[str, ...] = (), limits: FetchLimits = LIMITS
    ) -> Fetcher:
        return Fetcher(
            hosts=hosts,
            private=tuple(map(private_network, private)),
            limits=limits,
            resolve=self.names.resolve,
            transport=lambda: self.network,
        )


@asynccontextmanager
async def _scene(names: dict[str, list[list[str]]], down: frozenset[str] = frozenset()) -> AsyncIterator[Scene]:
    async with hostile_site() as port, RoutedNetwork(port=port, down=down) as network:
        yield Scene(network, Names(names))


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with _scene(INSIDE) as one:
        yield one


async def test_no_url_of_the_set_connects_to_anything_inside(scene: Scene) -> None:
    refused = 0
    for url in URLS:
        try:
            await scene.fetcher().fetch(url)
        except ConfigError:
            refused += 1
    assert (refused, scene.network.connected) == (len(URLS), [])


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/",
        "http://example.org:8080/a?b=c#d",
        "https://xn--bcher-kva.example/",
        "https://example.com/%E2%82%AC",
        "https://1.1.1.1/",
        "https://[2606:4700:4700::1111]/",
        "https://example.com/?u=http://127.0.0.1/",
        "https://10.example.com/127.0.0.1",
    ],
)
async def test_what_is_public_is_fetched(scene: Scene, url: str) -> None:
    page = await scene.fetcher().fetch(url)
    assert b"30 days" in page.body
    assert scene.network.inside == []


async def test_it_connects_to_the_address_it_has_checked_and_keeps_the_name() -> None:
    async with _scene({"rebind.example": [[PUBLIC], ["127.0.0.1"]]}) as scene:
        await scene.fetcher().fetch("http://rebind.example/page")
        assert scene.network.connected == [(PUBLIC, 80, "rebind.example")]
        assert scene.names.asked == ["rebind.example"]
        with pytest.raises(ConfigError, match=r"127\.0\.0\.1"):
            await scene.fetcher().fetch("http://rebind.example/page")


async def test_another_address_of_the_name_is_tried_where_nobody_listens() -> None:
    async with _scene({"two.example": [["1.1.1.1", PUBLIC]]}, down=frozenset({"1.1.1.1"})) as scene:
        assert (await scene.fetcher().fetch("http://two.example/page")).status == 200
    async with _scene({}, down=frozenset({PUBLIC})) as scene:
        with pytest.raises(Unreachable, match="nobody listens"):
            await scene.fetcher().fetch("http://one.example/page")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/",
        "//localhost/",
        "file:///etc/passwd",
        "http://a@b/",
        "\\\\x",
    ],
)
async def test_a_redirect_inwards_is_refused(scene: Scene, status: int, target: str) -> None:
    with pytest.raises(ConfigError):
        await scene.fetcher().fetch(f"http://example.com/redirect?{status},{quote(target, safe='')}")
    assert [address for address, _, _ in scene.network.connected] == [PUBLIC]


async def test_three_redirects_are_followed_and_no_more(scene: Scene) -> None:
    assert (await scene.fetcher().fetch("http://example.com/hop/3")).url.path == "/page"
    for path in ("hop/4", "loop"):
        with pytest.raises(ConfigError, match="more than 3 redirects"):
            await scene.fetcher().fetch(f"http://example.com/{path}")


async def test_a_redirect_is_held_to_the_hosts_of_the_source(scene: Scene) -> None:
    fetcher = scene.fetcher(hosts=("docs.example.com", "*.example.org", "wiki.example.net:3000"))
    for url in ("http://docs.example.com/", "http://a.b.example.org/", "http://wiki.example.net:3000/"):
        assert (await fetcher.fetch(url)).status == 200
    away = "http://docs.example.com/redirect?302,http://evil.example/"
    for url in (away, "http://example.org/", "http://xexample.org/", "http://docs.example.com:3000/"):
        with pytest.raises(ConfigError, match="not fetched"):
            await fetcher.fetch(url)


async def test_a_private_network_is_reached_only_where_it_is_named(scene: Scene) -> None:
    fetcher = scene.fetcher(private=("10.0.0.5/32",))
    assert (await fetcher.fetch("http://postgres/page")).status == 200
    with pytest.raises(ConfigError):
        await fetcher.fetch("http://localhost/page")
    for network in ("169.254.169.254/32", "0.0.0.0/0", "fe80::/64", "10.0.0.5/8"):
        with pytest.raises(ValueError, match=r"overlaps|host bits"):
            private_network(network)


@pytest.mark.parametrize("path", ["big", "endless", "bomb"])
async def test_too_much_is_given_up_at_the_limit(scene: Scene, path: str) -> None:
    with pytest.raises(ParseError, match="300,000 bytes") as caught:
        await scene.fetcher().fetch(f"http://example.com/{path}")
    assert caught.value.reason == "too_large"


@pytest.mark.parametrize("path", ["slow", "slow-head"])
async def test_a_slow_drip_ends_with_the_time_for_the_whole(scene: Scene, path: str) -> None:
    with pytest.raises(Unreachable, match="not done after"):
        await scene.fetcher(limits=SHORT).fetch(f"http://example.com/{path}")


@pytest.mark.parametrize("path", ["headers", "no-http"])
async def test_what_is_no_sound_http_is_a_failure_that_names_it(scene: Scene, path: str) -> None:
    with pytest.raises(Unreachable, match=f"http://example.com/{path}: nothing came"):
        await scene.fetcher().fetch(f"http://example.com/{path}")


async def test_types_and_codings_that_were_not_asked_for_are_not_taken(scene: Scene) -> None:
    for path in ("picture", "odd-coding"):
        with pytest.raises(ParseError) as caught:
            await scene.fetcher().fetch(f"http://example.com/{path}", types=("text/html",))
        assert caught.value.reason == "unsupported"


async def test_a_type_that_lies_is_found_out_by_the_parser(scene: Scene) -> None:
    page = await scene.fetcher().fetch("http://example.com/lies", types=("text/html",))
    with pytest.raises(ParseError, match="a program cannot be read"):
        all_parsers().parse(
            Raw(uri="http://example.com/lies", data=page.body, source="s", tenant="t", media_type=page.media_type)
        )


async def test_a_refresh_in_the_page_is_not_followed(scene: Scene) -> None:
    await scene.fetcher().fetch("http://example.com/meta")
    assert len(scene.network.connected) == 1


async def test_nothing_is_sent_but_what_is_needed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    fetcher = scene.fetcher()
    await fetcher.fetch("http://example.com/cookie")
    known = Page(url=parse_url("http://example.com/"), status=200, etag='"1"', last_modified="then")
    sent = (await fetcher.fetch("http://example.com/cookie", known=known)).body.decode()
    assert "cookie" not in sent
    assert "authorization" not in sent
    assert "'user-agent': 'answerable/" in sent
    assert "'if-none-match': '\"1\"'" in sent


async def test_a_cancelled_fetch_lets_go_of_its_connection(scene: Scene) -> None:
    task = asyncio.create_task(scene.fetcher().fetch("http://example.com/slow"))
    while not scene.network.connected:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_url_that_is_refused_cannot_disturb_a_terminal() -> None:
    with pytest.raises(AnswerableError) as caught:
        parse_url("http://a\x1b[2Jb/\r\nforged")
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_only_the_fetcher_opens_connections_in_what_brings_bytes_in() -> None:
    package = Path(answerable.__file__).parent
    folders = ("ingest", "adapters/sources", "adapters/parsers", "text", "guards")
    files = [file for folder in folders for file in sorted((package / folder).rglob("*.py"))]
    found = {file.relative_to(package).as_posix() for file in files if _network_modules(file)}
    assert len(files) > 80
    assert found == {"adapters/sources/fetch.py", "adapters/parsers/confine.py"}  # which takes sockets away


def _network_modules(file: Path) -> set[str]:
    clients = {
        "socket",
        "ssl",
        "httpx2",
        "httpcore2",
        "httpx",
        "requests",
        "urllib3",
        "aiohttp",
        "ftplib",
        "http.client",
    }
    clients |= {"urllib.request", "smtplib", "telnetlib", "xmlrpc", "socketserver"}
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    return {name for name in names if name in clients or name.split(".")[0] in clients}
