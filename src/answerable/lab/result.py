"""What an experiment found, as JSON-able values: what is kept, printed and drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from answerable.evals.stats.paired import Difference
from answerable.evals.stats.verdict import Change
from answerable.lab.cuts import Cuts
from answerable.lab.question import Questions
from answerable.lab.verdicts import MARGIN, Outcome, Standing

_POINTS = 100
_SHOWN_LEFT_OUT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One setting besides its quality. CPU is of this process; no price is None, never 0."""

    name: str
    toml: tuple[str, ...] = ()  # the lines that put it in place; none for what is in place
    cuts: Cuts | None = None
    index_cpu_s: float = 0.0  # cutting, embedding what was not known, indexing
    embedded: int = 0  # texts
    cached: int = 0
    query_ms: tuple[float, ...] = ()  # CPU of each search and re-ranking, the question's embedding left out
    cost_per_1000: float | None = None  # of 1,000 questions


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What was compared over what."""

    kind: str  # chunking | embedding | retrieval | rerank
    source: str
    documents: int
    budget: int  # tokens
    questions: Questions
    outcome: Outcome
    measured: Mapping[str, Measured] = field(default_factory=dict)
    made_at: str = ""  # ISO
    notes: tuple[str, ...] = ()


def result_of(one: Experiment) -> dict[str, Any]:
    """Everything that a reader, a program or `--apply` needs."""
    outcome = one.outcome
    return {
        "kind": one.kind,
        "source": one.source,
        "made_at": one.made_at,
        "documents": one.documents,
        "questions": len(one.questions.usable),
        "clusters": outcome.clusters,
        "left_out": list(one.questions.left_out[:_SHOWN_LEFT_OUT]),
        "left_out_count": len(one.questions.left_out),
        "budget_tokens": one.budget,
        "margin": MARGIN,
        "base": outcome.base,
        "advice": outcome.advice,
        "verdict": verdict(outcome, one.source),
        "config_diff": list(one.measured[outcome.advice].toml) if outcome.advice else [],
        "settings": [_setting(standing, one.measured[standing.name], outcome) for standing in outcome.standings],
        "notes": [*one.notes, *_limits(outcome)],
    }


def verdict(outcome: Outcome, source: str) -> str:
    """The advice in a sentence, with its interval."""
    if outcome.advice is None:
        return f"no setting is detectably better than {outcome.base} for source '{source}': keep it"
    best = outcome.of(outcome.advice)
    if best.difference is None:
        raise ValueError("an advice is a comparison")
    said = difference_text(best.difference)
    return f"recommend {best.name} for source '{source}': {said} against {outcome.base}"


def difference_text(one: Difference) -> str:
    """In points of recall, with its interval."""
    low, high = one.interval.low * _POINTS, one.interval.high * _POINTS
    return f"{one.mean * _POINTS:+.1f} points ({low:+.1f} .. {high:+.1f})"


def _setting(standing: Standing, measured: Measured, outcome: Outcome) -> dict[str, Any]:
    cuts = measured.cuts
    change = standing.change
    return {
        "name": standing.name,
        "base": standing.name == outcome.base,
        "n": standing.n,
        "recall": standing.recall,
        "low": max(0.0, standing.interval.low),
        "high": min(1.0, standing.interval.high),
        **standing.means,
        "change": change.value if change else None,
        "difference": _difference(standing.difference),
        "p": standing.p,
        "left_early": standing.left_early,
        "toml": list(measured.toml),
        "index_cpu_s": measured.index_cpu_s,
        "embedded": measured.embedded,
        "cached": measured.cached,
        "query_ms_p50": _quantile(measured.query_ms, 50),
        "query_ms_p95": _quantile(measured.query_ms, 95),
        "cost_per_1000": measured.cost_per_1000,
        "chunks": cuts.chunks if cuts else None,
        "tokens": list(cuts.tokens) if cuts else [],
        "histogram": [list(one) for one in cuts.histogram] if cuts else [],
        "gold_spans": cuts.spans if cuts else None,
        "cut_spans": cuts.cut_spans if cuts else None,
        "cut_share": cuts.cut_share if cuts else None,
        "mid_sentence_share": cuts.mid_sentence_share if cuts else None,
    }


def _difference(one: Difference | None) -> dict[str, float] | None:
    if one is None:
        return None
    return {
        "mean": one.mean,
        "low": one.interval.low,
        "high": one.interval.high,
        "confidence": one.interval.confidence,
        "n": one.n,
        "p": one.p,
    }


def _quantile(values: Sequence[float], percent: int) -> float | None:
    if not values:
        return None
    return values[0] if len(values) == 1 else quantiles(values, n=100, method="inclusive")[percent - 1]


def _limits(outcome: Outcome) -> list[str]:
    """What so few documents cannot say."""
    worst = outcome.p_least * max(1, len(outcome.standings) - 1)
    told = []
    if worst > 0.04:
        told.append(
            f"the questions come from {outcome.clusters} documents: no difference between so many settings can be"
            " proven with so few; compare fewer settings or add questions on other documents"
        )
    if any(one.change is Change.CANT_TELL for one in outcome.standings):
        told.append("can't tell is no verdict: more questions narrow the interval")
    return told
