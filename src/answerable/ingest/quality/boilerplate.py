"""Paragraphs that stand on many pages: they crowd what a page is about out of every search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from answerable.core.identity import sha256_hex
from answerable.core.ports import DocumentView
from answerable.ingest.quality.finding import Finding, Severity, finding
from answerable.text.words import fold

_MIN_CHARS = 40
_MIN_PAGES = 5


@dataclass(slots=True, kw_only=True)
class Boilerplate:
    """Sees every page, then tells. A paragraph is counted by a hash, so memory does not grow with their length."""

    share: float  # of a source's pages
    _pages: Counter[str] = field(default_factory=Counter)  # by source
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)  # by source and hash
    _first: dict[tuple[str, str], tuple[DocumentView, int, int, str]] = field(default_factory=dict)

    def see(self, view: DocumentView) -> None:
        """Count its paragraphs, each once."""
        self._pages[view.source] += 1
        seen: set[tuple[str, str]] = set()
        start = 0
        for part in view.text.split("\n\n"):
            if len(part) >= _MIN_CHARS:
                key = (view.source, sha256_hex(" ".join(fold(part).split()))[:16])
                if key not in seen:
                    seen.add(key)
                    self._counts[key] += 1
                    if self._counts[key] == 2:
                        bare = replace(view, text="", chunks=())
                        self._first[key] = (bare, start, view.text.count("\n", 0, start) + 1, part[:160])
            start += len(part) + 2

    def findings(self) -> Iterator[Finding]:
        """The commonest first."""
        for key, count in sorted(self._counts.items(), key=lambda one: (-one[1], one[0])):
            if count < max(_MIN_PAGES, self.share * self._pages[key[0]]):
                continue
            view, start, line, text = self._first[key]
            made = finding(
                view,
                "boilerplate",
                Severity.NOTE,
                evidence=f"on {count} of {self._pages[key[0]]} pages: “{text}”",
                fix="leave it out of the pages' main part, or keep it on one page",
                key=key[1],
            )
            yield replace(made, start=start, end=start + len(text), line=line)
