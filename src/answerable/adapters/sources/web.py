"""Web pages as a source of files: those that a configuration names, or those that a sitemap lists."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath

from answerable.adapters.sources.fetch import Fetcher, Page
from answerable.adapters.sources.globs import EVERYTHING, glob_pattern
from answerable.adapters.sources.robots import MAX_BYTES, Robots, read_robots
from answerable.adapters.sources.shelf import Shelf
from answerable.adapters.sources.sitemap import MAX_BYTES as SITEMAP_BYTES
from answerable.adapters.sources.sitemap import MEDIA_TYPES as SITEMAP_TYPES
from answerable.adapters.sources.sitemap import Sitemap, read_sitemap
from answerable.adapters.sources.visited import Visit, Visited
from answerable.adapters.sources.web_url import WebUrl, parse_url
from answerable.core.errors import AnswerableError, ConfigError, ParseError, Unreachable
from answerable.core.ports import Candidate, Raw

MEDIA_TYPES = (
    "text/html",
    "application/xhtml+xml",
    "text/plain",
    "text/markdown",
    "text/x-rst",
    "text/csv",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/json",
    "message/rfc822",
    "application/octet-stream",
)
_NAME_DECIDES = frozenset({"text/plain", "application/octet-stream"})  # what servers say that know no better
_NAMES = frozenset(".md .markdown .rst .csv .tsv .eml .json .txt .log".split())
_MAX_SITEMAPS = 200


@dataclass(slots=True, kw_only=True)
class WebPages:
    """One request a page and sync, with the site's own mark of what we have: an unchanged page is not sent again.

    A page that is gone (404, 410) or no longer listed vanishes; one that does not come is one failure, and its
    last good version stays. A sitemap that does not come is no empty one: nothing is removed for it.
    `wait` sleeps for seconds and says whether to stop; `close` makes a listing stop soon.
    """

    id: str
    tenant: str
    fetcher: Fetcher
    pages: tuple[str, ...] = ()
    sitemap: str = ""
    include: tuple[str, ...] = EVERYTHING
    exclude: tuple[str, ...] = ()
    max_pages: int = 500
    delay_s: float = 1.0
    language: str = "en"
    acl: tuple[str, ...] = ("public",)
    status: str = "published"
    owner: str | None = None
    trust: str = "public"
    visited: Visited = field(default_factory=Visited)
    wait: Callable[[float], bool] | None = None
    _stopped: threading.Event = field(default_factory=threading.Event, init=False)
    _shelf: Shelf = field(default_factory=Shelf, init=False)
    _robots: dict[str, Robots | AnswerableError] = field(default_factory=dict, init=False)
    _asked: bool = field(default=False, init=False)

    def list(self) -> Iterator[Candidate]:
        """Sorted by URL. Raises Unreachable or ConfigError where the sitemap cannot be read."""
        urls = self._urls()
        for url in urls:
            if (candidate := self._candidate(url)) is not None:
                yield candidate
        self.visited.keep(set(urls))

    def read(self, uri: str) -> Raw:
        """The page as it was listed, else fetched now. Raises ParseError."""
        page = self._shelf.get(uri) or self._fetched(uri)
        return Raw(
            uri=uri,
            data=page.body,
            source=self.id,
            tenant=self.tenant,
            media_type=_said(uri, page.media_type),
            language=self.language,
            acl=self.acl,
            status=self.status,
            owner=self.owner,
            trust=self.trust,
            modified_at=_moment(page.last_modified),
        )

    def close(self) -> None:
        """Stop: the next request is not made."""
        self._stopped.set()

    def _urls(self) -> Sequence[str]:
        named = self._listed() if self.sitemap else self.pages
        wanted, left_out = glob_pattern(self.include), glob_pattern(self.exclude)
        found: set[str] = set()
        for text in named:
            uri, path = _normal(text)
            if wanted.match(path) and not left_out.match(path):
                found.add(uri)
        if len(found) > self.max_pages:
            raise ConfigError(
                f"source {self.id}: {len(found):,} pages, max_pages is {self.max_pages:,}; none was fetched",
                hint="Narrow it with include and exclude, or raise max_pages.",
            )
        return sorted(found)

    def _listed(self) -> Sequence[str]:
        first = self._sitemap(self.sitemap)
        if len(first.sitemaps) > _MAX_SITEMAPS:
            raise ConfigError(
                f"{self.sitemap}: an index of more than {_MAX_SITEMAPS} sitemaps", hint="Name one of them as uri."
            )
        pages = [*first.pages, *(page for url in sorted(set(first.sitemaps)) for page in self._sitemap(url).pages)]
        if not pages:
            raise ConfigError(
                f"{self.sitemap}: it lists no page; nothing was changed", hint="Correct the source's uri."
            )
        return pages

    def _sitemap(self, url: str) -> Sitemap:
        try:
            page = self._ask(url, types=SITEMAP_TYPES, limit=SITEMAP_BYTES)
            if page.status != 200:
                raise ConfigError(f"{url}: there is no such sitemap", hint="Correct the source's uri.")
            return read_sitemap(page.body, uri=url)
        except ParseError as exc:
            raise ConfigError(str(exc), hint=exc.hint) from exc

    def _candidate(self, uri: str) -> Candidate | None:
        """None where the page is gone."""
        known = self.visited.get(uri)
        try:
            self._check_robots(parse_url(uri))
            asked = (
                Page(url=parse_url(uri), status=200, etag=known.etag, last_modified=known.last_modified)
                if known
                else None
            )
            page = self._ask(uri, types=MEDIA_TYPES, known=asked)
        except (ParseError, ConfigError, Unreachable) as exc:
            if self._stopped.is_set():
                raise
            return Candidate(uri=uri, size=0, mtime_ns=0, error=f"{exc} {exc.hint}".strip())
        if page.status == 304 and known:
            return Candidate(uri=uri, size=known.size, mtime_ns=known.mark)
        if page.status != 200:
            return None
        self._shelf.put(uri, page)
        mark = _mark(page.body)
        self.visited.put(
            uri, Visit(etag=page.etag, last_modified=page.last_modified, size=len(page.body), mark=mark)
        )
        return Candidate(uri=uri, size=len(page.body), mtime_ns=mark)

    def _fetched(self, uri: str) -> Page:
        try:
            page = self._ask(uri, types=MEDIA_TYPES)
        except (ConfigError, Unreachable) as exc:
            raise ParseError(str(exc), hint=exc.hint, reason="unreadable") from exc
        if page.status != 200:
            raise ParseError(f"{uri}: the page is gone", hint="Sync the source.", reason="unreadable")
        return page

    def _check_robots(self, url: WebUrl) -> None:
        origin = f"{url.scheme}://{url.authority}"
        if origin not in self._robots:
            self._robots[origin] = self._read_robots(origin)
        robots = self._robots[origin]
        if isinstance(robots, AnswerableError):
            raise robots
        if not robots.allows(url.target):
            raise ConfigError(
                f"{url}: not fetched (the site's robots.txt asks not to)",
                hint="Ask the site's owner, or leave the page out with `exclude`.",
            )

    def _read_robots(self, origin: str) -> Robots | AnswerableError:
        """The rules; an error where it is unknown what the site asks: then nothing is read (RFC 9309, 2.3.1.4)."""
        try:
            page = self._ask(f"{origin}/robots.txt", limit=MAX_BYTES)
        except (ParseError, ConfigError, Unreachable) as exc:
            return Unreachable(f"{exc}; without it no page of {origin} is read", hint=exc.hint)
        robots = read_robots(page.body) if page.status == 200 else Robots()
        self.delay_s = max(self.delay_s, robots.delay_s)
        return robots

    def _ask(
        self, url: str, *, types: Sequence[str] = (), known: Page | None = None, limit: int | None = None
    ) -> Page:
        if self._asked and (self.wait or self._stopped.wait)(self.delay_s):
            raise Unreachable(f"source {self.id}: stopped")
        self._asked = True
        return asyncio.run(self.fetcher.fetch(url, types=types, known=known, max_bytes=limit))


def _normal(text: str) -> tuple[str, str]:
    """(the URL in one form, its path); of one that will be refused, as it is."""
    try:
        url = parse_url(text)
    except ConfigError:
        return text[:2_000].encode("ascii", "backslashreplace").decode(), ""
    return str(url), url.path.lstrip("/")


def _said(uri: str, media_type: str) -> str:
    if media_type == "application/xhtml+xml":
        return "text/html"
    suffix = PurePosixPath(uri.partition("?")[0]).suffix.lower()
    return "" if media_type in _NAME_DECIDES and suffix in _NAMES else media_type


def _mark(body: bytes) -> int:
    """A positive whole number of 62 bits, in the place of a file's time: a page's own time is often made up."""
    return (int.from_bytes(hashlib.sha256(body).digest()[:8], "big") >> 2) | 1


def _moment(said: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
