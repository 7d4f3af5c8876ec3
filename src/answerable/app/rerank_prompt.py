"""The rerank prompt for one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from answerable.app.project import Project
from answerable.core.prompt import Rendered
from answerable.prompts.file import load
from answerable.prompts.render import render, rendered

_MAX_OUTPUT_TOKENS = 300  # a token, and 20 numbers as JSON
_INPUTS = ("token", "question", "passages", "count")


def rerank_renderer(project: Project, own: str | None) -> Callable[[Mapping[str, str]], Rendered]:
    """Fills the project's own prompt, or the shipped one. Raises ConfigError where its inputs do not fit."""
    prompt = load(project.path(own)) if own else project.prompts.get("rerank")
    render(prompt, dict.fromkeys(_INPUTS, ""))  # a misfit is told at the start, not with a question

    def filled(values: Mapping[str, str]) -> Rendered:
        return replace(rendered(prompt, values), temperature=0.0, max_output_tokens=_MAX_OUTPUT_TOKENS)

    return filled
