"""Every metric that needs no model, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase, Expectation, Score
from answerable.core.ports import Metric
from answerable.evals.metrics import (
    citations,
    cites,
    claim_support,
    faults,
    language,
    outcome,
    phrases,
    retrieval,
    similarity,
)
from answerable.evals.metrics import patterns as known_bad
from answerable.evals.metrics.deterministic import Deterministic

Compute = Callable[[EvalCase, Answer], Score]
_COMPARING: tuple[tuple[str, Compute], ...] = (
    (outcome.NAME, outcome.outcome),
    (phrases.MUST, phrases.must),
    (phrases.MUST_NOT, phrases.must_not),
    (cites.NAME, cites.cites),
    (similarity.NAME, similarity.similarity),
    (retrieval.CONTEXT_RECALL, retrieval.context_recall),
    (retrieval.CONTEXT_PRECISION, retrieval.context_precision),
    (faults.NAME, faults.claim_f1),
)
_ALWAYS: tuple[tuple[str, Compute], ...] = (
    (citations.PRECISION, citations.citation_precision),
    (citations.RECALL, citations.citation_recall),
    (claim_support.NAME, claim_support.claim_support),
    (claim_support.WEAKEST, claim_support.weakest_claim),
    (language.NAME, language.language),
)


def model_free(patterns: Sequence[Path] = ()) -> tuple[Metric, ...]:
    """All of them. `patterns` are packs of known-bad patterns besides the shipped one. Raises ConfigError."""
    return (*(Deterministic(name=name, compute=compute) for name, compute in _COMPARING), *production(patterns))


def production(patterns: Sequence[Path] = ()) -> tuple[Deterministic, ...]:
    """Those that need nothing to compare with: they run on every production answer. Raises ConfigError."""
    packs: Compute = partial(known_bad.patterns, known_bad.read_packs(patterns))
    always = (*_ALWAYS, (known_bad.NAME, packs))
    return tuple(Deterministic(name=name, compute=compute) for name, compute in always)


def production_case(question: str, *, language: str = "en") -> EvalCase:
    """A case that expects nothing, for an answer nobody has described yet."""
    return EvalCase(id="production", question=question, language=language, expect=Expectation())
