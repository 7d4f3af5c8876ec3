"""One comparable statement of a page, with the place where it stands and what it holds for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from answerable.text.statements.amounts import Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is kept of a page while its statements are compared. From `topic` on `pages.filled` tells."""

    id: str
    uri: str
    source: str
    title: str
    language: str
    owner: str | None
    updated_at: date | None
    topic: frozenset[str] = frozenset()  # stems of the title that say what the page is about
    stems: frozenset[str] = frozenset()  # of the title words of all pages, those that this page mentions
    central: frozenset[str] = frozenset()  # stems of the title that the page itself speaks of again
    years: frozenset[str] = frozenset()
    periods: frozenset[str] = frozenset()  # quarters, fiscal years and closing days that it is of
    replaces: str = ""  # what the page says it replaces, folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """page.text[start:end] is the sentence. `amount` is None for a duty, a permission or a plain yes or no."""

    page: Page
    start: int
    end: int
    text: str
    core: frozenset[str]  # stems of the clause that says it, without values and fillers
    whole: frozenset[str]  # of the sentence
    around: frozenset[str]  # of the headings and the title
    actor: frozenset[str]  # stems before the verb of duty or permission; without one, of the whole sentence
    names: frozenset[str]
    scope: Mapping[str, frozenset[str]]  # as the sentence says
    frame: Mapping[str, frozenset[str]]  # as its headings, the title and the address say
    condition: frozenset[str]
    modality: str
    amount: Amount | None = None
    nothing: frozenset[str] = field(default_factory=frozenset)  # stems of what there is none of
    periods: frozenset[str] = field(default_factory=frozenset)  # quarters, spans and closing days it names
    since: date | None = None
    until: date | None = None

    @property
    def slot(self) -> str:
        """What it can be compared with: statements of the same slot."""
        if self.amount is None:
            return "modality"
        return self.amount.slot
