"""How well a text supports a claim, in [0, 1], and whether that is enough.

A claim that is close to its source in wording can still turn it: another number, another unit, a `not`, an
opposite, `some` for `all`. So wording alone gives the score an upper bound, and each mark (marks.py) lowers it:

    score = σ(b + w₁ · known - w₂ · ln(1 + unknown)) · Π exp(-cₖ · ln(1 + nₖ))

The weights are fitted by benchmarks/fit_support.py on one half of public human labels and of scripted sentences;
docs/decisions/0060-claim-support.md has the figures on the other half.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from answerable.answer.verification import check_support, holds_addresses, is_heading, is_quoted
from answerable.core.passage import Passage
from answerable.evals.metrics.marks import COUNTED, Marks, find_marks

THRESHOLD = 0.5  # of the score, from which a claim counts as supported
KINDS = {
    "numbers": "number",
    "quantities": "quantity",
    "names": "name",
    "contrasts": "contrast",
    "turns": "turn",
    "negations": "negation",
    "prefixes": "contrast",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Of the formula above; the marks' are not negative."""

    bias: float = -2.6
    known: float = 5.59
    unknown: float = 0.8
    numbers: float = 1.96
    quantities: float = 1.65
    names: float = 2.81
    contrasts: float = 0.65
    turns: float = 1.17
    negations: float = 1.72
    prefixes: float = 0.78


WEIGHTS = Weights()


@dataclass(frozen=True, slots=True, kw_only=True)
class Supported:
    """The verdict on one claim. `score` in [0, 1]; None where source and claim are in different languages."""

    supported: bool
    score: float | None
    kind: str = ""  # of what stands against it the most, one of KINDS; empty when supported
    marks: Marks | None = None


def support(claim: str, passages: Sequence[Passage], *, language: str = "en") -> Supported:
    """Whether the passages, taken together, support the claim; headings and titles lend their words."""
    if not passages or any(is_heading(one, claim) for one in passages):
        return Supported(supported=False, score=0.0, kind="uncited" if not passages else "wording")
    if any(is_quoted(one.chunk.text, claim) for one in passages):
        return Supported(supported=True, score=1.0)
    if not any(one.language == language for one in passages):
        found = check_support(claim, passages, language=language)  # facts only: wording cannot be compared
        return Supported(supported=found.supported, score=None, kind=found.reason)
    heads = (" ".join((one.title, *one.chunk.headings)) for one in passages)
    return _judged(claim, (*(one.chunk.text for one in passages), *heads), language)


def support_text(claim: str, source: str, *, language: str = "en") -> Supported:
    """The same against a bare text."""
    if is_quoted(source, claim):
        return Supported(supported=True, score=1.0)
    return _judged(claim, (source,), language)


@lru_cache(maxsize=4096)  # several metrics ask for the same claim
def _judged(claim: str, texts: tuple[str, ...], language: str) -> Supported:
    if not holds_addresses(claim, texts):
        return Supported(supported=False, score=0.0, kind="link")
    found = find_marks(claim, texts, language=language)
    score = score_of(found)
    supported = score >= THRESHOLD
    return Supported(supported=supported, score=score, kind="" if supported else _worst(found), marks=found)


def _worst(found: Marks) -> str:
    """What lowers the score the most."""
    doubts = {KINDS[name]: _doubt(found, name, WEIGHTS) for name in COUNTED}
    doubts["wording"] = math.log1p(math.exp(-_logit(found, WEIGHTS)))
    return max(doubts, key=lambda one: doubts[one])


def score_of(found: Marks, weights: Weights = WEIGHTS) -> float:
    """The formula above."""
    doubt = sum(_doubt(found, name, weights) for name in COUNTED)
    return math.exp(-doubt) / (1.0 + math.exp(-_logit(found, weights)))


def _logit(found: Marks, weights: Weights) -> float:
    return weights.bias + weights.known * found.known - weights.unknown * math.log1p(found.unknown)


def _doubt(found: Marks, name: str, weights: Weights) -> float:
    return float(getattr(weights, name) * math.log1p(getattr(found, name)))
