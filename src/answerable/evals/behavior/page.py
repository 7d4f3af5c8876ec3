"""The matrix as one HTML file with every raw reply: no script, nothing from elsewhere, nothing in it trusted."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from answerable.evals.behavior import wording
from answerable.evals.behavior.comparison import Comparison
from answerable.evals.behavior.results import Results
from answerable.text.page import render_page


def to_page(groups: Sequence[Sequence[Results]], comparisons: Sequence[Comparison] = ()) -> str:
    """The whole file, in both themes."""
    values = {"groups": groups, "comparisons": comparisons, "say": wording}
    return render_page(resources.files(__package__) / "templates", "behavior", values)
