"""One thing that is wrong with a document, with the place, the evidence, the fix and who can make it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from answerable.core.identity import content_id
from answerable.core.ports import DocumentView

_SHOWN = 160  # characters of evidence


class Severity(StrEnum):
    """A blocker ends the report with exit 13."""

    BLOCKER = "blocker"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """text[start:end] of the document as it was read; line counts from 1. Without a place it is the whole page."""

    kind: str
    severity: Severity
    document: str  # id
    uri: str
    source: str
    title: str
    owner: str
    evidence: str
    fix: str
    key: str = ""  # what tells it from others of its kind in the document, where the evidence does not
    start: int | None = None
    end: int | None = None
    line: int | None = None
    others: tuple[str, ...] = ()  # uris of the other pages it is about

    @property
    def id(self) -> str:
        """The same for the same finding in every run."""
        return content_id("dq", self.kind, self.document, self.key or self.evidence)


def finding(
    view: DocumentView,
    kind: str,
    severity: Severity,
    *,
    evidence: str,
    fix: str,
    key: str = "",
    span: tuple[int, int] | None = None,
    others: tuple[str, ...] = (),
) -> Finding:
    """Of a page. `span` is the place in its text."""
    return Finding(
        kind=kind,
        severity=severity,
        document=view.id,
        uri=view.uri,
        source=view.source,
        title=view.title,
        owner=view.owner or "",
        evidence=shortened(evidence),
        fix=fix,
        key=key,
        start=span[0] if span else None,
        end=span[1] if span else None,
        line=view.text.count("\n", 0, span[0]) + 1 if span else None,
        others=others,
    )


def shortened(text: str) -> str:
    """On one line, and not too long for one."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else f"{flat[: _SHOWN - 1]}…"
