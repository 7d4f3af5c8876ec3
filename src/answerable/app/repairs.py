"""Parts of an asker put back to the way they ship, or taken out: the repairs that a diagnosis tries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from answerable.answer.abstention import Answerability
from answerable.answer.ask import Asker, AskLimits
from answerable.answer.extractive import Extractive
from answerable.answer.guarding import Guards
from answerable.config.guards import GuardSection
from answerable.core.ports import Reranker
from answerable.evals.diagnosis.bench import Part
from answerable.guards.chain import default_guards
from answerable.prompts.collection import load_library

_MODE, _DEPTH, _DENSE_WEIGHT, _ON_CONFLICT = "hybrid", 50, 0.5, "show_both"  # as they ship

_PUT_BACK: Mapping[Part, Callable[[Asker], Asker]] = {
    Part.RETRIEVAL: lambda one: replace(one, retriever=replace(one.retriever, mode=_MODE, depth=_DEPTH)),
    Part.FUSION: lambda one: replace(one, retriever=replace(one.retriever, dense_weight=_DENSE_WEIGHT)),
    Part.LIMITS: lambda one: replace(one, limits=replace(AskLimits(), input_chars=one.limits.input_chars)),
    Part.THRESHOLD: lambda one: replace(one, answerability=Answerability()),
    Part.PROMPT: lambda one: replace(one, renderer=replace(one.renderer, prompt=load_library("answer"))),
    Part.MODEL: lambda one: replace(one, llm=one.extractive),
    Part.VERIFICATION: lambda one: replace(one, verify=True),
    Part.GUARDS: lambda one: replace(one, guards=Guards(members=default_guards())),
    Part.CONFLICTS: lambda one: replace(one, on_conflict=_ON_CONFLICT),
}
_TAKEN_OUT: Mapping[Part, Callable[[Asker], Asker]] = {
    Part.THRESHOLD: lambda one: replace(one, answerability=replace(one.answerability, threshold=0.0)),
    Part.VERIFICATION: lambda one: replace(one, verify=False),
    Part.GUARDS: lambda one: replace(one, guards=Guards()),
}


def put_back(asker: Asker, part: Part, *, reranker: Reranker) -> Asker:
    """The asker with one part as it ships; `reranker` is the one that does."""
    return replace(asker, reranker=reranker) if part is Part.RERANKER else _PUT_BACK[part](asker)


def taken_out(asker: Asker, part: Part) -> Asker:
    """The asker without one of threshold, verification and guards."""
    return _TAKEN_OUT[part](asker)


def deviations(asker: Asker, guard: GuardSection, *, reranker: Reranker) -> frozenset[Part]:
    """The parts that are not as they ship; `reranker` is the one that does."""
    limits = replace(asker.limits, input_chars=AskLimits().input_chars)
    differs = {
        Part.RETRIEVAL: (asker.retriever.mode, asker.retriever.depth) != (_MODE, _DEPTH),
        Part.FUSION: asker.retriever.dense_weight != _DENSE_WEIGHT,
        Part.RERANKER: asker.reranker != reranker,
        Part.LIMITS: limits != AskLimits(),
        Part.THRESHOLD: asker.answerability != Answerability(),
        Part.PROMPT: asker.renderer.prompt.sha256 != load_library("answer").sha256,
        Part.MODEL: not isinstance(asker.llm, Extractive),
        Part.VERIFICATION: not asker.verify,
        Part.GUARDS: guard != GuardSection(),
        Part.CONFLICTS: asker.on_conflict != _ON_CONFLICT,
    }
    return frozenset(part for part, is_other in differs.items() if is_other)
