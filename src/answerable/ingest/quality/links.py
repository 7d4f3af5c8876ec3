"""Links inside the corpus that lead nowhere: pages that are not there, anchors that no heading has."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

from answerable.core.document import ANCHORS, LINKS_WITHIN, SECTIONS, Chunk
from answerable.core.ports import DocumentView
from answerable.ingest.quality.finding import Finding, Severity, finding
from answerable.text.words import fold

_PAGE = re.compile(r"\.(?:md|markdown|html?|rst|txt)$", re.I)  # a missing PDF may be one that nobody could read
_SUFFIXES = ("", ".rst", ".md", ".txt")  # of what `doc:` leaves out
_BUILT = frozenset({"genindex", "modindex", "py-modindex", "search"})  # pages that a generator makes itself
_REST = "*"  # the page names more places than were kept
_NO_PAGE, _NO_ANCHOR = "there is no such page in the source", "no heading there has this anchor"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    headings: frozenset[str]
    named: frozenset[str]

    def has(self, wanted: str) -> bool:
        """Also where nobody can tell: pages without headings, more names than were kept."""
        known = self.headings | self.named
        return not self.headings or _REST in self.named or wanted in self.named or anchor(wanted) in known


@dataclass(slots=True)
class Links:
    """Sees every page, then tells. Judged are only links to files of a kind that is read, and to anchors."""

    _pages: dict[str, dict[str, _Places]] = field(default_factory=dict)  # source → uri
    _links: list[tuple[DocumentView, str]] = field(default_factory=list)

    def see(self, view: DocumentView) -> None:
        """Keep its anchors and where it links to."""
        headings = {heading for chunk in view.chunks for heading in _headings(chunk)}
        named = frozenset(listed(view.meta.get(ANCHORS, "")))
        places = _Places(headings=frozenset(anchor(one) for one in {view.title, *headings}), named=named)
        self._pages.setdefault(view.source, {})[view.uri] = places
        bare = replace(view, text="", chunks=(), meta={})
        self._links += [(bare, target) for target in listed(view.meta.get(LINKS_WITHIN, "")) if target != _REST]

    def findings(self) -> Iterator[Finding]:
        """One for each dead target of a page."""
        for view, target in self._links:
            if why := self._dead(view, target):
                yield finding(
                    view,
                    "dead-link",
                    Severity.WARNING,
                    evidence=f"{target}: {why}",
                    fix="correct the link, or bring the page back",
                    key=target,
                )

    def _dead(self, view: DocumentView, target: str) -> str:
        role, _, name = target.partition(":")
        if role == "doc":
            return self._undocumented(view, name)
        parts = urlsplit(target)
        pages, path = self._pages[view.source], unquote(parts.path)
        if path:
            if path.startswith("/") or not _PAGE.search(path):
                return ""  # a site's own address, a folder, a picture: not ours to judge
            path = posixpath.normpath(posixpath.join(posixpath.dirname(view.uri), path))
            if path not in pages:
                return "" if path.startswith("..") else _NO_PAGE
        wanted = unquote(parts.fragment)
        if not wanted or wanted.startswith(("L", "fn", ":~:", "top")):
            return ""
        return "" if pages[path or view.uri].has(wanted) else _NO_ANCHOR

    def _undocumented(self, view: DocumentView, name: str) -> str:
        """`name` leaves the suffix out; with `/` it is from the documentation's root, whatever that is."""
        if ":" in name or name in _BUILT or "*" in name:
            return ""
        pages = self._pages[view.source]
        if name.startswith("/"):
            path = posixpath.normpath(name).lstrip("/")
            found = any(uri.endswith(f"{path}{suffix}") for uri in pages for suffix in _SUFFIXES)
        else:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(view.uri), name))
            found = path.startswith("..") or any(f"{path}{suffix}" in pages for suffix in _SUFFIXES)
        return "" if found else _NO_PAGE


def anchor(heading: str) -> str:
    """A heading's anchor, as the common site generators make it: folded words joined by `-`."""
    return "-".join(re.findall(r"[^\W_]+", fold(heading)))


def listed(value: str) -> list[str]:
    """A list as parsers keep it in a document's metadata; empty for anything else."""
    try:
        found = json.loads(value) if value else []
    except ValueError:
        return []
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _headings(chunk: Chunk) -> Iterator[str]:
    """Those above the chunk, and those inside of it."""
    yield from chunk.headings
    for _, path in json.loads(chunk.meta.get(SECTIONS, "[]")):
        yield from path
