"""Contradictions of a whole corpus: page after page is read, then what they say is compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from answerable.core.conflict import DocumentConflict, Side
from answerable.core.ports import DocumentView
from answerable.ingest.statements.extraction import extract, read_page
from answerable.ingest.statements.pairing import Pair, compare
from answerable.text.statements.decision import Decision
from answerable.text.statements.statement import Statement


@dataclass(slots=True, kw_only=True)
class Contradictions:
    """Sees every page, then tells. `vocabulary`: `extraction.topics` of all pages."""

    vocabulary: frozenset[str]
    _statements: list[Statement] = field(default_factory=list)

    def see(self, view: DocumentView) -> None:
        """Keep what it says. Drafts, letters, chats, marked pages and unknown languages say nothing here."""
        page = read_page(view, self.vocabulary)
        if page is not None:
            self._statements += extract(view, page)

    @property
    def statements(self) -> int:
        """How many were kept."""
        return len(self._statements)

    def pairs(self) -> list[Pair]:
        """Every pair about the same that does not agree: conflicts, scope differences, supersessions."""
        return compare(self._statements)

    def conflicts(self) -> list[DocumentConflict]:
        """Only what contradicts, as it is recorded."""
        return conflicts_of(self.pairs())


def conflicts_of(pairs: Iterable[Pair]) -> list[DocumentConflict]:
    """The conflicts among decided pairs."""
    return [one for one in recorded(pairs) if not one.both_stand]


def recorded(pairs: Iterable[Pair]) -> list[DocumentConflict]:
    """Decided pairs as they are recorded: conflicts, and those of which both sides stand."""
    return [_recorded(one) for one in pairs]


def _recorded(pair: Pair) -> DocumentConflict:
    return DocumentConflict(
        id=pair.id,
        kind=pair.decided.kind,
        reason=pair.decided.reason,
        first=_side(pair.first),
        second=_side(pair.second),
        both_stand=pair.decided.decision is not Decision.CONFLICT,
    )


def _side(one: Statement) -> Side:
    page = one.page
    return Side(
        document_id=page.id,
        text=one.text,
        start=one.start,
        end=one.end,
        uri=page.uri,
        source=page.source,
        title=page.title,
        owner=page.owner,
        updated_at=page.updated_at,
        scope={category: ", ".join(sorted(values)) for category, values in sorted(one.scope.items())},
    )
