"""Pages and sitemaps as a source: what is listed, asked for again, left out and removed. The site is a dict."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from answerable.adapters.sources.fetch import Fetcher
from answerable.adapters.sources.robots import read_robots
from answerable.adapters.sources.sitemap import read_sitemap
from answerable.adapters.sources.visited import Visited
from answerable.adapters.sources.web import WebPages
from answerable.config.sources import SourceSection
from answerable.core.errors import ConfigError, ParseError, Unreachable
from answerable.ingest.plan import plan

SITE = "https://docs.example.com"
XML = {"content-type": "application/xml"}


@dataclass
class Site:
    """Answers by path; pages have an ETag, and a known one is not sent again."""

    pages: dict[str, bytes] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    asked: list[tuple[str, int]] = field(default_factory=list)

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        reply = self._answer(path, request)
        self.asked.append((path, reply.status_code))
        return reply

    def _answer(self, path: str, request: httpx2.Request) -> httpx2.Response:
        if path in self.broken:
            return httpx2.Response(500)
        if path not in self.pages:
            return httpx2.Response(404)
        body = self.pages[path]
        etag = f'"{hash(body)}"'
        if request.headers.get("if-none-match") == etag:
            return httpx2.Response(304)
        kind = "application/xml" if body.startswith((b"<?xml", b"\x1f\x8b")) else "text/html"
        return httpx2.Response(200, headers={"content-type": kind, "etag": etag}, stream=httpx2.ByteStream(body))


def source(
    site: Site, *, visited: Path | None = None, max_pages: int = 10, sitemap: str = "", **kept: Sequence[str]
) -> WebPages:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["93.184.215.14"]

    fetcher = Fetcher(
        hosts=("docs.example.com",), resolve=resolve, transport=lambda: httpx2.MockTransport(site.answer)
    )
    return WebPages(
        id="web",
        tenant="acme",
        fetcher=fetcher,
        sitemap=sitemap,
        pages=tuple(kept.get("pages", ())),
        include=tuple(kept.get("include", ("**",))),
        max_pages=max_pages,
        visited=Visited(visited),
        wait=lambda _: False,
    )


def sitemap_of(*paths: str) -> bytes:
    urls = "".join(f"<url><loc>{SITE}{path}</loc></url>" for path in paths)
    return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()


@pytest.fixture
def site() -> Site:
    return Site({"/sitemap.xml": sitemap_of("/b", "/a"), "/a": b"<html>A", "/b": b"<html>B"})


def uris(one: WebPages) -> list[str]:
    return [candidate.uri.removeprefix(SITE) for candidate in one.list()]


def test_a_sitemaps_pages_are_listed_in_order_and_read_without_asking_twice(site: Site) -> None:
    one = source(site, sitemap=f"{SITE}/sitemap.xml")
    assert uris(one) == ["/a", "/b"]
    raw = one.read(f"{SITE}/a")
    assert (raw.data, raw.media_type, raw.trust) == (b"<html>A", "text/html", "public")
    assert site.asked.count(("/a", 200)) == 1


def test_an_unchanged_page_is_neither_sent_nor_done_again(site: Site, tmp_path: Path) -> None:
    visited = tmp_path / "visited" / "web.json"
    first = list(source(site, sitemap=f"{SITE}/sitemap.xml", visited=visited).list())
    site.asked.clear()
    site.pages["/b"] = b"<html>B2"
    again = list(source(site, sitemap=f"{SITE}/sitemap.xml", visited=visited).list())
    assert ("/a", 304) in site.asked
    assert ("/b", 200) in site.asked
    assert again[0] == first[0]
    assert again[1] != first[1]
    assert plan({}, again, prefix="").total == 2
    visited.write_text("{broken")
    assert list(source(site, sitemap=f"{SITE}/sitemap.xml", visited=visited).list()) == again


def test_a_page_that_is_gone_vanishes_and_one_that_is_broken_is_a_failure(site: Site) -> None:
    del site.pages["/a"]
    site.broken.add("/b")
    (only,) = source(site, sitemap=f"{SITE}/sitemap.xml").list()
    assert only.uri == f"{SITE}/b"
    assert "status 500" in only.error


@pytest.mark.parametrize(
    "body", [None, b"<?xml version='1.0'?><urlset/>", b"<?xml version='1.0'?><oops", b"\x1f\x8bno"]
)
def test_a_sitemap_that_does_not_say_its_pages_removes_none(site: Site, body: bytes | None) -> None:
    if body is None:
        del site.pages["/sitemap.xml"]
    else:
        site.pages["/sitemap.xml"] = body
    with pytest.raises(ConfigError):
        list(source(site, sitemap=f"{SITE}/sitemap.xml").list())
    site.broken.add("/sitemap.xml")
    with pytest.raises(Unreachable):
        list(source(site, sitemap=f"{SITE}/sitemap.xml").list())


def test_an_index_of_packed_sitemaps_is_followed_one_step(site: Site) -> None:
    inner = f"<sitemap><loc>{SITE}/one.xml.gz</loc></sitemap>"
    site.pages["/index.xml"] = f'<?xml version="1.0"?><sitemapindex>{inner}</sitemapindex>'.encode()
    site.pages["/one.xml.gz"] = gzip.compress(sitemap_of("/a", "/b"))
    assert uris(source(site, sitemap=f"{SITE}/index.xml")) == ["/a", "/b"]
    assert uris(source(site, sitemap=f"{SITE}/index.xml", include=["b*"])) == ["/b"]


def test_a_page_elsewhere_is_a_failure_and_is_not_asked_for(site: Site) -> None:
    site.pages["/sitemap.xml"] = sitemap_of("/a").replace(
        b"</url>", b"</url><url><loc>http://10.0.0.1/</loc></url>"
    )
    found = list(source(site, sitemap=f"{SITE}/sitemap.xml").list())
    assert [bool(candidate.error) for candidate in found] == [True, False]
    assert "not among the source's hosts" in found[0].error


def test_more_pages_than_allowed_is_an_error_before_any_is_fetched(site: Site) -> None:
    with pytest.raises(ConfigError, match="max_pages is 1"):
        list(source(site, sitemap=f"{SITE}/sitemap.xml", max_pages=1).list())
    assert site.asked == [("/sitemap.xml", 200)]


def test_robots_is_obeyed_and_without_it_nothing_is_read(site: Site) -> None:
    site.pages["/robots.txt"] = b"User-agent: *\nDisallow: /b\nCrawl-delay: 900\n"
    one = source(site, pages=[f"{SITE}/a", f"{SITE}/b"])
    found = list(one.list())
    assert [("robots.txt" in candidate.error) for candidate in found] == [False, True]
    assert one.delay_s == 30
    site.broken.add("/robots.txt")
    assert all("without it" in candidate.error for candidate in source(site, pages=[f"{SITE}/a"]).list())


def test_closing_ends_a_listing_before_the_next_request(site: Site) -> None:
    one = source(site, pages=[f"{SITE}/a", f"{SITE}/b"])
    one.wait = None
    one.delay_s = 0
    listing = one.list()
    next(listing)
    one.close()
    with pytest.raises(Unreachable, match="stopped"):
        next(listing)


def test_a_page_that_went_away_between_listing_and_reading_is_one_failure(site: Site) -> None:
    with pytest.raises(ParseError, match="gone"):
        source(site, pages=[f"{SITE}/z"]).read(f"{SITE}/z")
    with pytest.raises(ParseError, match="hosts"):
        source(site).read("http://elsewhere.example/")


@pytest.mark.parametrize(
    "data",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa">]><urlset>&a;</urlset>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x SYSTEM "http://127.0.0.1/"><urlset/>'.encode("utf-16"),
        b"<a>" * 100,
        gzip.compress(b" " * 60_000_000, 1),
        b"<urlset>" + b"<url><loc>x</loc></url>" * 50_001,
    ],
)
def test_a_hostile_sitemap_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError):
        read_sitemap(data, uri="s")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_sitemap_or_a_parse_error(data: bytes) -> None:
    try:
        read_sitemap(data, uri="s")
    except ParseError as error:
        assert "not a readable" in str(error)


@pytest.mark.parametrize(
    ("target", "allowed"),
    [("/", True), ("/private/x", False), ("/private/open", True), ("/a.pdf", False), ("/a.pdf?x", True)],
)
def test_the_longest_rule_for_us_decides(target: str, allowed: bool) -> None:
    text = b"User-agent: *\nDisallow: /\n\nUser-agent: answerable\nDisallow: /private\nAllow: /private/open\n"
    text += b"Disallow: /*.pdf$\n"
    assert read_robots(text).allows(target) is allowed


@pytest.mark.parametrize(
    ("given_keys", "cause"),
    [
        ({"uri": "https://a.example/"}, "needs hosts"),
        ({"uri": "http://u:p@a.example/", "hosts": ["a.example"]}, "names a user"),
        ({"uri": "https://a.example/", "hosts": ["*"]}, "is no host"),
        ({"uri": "https://a.example/", "hosts": ["a.example"], "allow_private": ["10.0.0.1/32"]}, "reason"),
        ({"uri": "https://a.example/", "hosts": ["a.example"], "allow_private": ["169.254.0.0/16"]}, "overlaps"),
        ({"uri": "file:///etc/passwd", "hosts": ["a.example"]}, "only http"),
    ],
)
def test_a_section_that_would_reach_too_far_is_refused(given_keys: dict[str, object], cause: str) -> None:
    with pytest.raises(ValidationError, match=cause):
        SourceSection.model_validate({"id": "x", "type": "url", **given_keys})


def test_what_comes_from_the_web_is_public_unless_a_person_says_more() -> None:
    web = {"id": "x", "type": "url", "uri": "https://a.example/", "hosts": ["a.example"]}
    assert SourceSection.model_validate(web).trust == "public"
    assert SourceSection.model_validate({**web, "trust": "partner"}).trust == "partner"
    assert SourceSection.model_validate({"id": "x", "uri": "docs"}).trust == "internal"
    with pytest.raises(ValidationError, match="hosts is for sources of type url"):
        SourceSection.model_validate({"id": "x", "uri": "docs", "hosts": ["a.example"]})
