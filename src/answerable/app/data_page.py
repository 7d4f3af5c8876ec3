"""The findings as one HTML page, by owner: no other file, no address, no script, and nothing in it is trusted."""

from __future__ import annotations

from collections import Counter
from datetime import date
from importlib import resources

from answerable.app.data import DataReport
from answerable.ingest.quality.finding import Finding
from answerable.text.page import render_page

NOBODY = "no owner"


def to_html(report: DataReport, *, project: str, day: date) -> str:
    """The page; evidence is strangers' text and escaped."""
    values = {
        "report": report,
        "project": project,
        "day": day.isoformat(),
        "owners": _by_owner(report.findings),
        "counts": Counter(one.severity.value for one in report.findings),
    }
    return render_page(resources.files(__package__) / "templates", "data", values)


def _by_owner(findings: tuple[Finding, ...]) -> dict[str, list[Finding]]:
    """Who has the most blockers first; nobody's findings last."""
    found: dict[str, list[Finding]] = {}
    for one in findings:
        found.setdefault(one.owner or NOBODY, []).append(one)
    blockers = Counter(one.owner or NOBODY for one in findings if one.severity == "blocker")
    return dict(sorted(found.items(), key=lambda pair: (pair[0] == NOBODY, -blockers[pair[0]], pair[0])))
