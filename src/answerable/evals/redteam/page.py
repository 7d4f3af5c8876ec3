"""A red-team run as one HTML page: no other file, no address, no script. Whatever attackers wrote is escaped."""

from __future__ import annotations

from datetime import date
from importlib import resources

from answerable.evals.redteam.summary import Summary
from answerable.text.page import render_page

_SHOWN = 200  # of what got through


def to_html(summary: Summary, *, project: str, today: date) -> str:
    """The page."""
    values = {
        "summary": summary,
        "run": summary.run,
        "head": summary.run.head,
        "project": project,
        "ages": [(one, one.age_days(today)) for one in summary.run.head.packs],
        "through": summary.run.through[:_SHOWN],
        "more": max(0, len(summary.run.through) - _SHOWN),
        "scripted": summary.run.head.target.startswith("scripted:"),
    }
    return render_page(resources.files(__package__) / "templates", "redteam", values)
