"""The model that tells a conversation to whoever takes it over, where the project has a route for it."""

from __future__ import annotations

from collections.abc import Mapping

from answerable.answer.handoff import Summarizer
from answerable.app.gateway import Gateway
from answerable.core.prompt import Rendered
from answerable.prompts.fence import Value
from answerable.prompts.render import rendered

USE = "summary"


def make_summarizer(gateway: Gateway) -> Summarizer:
    """Without a route for it, the turns say it themselves. Raises ConfigError for a prompt that cannot be."""
    prompt = gateway.project.prompts.get(USE)

    def render(values: Mapping[str, Value]) -> Rendered:
        return rendered(prompt, values)

    return Summarizer(llm=gateway.route(USE), render=render)
