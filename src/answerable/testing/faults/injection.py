"""The same asker with one fault in it: around the port that it is about, and inside what guards that port."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, cast

from answerable.adapters.rerankers.budget import Budgeted
from answerable.answer.ask import Asker
from answerable.answer.guarding import Guards
from answerable.core.ports import Guard, Reranker
from answerable.guards.fused import Fused
from answerable.testing.faults.fault import Component
from answerable.testing.faults.harm import Harm
from answerable.testing.faults.judging import FaultyCheck, FaultyGuard
from answerable.testing.faults.model import FaultyLLM
from answerable.testing.faults.ordering import FaultyReranker
from answerable.testing.faults.search import FaultyEmbedder, FaultyStore

Stage = Literal["question", "answer"]


def injected(asker: Asker, component: Component, harm: Harm, *, at: Stage = "question") -> Asker:
    """`at`: the stage at which a guard fails. Cache, database and telemetry lie below the ports: KeyError."""
    retriever = asker.retriever
    match component:
        case Component.EMBED:
            faulty = FaultyEmbedder(inner=retriever.embedder, harm=harm)
            return replace(asker, retriever=replace(retriever, embedder=faulty))
        case Component.DENSE | Component.LEXICAL:
            arm = cast("Literal['dense', 'lexical']", component.value)
            store = FaultyStore(inner=retriever.store, arm=arm, harm=harm)
            return replace(asker, retriever=replace(retriever, store=store))
        case Component.RERANK:
            return replace(asker, reranker=_inside(asker.reranker, harm))
        case Component.MODEL:
            return replace(asker, llm=FaultyLLM(inner=asker.llm, harm=harm))
        case Component.VERIFY:
            return replace(asker, check=FaultyCheck(inner=asker.check, harm=harm))
        case Component.GUARD:
            return replace(asker, guards=_one_faulty(asker.guards, harm, at))
        case other:
            raise KeyError(other)


def _inside(reranker: Reranker, harm: Harm) -> Reranker:
    """Within the reranker's budget, where it has one."""
    if isinstance(reranker, Budgeted):
        return replace(reranker, reranker=FaultyReranker(inner=reranker.reranker, harm=harm))
    return FaultyReranker(inner=reranker, harm=harm)


def _one_faulty(guards: Guards, harm: Harm, at: Stage) -> Guards:
    """The first guard of the stage that fails closed."""
    place = next(n for n, one in enumerate(guards.members) if one.fails == "closed" and one.stage in (at, "both"))
    members = list(guards.members)
    members[place] = _faulty(members[place], harm, at)
    return replace(guards, members=tuple(members))


def _faulty(guard: Guard, harm: Harm, at: Stage) -> Guard:
    if isinstance(guard, Fused):
        return replace(guard, guard=FaultyGuard(inner=guard.guard, harm=harm, at=at))
    return Fused(guard=FaultyGuard(inner=guard, harm=harm, at=at))
