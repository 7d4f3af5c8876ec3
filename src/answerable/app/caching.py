"""The cache of replies, put before a route as the project wants it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.replies import PostgresReplies
from answerable.answer.ask import Asker
from answerable.answer.extractive import NAME
from answerable.app.embedding import embedding_key
from answerable.app.project import Project
from answerable.app.semantic_lock import check_semantic
from answerable.config.gateway import ProviderSection
from answerable.core.call import Observer
from answerable.core.ports import LLM, Embedder, Replies
from answerable.core.prompt import Rendered
from answerable.guards.leaks import LeakGuard
from answerable.llm.cache import Cached
from answerable.llm.cache_key import Ground
from answerable.llm.recent_replies import Recent
from answerable.llm.semantic import Semantic


def open_replies(database: Database) -> Replies:
    """What all processes keep, with the last seconds of this one in front."""
    return Recent(PostgresReplies(database))


def remember(
    project: Project,
    llm: LLM,
    *,
    use: str,
    replies: Replies,
    embedder: Embedder,
    observers: Sequence[Observer] = (),
) -> LLM:
    """The route with its cache; the route itself where there is none to be, or no model to save.

    Raises ConfigError where the semantic cache is on without a lock that fits.
    """
    section = project.settings.cache
    models = route_models(project, use)
    if section.exact is None or not models:
        return llm
    key = embedding_key(embedder)
    check_semantic(project, key)
    semantic = (
        Semantic(embedder=embedder, threshold=section.semantic.threshold) if section.semantic.enabled else None
    )
    return Cached(
        llm=llm,
        replies=replies,
        ground=Ground(use=use, models=models, index=key),
        ttl_s=section.exact,
        leaks=leaks,
        semantic=semantic,
        observers=observers,
    )


def without_cache(asker: Asker) -> Asker:
    """The asker that asks its models each time: what is measured must be no copy of what was measured before."""
    route = asker.llm.llm if isinstance(asker.llm, Cached) else asker.llm
    return replace(asker, llm=route, keeper=None, earlier=None)


def route_models(project: Project, use: str) -> tuple[str, ...]:
    """The models of a route in order, each with its provider and where it is; none where passages are only quoted.

    Two servers may call different weights by one name, so an address that changes makes earlier replies void.
    """
    section = project.settings.routed(use)
    names = [name for name in section.chain if name != NAME] if section else []
    return tuple(f"{name}/{_model(project.settings.provider[name])}" for name in names)


def _model(provider: ProviderSection) -> str:
    return f"{provider.kind}/{provider.model} {' '.join(sorted(provider.addresses))}".rstrip()


def leaks(rendered: Rendered, text: str) -> bool:
    """Whether a text shows the request's canary in any spelling, its boundary, or a run of the prompt."""
    guard = LeakGuard().with_secrets(canary=rendered.canary, system=rendered.system)
    quoted = "\n".join(block.passage.chunk.text for block in rendered.blocks)
    return rendered.boundary in text or bool(guard.leak(text, published=quoted))
