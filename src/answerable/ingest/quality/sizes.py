"""Pages with almost nothing on them, and pages with too much."""

from __future__ import annotations

from collections.abc import Iterator

from answerable.core.ports import DocumentView
from answerable.ingest.quality.finding import Finding, Severity, finding


def find_sizes(view: DocumentView, *, empty_chars: int, huge_chars: int) -> Iterator[Finding]:
    """By characters of text."""
    size = len(view.text.strip())
    if size < empty_chars:
        yield finding(
            view,
            "empty",
            Severity.WARNING,
            evidence=f"{size} characters: “{view.text}”" if size else "no text",
            fix="write the page, remove it, or exclude it from its source; a scan needs text recognition first",
            key="empty",
        )
    elif size > huge_chars:
        yield finding(
            view,
            "huge",
            Severity.NOTE,
            evidence=f"{size:,} characters",
            fix="split the page by topic, so that its title says what a passage is about",
            key="huge",
        )
