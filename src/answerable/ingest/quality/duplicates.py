"""Pages that say the same: word for word, or almost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from answerable.core.identity import sha256_hex
from answerable.core.ports import DocumentView
from answerable.ingest.quality.finding import Finding, Severity, finding
from answerable.text.words import terms

RUN = 5  # words
_MIN_WORDS = 30  # a shorter page is a matter of `empty`


class Likeness(Protocol):
    """Finds sets that are alike without comparing each with each."""

    def add(self, key: int, runs: Sequence[str]) -> list[tuple[int, float]]:
        """The keys added before whose sets are alike, with the estimated Jaccard likeness in [0, 1]."""
        ...


@dataclass(slots=True, kw_only=True)
class Duplicates:
    """Sees every page, then tells. Without `likeness` only identical texts are found."""

    threshold: float
    likeness: Likeness | None
    _views: list[DocumentView] = field(default_factory=list)
    _texts: dict[str, int] = field(default_factory=dict)
    _pairs: list[tuple[int, int, float]] = field(default_factory=list)

    def see(self, view: DocumentView) -> None:
        """Compare a published page with those seen before, in its language."""
        found = terms(view.text)
        if view.status != "published" or len(found) < _MIN_WORDS:
            return
        number = len(self._views)
        self._views.append(replace(view, text="", chunks=()))
        key = sha256_hex(" ".join(found))
        if key in self._texts:
            self._pairs.append((self._texts[key], number, 1.0))
            return
        self._texts[key] = number
        if self.likeness is not None:
            runs = list({" ".join(found[at : at + RUN]) for at in range(len(found) - RUN + 1)})
            alike = self.likeness.add(number, runs)
            self._pairs += [(other, number, near) for other, near in alike if near >= self.threshold]

    def findings(self) -> Iterator[Finding]:
        """One for each pair, told of the page that is older."""
        for one, other, near in self._pairs:
            a, b = self._views[one], self._views[other]
            old, new = sorted((a, b), key=lambda view: (view.updated_at or "", view.uri))
            same = near >= 1.0
            yield finding(
                old,
                "duplicate" if same else "near-duplicate",
                Severity.WARNING,
                evidence=f"the same text as “{new.title}”" if same else f"{near:.0%} alike with “{new.title}”",
                fix="keep one and link to it: two copies grow apart, and answers cite either",
                key=new.id,
                others=(new.uri,),
            )
