"""The findings as one HTML page, by owner: no other file, no address, no script, and nothing in it is trusted."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from datetime import date
from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from answerable.app.data import DataReport
from answerable.ingest.quality.finding import Finding

NOBODY = "no owner"


def to_html(report: DataReport, *, project: str, day: date) -> str:
    """The page; evidence is strangers' text and escaped."""
    style = _part("data.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_part("data.html")).render(
        report=report,
        project=project,
        day=day.isoformat(),
        owners=_by_owner(report.findings),
        counts=Counter(one.severity.value for one in report.findings),
        style=Markup(style),  # noqa: S704 - our own file
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )


def _by_owner(findings: tuple[Finding, ...]) -> dict[str, list[Finding]]:
    """Who has the most blockers first; nobody's findings last."""
    found: dict[str, list[Finding]] = {}
    for one in findings:
        found.setdefault(one.owner or NOBODY, []).append(one)
    blockers = Counter(one.owner or NOBODY for one in findings if one.severity == "blocker")
    return dict(sorted(found.items(), key=lambda pair: (pair[0] == NOBODY, -blockers[pair[0]], pair[0])))


def _part(name: str) -> str:
    return (resources.files(__package__) / "templates" / name).read_text("utf-8")
