"""A report as one HTML file: no other file, no address, no script but its own, and nothing in it is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any

from answerable.evals.runs.wording import cost_text, interval_text, milliseconds
from answerable.text.page import render_page

_PASSAGE_CHARS = 1500  # of a retrieved passage, as far as a reader needs to see what it is about


def to_html(report: Mapping[str, Any]) -> str:
    """The page. Answers and questions are strangers' text: escaped, isolated, and no script but ours may run."""
    values = {"report": report, "interval": interval_text, "cost": cost_text(report["cost"])}
    return render_page(
        resources.files(__package__) / "templates",
        "report",
        values,
        filters={"ms": milliseconds, "clip": _clipped},
    )


def _clipped(text: str) -> str:
    return text if len(text) <= _PASSAGE_CHARS else f"{text[:_PASSAGE_CHARS]}…"
