"""An experiment as one HTML file, for those who decide: no other file, no address, no script; light and dark."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any

from markupsafe import Markup

from answerable.lab import plots, text
from answerable.text.page import render_page


def to_html(result: Mapping[str, Any]) -> str:
    """The page. Names of settings and questions are escaped, and nothing in it may run."""
    values = {
        "result": result,
        "headline": text.headline(result),
        "share": text.share,
        "plots": {title: Markup(svg) for title, svg in _drawn(result).items() if svg},  # noqa: S704 - escaped there
    }
    return render_page(
        resources.files(__package__) / "templates",
        "lab",
        values,
        filters={"difference": text.difference, "points": _points},
    )


def _drawn(result: Mapping[str, Any]) -> dict[str, str]:
    settings = result["settings"]
    found = {
        "Quality": plots.intervals(settings),
        "CPU of a search": plots.bars(
            settings, "query_ms_p50", "CPU of a search, median", lambda ms: f"{ms:.1f} ms"
        ),
        "CPU of indexing": plots.bars(settings, "index_cpu_s", "CPU of indexing", lambda s: f"{s:.1f} s"),
    }
    if any(one["cost_per_1000"] is not None for one in settings):
        found["Cost"] = plots.bars(
            settings, "cost_per_1000", "Cost of 1,000 questions", lambda cost: f"{cost:.2f}"
        )
    if any(one["cut_share"] is not None for one in settings):
        found["Gold spans cut apart"] = plots.bars(settings, "cut_share", "Gold spans cut apart", _points)
        found["Sentences cut apart"] = plots.bars(
            settings, "mid_sentence_share", "Ends of chunks inside a sentence", _points
        )
    return {**found, "Sizes of chunks": plots.sizes(settings)}


def _points(value: float | None) -> str:
    return "" if value is None else f"{value * 100:.1f} %"
