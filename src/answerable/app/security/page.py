"""The security report as one HTML page: no other file, no address, no script."""

from __future__ import annotations

from importlib import resources

from answerable.app.security.report import SecurityReport
from answerable.text.page import render_page


def to_html(report: SecurityReport) -> str:
    """The page; whatever the project and its data say is escaped."""
    values = {
        "report": report,
        "at": f"{report.at:%Y-%m-%d %H:%M} UTC",
    }
    return render_page(resources.files("answerable.app") / "templates", "security", values)
