"""The rerank prompt for one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from answerable.app.project import Project
from answerable.core.prompt import Rendered
from answerable.prompts.fence import Value
from answerable.prompts.render import render, rendered

_INPUTS = ("question", "passages", "count")


def rerank_renderer(project: Project, own: str | None) -> Callable[[Mapping[str, Value]], Rendered]:
    """Fills the project's own prompt, or the shipped one. Raises ConfigError where its inputs do not fit."""
    prompts = project.prompt_folder
    prompt = prompts.load(project.path(own), of="rerank") if own else prompts.get("rerank")
    render(prompt, dict.fromkeys(_INPUTS, ""))  # a misfit is told at the start, not with a question

    def filled(values: Mapping[str, Value]) -> Rendered:
        return rendered(prompt, values)

    return filled
