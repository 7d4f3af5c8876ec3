"""What questions are answered with: the asker, its models and prompts, and who is given which version of them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial

from answerable.adapters.postgres.conflicts import PostgresConflicts
from answerable.adapters.postgres.token_codes import PostgresTokenCodes
from answerable.answer.ask import Asker
from answerable.answer.extractive import Extractive
from answerable.answer.rungs import HandOver
from answerable.app.abstaining import Standing, find_standing
from answerable.app.asking import make_asker
from answerable.app.caching import open_replies, remember
from answerable.app.ground import Ground
from answerable.app.guarding import make_guards
from answerable.app.guards_outside import USE as GUARD
from answerable.app.guards_outside import open_outside
from answerable.app.models import Gateway
from answerable.app.phrasing import make_phraser
from answerable.app.project import Project
from answerable.app.prompts.archive import keep_used
from answerable.app.reranking import Rerankers
from answerable.app.rollouts.live import Rollouts
from answerable.app.watching import ROLLOUTS
from answerable.core.ports import LLM, Conflicts, Replies, Reviews, TokenCodes
from answerable.core.trace import note
from answerable.llm.cache import Cached


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """An asker without a journal, and what it is made of. `standing`: where it abstains, and why there."""

    asker: Asker
    standing: Standing
    rollouts: Rollouts
    rerankers: Rerankers
    codes: TokenCodes
    conflicts: Conflicts
    replies: Replies


async def open_answering(project: Project, ground: Ground, reviews: Reviews, stack: AsyncExitStack) -> Answering:
    """The texts of its prompts are kept. Raises ConfigError for prompts, guards and models that do not fit."""
    extractive = Extractive(embedder=ground.embedder)
    codes = PostgresTokenCodes(ground.database)
    rerankers = Rerankers(
        project=project,
        embedder=ground.embedder,
        codes=codes,
        stack=stack,
        llm=ground.gateway.route("rerank"),
        money=ground.money,
    )
    replies = open_replies(ground.database)
    llm = _remembering(project, ground, extractive, replies)
    conflicts = PostgresConflicts(ground.database)
    asker = make_asker(
        project,
        embedder=ground.embedder,
        store=ground.store,
        reranker=rerankers.named(),
        llm=llm,
        extractive=extractive,
        conflicts=conflicts,
    )
    outside = open_outside(project, ground.gateway.route(GUARD), stack)
    asker = replace(asker, guards=make_guards(project, outside))
    keep_used(project, asker.renderer.prompt)
    asker = replace(asker, keeper=llm, earlier=llm) if isinstance(llm, Cached) else asker
    rollouts = await _open_rollouts(project, ground)
    phraser = make_phraser(ground.gateway, asker.plan, rollouts.choose)
    asker = replace(asker, phraser=phraser, choose=rollouts.choose)
    standing = await find_standing(project, asker, reviews)
    return Answering(
        asker=replace(asker, answerability=standing.applied(asker.answerability)),
        standing=standing,
        rollouts=rollouts,
        rerankers=rerankers,
        codes=codes,
        conflicts=conflicts,
        replies=replies,
    )


def _remembering(project: Project, ground: Ground, extractive: Extractive, replies: Replies) -> LLM:
    gateway = ground.gateway
    return remember(
        project,
        _answers(gateway, extractive),
        use="answer",
        replies=replies,
        embedder=ground.embedder,
        observers=(note, gateway.meter.record, *gateway.endpoints.parts.observers),
    )


def _answers(gateway: Gateway, extractive: Extractive) -> LLM:
    """The chain for answers, whose end hands over to the rungs below; without a chain, the last of them."""
    hand_over = HandOver()
    chain = gateway.answers(hand_over)
    return extractive if chain is hand_over else chain


async def _open_rollouts(project: Project, ground: Ground) -> Rollouts:
    watching = ground.watching
    rollouts = Rollouts(
        project=project, happenings=watching.happenings, count=partial(watching.counting.add, ROLLOUTS)
    )
    await rollouts.refresh()
    return rollouts
