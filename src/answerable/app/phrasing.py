"""The models that say a follow-up alone and name a question's parts, where the project has routes for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from answerable.answer.deadlines import Plan
from answerable.answer.phrasing import Phraser, Render, Speaker
from answerable.answer.trial import Choose, as_configured
from answerable.app.gateway import Gateway
from answerable.core.degraded import NO_DECOMPOSE, NO_REWRITE
from answerable.core.prompt import Rendered
from answerable.core.query import Query
from answerable.prompts.fence import Value
from answerable.prompts.prompt import Prompt
from answerable.prompts.render import rendered


def make_phraser(gateway: Gateway, plan: Plan, choose: Choose = as_configured) -> Phraser:
    """Without a route for it, rules do what a model would. Raises ConfigError for a chain that cannot be."""
    return Phraser(
        rewrite=_speaker(gateway, "rewrite", NO_REWRITE, choose),
        decompose=_speaker(gateway, "decompose", NO_DECOMPOSE, choose),
        plan=plan,
    )


def _speaker(gateway: Gateway, use: str, without: str, choose: Choose) -> Speaker | None:
    route = gateway.route(use)
    if route is None:
        return None
    return Speaker(use=use, llm=route, render=renderer(gateway.project.prompts.get(use), choose), without=without)


def renderer(prompt: Prompt, choose: Choose = as_configured) -> Render:
    """Fills a prompt, or the version of it that a rollout gives, for one question."""

    def filled(values: Mapping[str, Value], query: Query) -> Rendered:
        return replace(
            rendered(choose(prompt, query), values),
            question=query.text,
            language=query.language,
            scope=query.scope,
            principal=query.principal.id,
            key=query.key,
        )

    return filled
