"""Pages past their review date, pages nobody touched for long, and older versions beside newer ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from answerable.core.ports import DocumentView
from answerable.ingest.quality.finding import Finding, Severity, finding
from answerable.text.words import fold

_REPLACES = re.compile(
    r"\b(?:replaces|supersedes|ersetzt|reemplaza a|sustituye a)\s+(?:the |our |die |das |den |la |el )?"
    r"(?P<what>[^.;:!?\n]{3,80})",
    re.I,
)
_VERSION = re.compile(
    r"\b(?:v(?:ersion)?[ ._-]?)?(\d+(?:[./-]\d+)*)\b|\b(?:old|alt|antiguo|archive[d]?|copy|kopie)\b", re.I
)
_MARKED = re.compile(
    r"\b(?:v|version|edition|ausgabe|versi[oó]n)[ ._-]?\d|\b(?:19|20)\d\d\b|\b(?:old|copy|kopie)\b", re.I
)


@dataclass(slots=True, kw_only=True)
class Staleness:
    """Sees every page, then tells. `stale_days` is for pages without a review date."""

    today: date
    stale_days: int
    _families: dict[tuple[str, str, str], list[DocumentView]] = field(default_factory=dict)
    _by_title: dict[str, list[DocumentView]] = field(default_factory=dict)
    _replacing: list[tuple[str, DocumentView]] = field(default_factory=list)

    def see(self, view: DocumentView) -> Iterator[Finding]:
        """What a page's own dates tell."""
        if view.status != "published":
            return
        light = replace(view, text="", chunks=())
        self._by_title.setdefault(fold(view.title), []).append(light)
        if _MARKED.search(view.title):
            bare = " ".join(re.findall(r"[^\W\d_]+", _VERSION.sub(" ", fold(view.title))))
            self._families.setdefault((view.source, view.language, bare), []).append(light)
        if said := _REPLACES.search(view.text[:3000]):
            self._replacing.append((fold(said["what"]).strip(), light))
        yield from self._aged(view)

    def _aged(self, view: DocumentView) -> Iterator[Finding]:
        if view.review_by and date.fromisoformat(view.review_by) < self.today:
            late = (self.today - date.fromisoformat(view.review_by)).days
            yield finding(
                view,
                "stale",
                Severity.WARNING,
                evidence=f"to be reviewed by {view.review_by}, {late} days ago; "
                f"last updated {view.updated_at or 'nobody knows when'}",
                fix="read it, set updated and review_by anew, or archive it (status: archived)",
                key=f"review {view.review_by}",
            )
        elif not view.review_by and view.updated_at:
            age = (self.today - date.fromisoformat(view.updated_at)).days
            if age > self.stale_days:
                yield finding(
                    view,
                    "stale",
                    Severity.NOTE,
                    evidence=f"last updated {view.updated_at}, {age} days ago, and no review date",
                    fix="read it and give it a review_by",
                    key=f"age {view.updated_at}",
                )

    def findings(self) -> Iterator[Finding]:
        """Older versions that are still published."""
        for views in self._families.values():
            yield from _older(views)
        for said, view in self._replacing:
            for title, replaced in self._by_title.items():
                if title and (title in said or (len(said) > 8 and said in title)):
                    for one in replaced:
                        if one.id != view.id:
                            yield _superseded(one, view, f"“{view.title}” says that it replaces this page")


def _older(views: list[DocumentView]) -> Iterator[Finding]:
    marked = sorted(views, key=lambda one: (_numbers(one.title), one.updated_at or ""))
    if len({_numbers(one.title) for one in marked}) > 1:
        for one in marked[:-1]:
            yield _superseded(one, marked[-1], f"“{marked[-1].title}” is published, too")


def _numbers(title: str) -> tuple[int, ...]:
    return tuple(int(one) for one in re.findall(r"\d+", title))


def _superseded(old: DocumentView, new: DocumentView, why: str) -> Finding:
    return finding(
        old,
        "superseded",
        Severity.WARNING,
        evidence=f"{why} ({new.updated_at or 'no date'})",
        fix="archive the older one (status: archived), or say in both titles what each is for",
        key=new.id,
        others=(new.uri,),
    )
