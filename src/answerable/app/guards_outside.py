"""Guards that ask somebody: a model about questions, an endpoint about questions and answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

from answerable.adapters.models.provider import Provider, Times
from answerable.adapters.moderation import ModerationGuard, Moderator
from answerable.app.project import Project
from answerable.config.guards import TenantGuards
from answerable.core.ports import LLM, Guard
from answerable.core.prompt import Rendered
from answerable.core.query import Query
from answerable.guards.fused import Fused
from answerable.guards.judge import JudgeGuard, Render
from answerable.prompts.render import rendered

OUTSIDE = frozenset({"moderation", "judge"})
USE = "guard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Whom they ask. None: nobody, though it may be configured; what only measures asks nobody."""

    judge: LLM | None = None
    moderator: Moderator | None = None


def open_outside(project: Project, judge: LLM | None, stack: AsyncExitStack) -> Outside:
    """The model of the route `guard`, and the endpoint where one is configured; closed with the stack."""
    section = project.settings.guard.moderation
    if not section.base_url:
        return Outside(judge=judge)
    provider = Provider(
        name="moderation",
        kind="openai-compatible",
        model=section.model,
        base_url=section.base_url,
        api_key=project.secret(section.api_key) or "",
        times=Times(connect_s=section.timeout, total_s=section.timeout),
    )
    moderator = Moderator.open(provider)
    stack.push_async_callback(moderator.aclose)
    return Outside(judge=judge, moderator=moderator)


def outside_guards(project: Project, of: TenantGuards, outside: Outside, *, scope: str) -> tuple[Guard, ...]:
    """Each with the fuse of its own time."""
    return tuple(_guards(project, of, outside, scope))


def _guards(project: Project, of: TenantGuards, outside: Outside, scope: str) -> Iterator[Guard]:
    moderation, judging = project.settings.guard.moderation, project.settings.guard.judge
    if outside.moderator is not None and (of.input.moderation, of.output.moderation) != ("off", "off"):
        guard = ModerationGuard(
            moderator=outside.moderator,
            question=of.input.moderation,
            answer=of.output.moderation,
            ignore=frozenset(moderation.ignore),
            fails=moderation.fails,
        )
        yield Fused(guard=guard, seconds=moderation.timeout)
    if outside.judge is not None and of.input.judge != "off":
        judge = JudgeGuard(
            llm=outside.judge,
            render=_renderer(project, scope),
            mode=of.input.judge,
            when=judging.when,
            unsure_from=judging.unsure_from,
            seconds=judging.timeout,
            fails=judging.fails,
        )
        yield Fused(guard=judge, seconds=judging.timeout)


def _renderer(project: Project, scope: str) -> Render:
    prompt = project.prompts.get(USE)

    def filled(query: Query) -> Rendered:
        return replace(
            rendered(prompt, {"scope": scope, "question": query.text}, fixed=("scope",)),
            question=query.text,
            language=query.language,
            scope=query.scope,
            principal=query.principal.id,
            key=query.key,
        )

    return filled
