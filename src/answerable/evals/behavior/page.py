"""The matrix as one HTML file with every raw reply: no script, nothing from elsewhere, nothing in it trusted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources

from jinja2 import Environment, StrictUndefined, Template

from answerable.evals.behavior import wording
from answerable.evals.behavior.comparison import Comparison
from answerable.evals.behavior.results import Results


def to_page(groups: Sequence[Sequence[Results]], comparisons: Sequence[Comparison] = ()) -> str:
    """The whole file, in both themes."""
    return _template().render(groups=groups, comparisons=comparisons, say=wording)


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    text = (resources.files(__package__) / "templates" / "behavior.html").read_text("utf-8")
    return environment.from_string(text)
