"""Pages that ingestion marked: instructions to a machine, hidden text, text nobody can read."""

from __future__ import annotations

from collections.abc import Iterator

from answerable.core.ports import DocumentView
from answerable.ingest.quality.finding import Finding, Severity, finding

_HIDDEN = ("hidden_text", "invisible_characters", "white_text")


def find_planted(view: DocumentView) -> Iterator[Finding]:
    """From the marks of the guards and of the parsers."""
    marks = [mark for chunk in view.chunks for mark in chunk.meta.get("suspicion", "").split(",") if mark]
    if marks:
        yield finding(
            view,
            "planted",
            Severity.BLOCKER,
            evidence="reads like instructions to a machine: " + ", ".join(dict.fromkeys(marks)),
            fix="find out who wrote it; until then it is shown as suspicious and never used for an answer",
            key="suspicion",
        )
    hidden = [f"{name.replace('_', ' ')} {view.meta[name]}" for name in _HIDDEN if view.meta.get(name)]
    if hidden:
        yield finding(
            view,
            "hidden",
            Severity.NOTE,
            evidence="left out because nobody sees it: " + ", ".join(hidden),
            fix="take it out of the file, or make it visible",
            key="hidden",
        )
    if garbled := view.meta.get("garbled_text"):
        yield finding(
            view,
            "garbled",
            Severity.WARNING,
            evidence=f"text that could not be read from the file: {garbled}",
            fix="export the file anew with its fonts, or run text recognition",
            key="garbled",
        )
