"""A report as one HTML file: no other file, no address, no script but its own, and nothing in it is trusted."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from answerable.evals.runs.wording import cost_text, interval_text, milliseconds

_PASSAGE_CHARS = 1500  # of a retrieved passage, as far as a reader needs to see what it is about


def to_html(report: Mapping[str, Any]) -> str:
    """The page. Answers and questions are strangers' text: escaped, isolated, and no script but ours may run."""
    style, script = (_part(name) for name in ("report.css", "report.js"))
    policy = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'"
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"ms": milliseconds, "clip": _clipped}
    template = environment.from_string(_part("report.html"))
    return template.render(
        report=report,
        policy=policy,
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704
        interval=interval_text,
        cost=cost_text(report["cost"]),
    )


def _part(name: str) -> str:
    return (resources.files(__package__) / "templates" / name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _clipped(text: str) -> str:
    return text if len(text) <= _PASSAGE_CHARS else f"{text[:_PASSAGE_CHARS]}…"
