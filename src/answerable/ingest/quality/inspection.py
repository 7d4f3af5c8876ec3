"""A look at every document of a corpus, one page of them at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from answerable.core.conflict import ConflictState, DocumentConflict
from answerable.core.ports import DocumentView
from answerable.ingest.quality.boilerplate import Boilerplate
from answerable.ingest.quality.duplicates import Duplicates, Likeness
from answerable.ingest.quality.encoding import find_damage
from answerable.ingest.quality.finding import Finding, Severity, shortened
from answerable.ingest.quality.language import find_languages
from answerable.ingest.quality.links import Links
from answerable.ingest.quality.planted import find_planted
from answerable.ingest.quality.sizes import find_sizes
from answerable.ingest.quality.staleness import Staleness
from answerable.ingest.quality.tables import find_broken_tables
from answerable.ingest.quality.titles import Titles

_ORDER = {Severity.BLOCKER: 0, Severity.WARNING: 1, Severity.NOTE: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """docs/decisions/0130-data-quality-defaults.md"""

    empty_chars: int = 80
    huge_chars: int = 200_000
    boilerplate_share: float = 0.2
    duplicate_likeness: float = 0.85
    stale_days: int = 730


@dataclass(slots=True, kw_only=True)
class Inspection:
    """Sees every page once, then tells. What it keeps of a page is its name, dates, links and some hashes."""

    today: date
    languages: tuple[str, ...]
    thresholds: Thresholds
    likeness: Likeness | None
    documents: int = 0
    _found: list[Finding] = field(default_factory=list)
    _boilerplate: Boilerplate = field(init=False)
    _duplicates: Duplicates = field(init=False)
    _staleness: Staleness = field(init=False)
    _links: Links = field(default_factory=Links)
    _titles: Titles = field(default_factory=Titles)

    def __post_init__(self) -> None:
        self._boilerplate = Boilerplate(share=self.thresholds.boilerplate_share)
        self._duplicates = Duplicates(threshold=self.thresholds.duplicate_likeness, likeness=self.likeness)
        self._staleness = Staleness(today=self.today, stale_days=self.thresholds.stale_days)

    def see(self, view: DocumentView) -> None:
        """Look at one document. Archived ones are left alone: nobody is answered from them."""
        self.documents += 1
        if view.status == "archived":
            return
        sizes = self.thresholds
        self._found += find_sizes(view, empty_chars=sizes.empty_chars, huge_chars=sizes.huge_chars)
        for findings in (find_damage(view), find_broken_tables(view), find_planted(view)):
            self._found += findings
        self._found += find_languages(view, self.languages)
        self._found += self._titles.see(view)
        self._found += self._staleness.see(view)
        self._boilerplate.see(view)
        self._duplicates.see(view)
        self._links.see(view)

    def findings(self, conflicts: Iterable[DocumentConflict] = ()) -> list[Finding]:
        """Everything found, blockers first, each once."""
        several = (self._titles, self._staleness, self._boilerplate, self._duplicates, self._links)
        found = [*self._found, *(one for finder in several for one in finder.findings())]
        found += [of_conflict(one) for one in conflicts if one.state is not ConflictState.ACCEPTED]
        once = {one.id: one for one in found}
        return sorted(
            once.values(), key=lambda one: (_ORDER[one.severity], one.kind, one.uri, one.start or 0, one.id)
        )


def of_conflict(one: DocumentConflict) -> Finding:
    """A recorded conflict as a finding of its newer page; a blocker until somebody has said what to do."""
    first, second = one.first, one.second
    resolved = one.state is ConflictState.RESOLVED
    return Finding(
        kind="conflict",
        severity=Severity.WARNING if resolved else Severity.BLOCKER,
        document=first.document_id,
        uri=first.uri,
        source=first.source,
        title=first.title,
        owner=", ".join(dict.fromkeys(owner for owner in (first.owner, second.owner) if owner)),
        evidence=f"“{shortened(first.text)}” ({first.updated_at or 'no date'}) against “{shortened(second.text)}”"
        f" ({second.updated_at or 'no date'}): {one.reason}",
        fix=f"being resolved: {one.note}"
        if resolved
        else f"change one page, or accept it: answerable data accept {one.id} --reason …",
        key=one.id,
        start=first.start,
        end=first.end,
        others=(second.uri,),
    )
