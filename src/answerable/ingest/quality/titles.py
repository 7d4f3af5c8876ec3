"""Pages without a title of their own, and pages that share one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from answerable.core.ports import DocumentView
from answerable.ingest.quality.finding import Finding, Severity, finding
from answerable.text.words import fold

_UNTITLED = re.compile(
    r"(?:untitled|ohne titel|sin título|new (?:page|document)|document\d*|index|readme|page)", re.I
)


@dataclass(slots=True)
class Titles:
    """Sees every page, then tells."""

    _by_title: dict[tuple[str, str, str], list[DocumentView]] = field(default_factory=dict)

    def see(self, view: DocumentView) -> Iterator[Finding]:
        """A missing title is told at once."""
        title, name = view.title.strip(), PurePosixPath(view.uri).name
        if not title or title in (name, PurePosixPath(name).stem) or _UNTITLED.fullmatch(title):
            yield finding(
                view,
                "title",
                Severity.NOTE,
                evidence=f"the title is “{title}”" if title else "no title",
                fix="give the page a heading or a title in its metadata: search and citations show it",
                key="missing",
            )
        else:
            key = (view.source, view.language, fold(title))
            self._by_title.setdefault(key, []).append(_light(view))

    def findings(self) -> Iterator[Finding]:
        """One for each title that several published pages have."""
        for views in self._by_title.values():
            published = [one for one in views if one.status == "published"]
            if len(published) > 1:
                yield finding(
                    published[0],
                    "title",
                    Severity.NOTE,
                    evidence=f"{len(published)} pages are called “{published[0].title}”",
                    fix="tell them apart by title: a person who sees two citations cannot",
                    key="shared",
                    others=tuple(one.uri for one in published[1:6]),
                )


def _light(view: DocumentView) -> DocumentView:
    """Without its text: many are kept."""
    from dataclasses import replace

    return replace(view, text="", chunks=())
