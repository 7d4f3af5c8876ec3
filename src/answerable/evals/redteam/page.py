"""A red-team run as one HTML page: no other file, no address, no script. Whatever attackers wrote is escaped."""

from __future__ import annotations

import base64
import hashlib
from datetime import date
from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from answerable.evals.redteam.summary import Summary

_SHOWN = 200  # of what got through


def to_html(summary: Summary, *, project: str, today: date) -> str:
    """The page."""
    style = _part("redteam.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_part("redteam.html")).render(
        summary=summary,
        run=summary.run,
        head=summary.run.head,
        project=project,
        ages=[(one, one.age_days(today)) for one in summary.run.head.packs],
        through=summary.run.through[:_SHOWN],
        more=max(0, len(summary.run.through) - _SHOWN),
        scripted=summary.run.head.target.startswith("scripted:"),
        style=Markup(style),  # noqa: S704 - our own file
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )


def _part(name: str) -> str:
    return (resources.files(__package__) / "templates" / name).read_text("utf-8")
