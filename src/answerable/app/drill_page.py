"""A drill as one HTML page: the matrix in colors and words; no other file, no address, no script."""

from __future__ import annotations

import base64
import hashlib
from datetime import date
from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from answerable.app.drilling import Drill
from answerable.testing.faults import Component, Fault


def to_html(done: Drill, *, project: str, day: date) -> str:
    """The page; the question and what differed are escaped."""
    style = _part("drill.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_part("drill.html")).render(
        drill=done,
        project=project,
        day=day.isoformat(),
        components=list(Component),
        faults=list(Fault),
        at={(one.cell.component, one.cell.fault): one for one in done.cells},
        style=Markup(style),  # noqa: S704 - our own file
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )


def _part(name: str) -> str:
    return (resources.files(__package__) / "templates" / name).read_text("utf-8")
