"""The security report as one HTML page: no other file, no address, no script."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from answerable.app.security.report import SecurityReport


def to_html(report: SecurityReport) -> str:
    """The page; whatever the project and its data say is escaped."""
    style = _part("security.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_part("security.html")).render(
        report=report,
        at=f"{report.at:%Y-%m-%d %H:%M} UTC",
        style=Markup(style),  # noqa: S704 - our own file
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )


def _part(name: str) -> str:
    return (resources.files("answerable.app") / "templates" / name).read_text("utf-8")
