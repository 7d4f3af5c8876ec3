"""Links inside the corpus that lead nowhere: pages that are not there, anchors that no heading has."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

from answerable.core.ports import DocumentView
from answerable.ingest.quality.finding import Finding, Severity, finding
from answerable.text.words import fold

META = "links_within"  # where parsers keep a page's relative targets, apart by blanks
_PAGE = re.compile(r"\.(?:md|markdown|html?|rst|txt|pdf|docx|csv)$", re.I)


@dataclass(slots=True)
class Links:
    """Sees every page, then tells. Judged are only links to files of a kind that is read, and to anchors."""

    _pages: dict[str, dict[str, frozenset[str]]] = field(default_factory=dict)  # source → uri → anchors
    _links: list[tuple[DocumentView, str]] = field(default_factory=list)

    def see(self, view: DocumentView) -> None:
        """Keep its anchors and where it links to."""
        headings = {heading for chunk in view.chunks for heading in _headings(view, chunk.headings)}
        anchors = frozenset(anchor(one) for one in headings)
        self._pages.setdefault(view.source, {})[view.uri] = anchors
        bare = replace(view, text="", chunks=())
        self._links += [(bare, target) for target in view.meta.get(META, "").split()]

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
        parts = urlsplit(target)
        pages = self._pages[view.source]
        path = unquote(parts.path)
        if path:
            if path.startswith("/") or not _PAGE.search(path):
                return ""  # a site's own address, a folder, a picture: not ours to judge
            path = posixpath.normpath(posixpath.join(posixpath.dirname(view.uri), path))
            if path.startswith("..") or path not in pages:
                return "there is no such page in the source" if not path.startswith("..") else ""
        wanted = unquote(parts.fragment)
        anchors = pages[path or view.uri]
        if wanted and anchors and anchor(wanted) not in anchors and not wanted.startswith(("L", "fn", ":~:")):
            return "no heading there has this anchor"
        return ""


def anchor(heading: str) -> str:
    """A heading's anchor, as the common site generators make it: folded words joined by `-`."""
    return "-".join(re.findall(r"[^\W_]+", fold(heading)))


def _headings(view: DocumentView, path: tuple[str, ...]) -> tuple[str, ...]:
    return (view.title, *path)
