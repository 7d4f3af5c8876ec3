"""A drill as one HTML page: the matrix in colors and words; no other file, no address, no script."""

from __future__ import annotations

from datetime import date
from importlib import resources

from answerable.app.drilling import Drill
from answerable.testing.faults import Component, Fault
from answerable.text.page import render_page


def to_html(done: Drill, *, project: str, day: date) -> str:
    """The page; the question and what differed are escaped."""
    values = {
        "drill": done,
        "project": project,
        "day": day.isoformat(),
        "components": list(Component),
        "faults": list(Fault),
        "at": {(one.cell.component, one.cell.fault): one for one in done.cells},
    }
    return render_page(resources.files(__package__) / "templates", "drill", values)
