"""Known-bad patterns in an answer: packs of phrases and expressions, versioned as files; a hit names its rule."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase, Score
from answerable.evals.metrics.deterministic import not_applicable
from answerable.evals.metrics.packs import Pack, read_pack, shipped
from answerable.evals.metrics.statements import evidence

NAME = "patterns"
LONGEST = 20_000  # characters that are read; with the packs' limit on backtracking it bounds the time


def read_packs(paths: Sequence[Path] = ()) -> tuple[Pack, ...]:
    """The shipped pack and one for each path. Raises ConfigError that names file and rule."""
    return (shipped(), *(read_pack(path) for path in paths))


def patterns(packs: Sequence[Pack], case: EvalCase, answer: Answer) -> Score:
    """1 without a hit, else 0; `detail.hits` has pack, version, rule and text of each.

    A rule marked `unless_quoted` is silent where a passage has the same words: a policy may guarantee something.
    """
    text = " ".join(answer.text.split())[:LONGEST]
    if not text:
        return not_applicable(NAME, "the answer is empty")
    sources = " ".join(" ".join(passage.chunk.text.split()) for passage in evidence(answer)).casefold()
    hits = [
        {"pack": pack.name, "version": pack.version, "rule": rule.id, "text": found}
        for pack in packs
        for rule in pack.rules
        if (found := rule.find(text)) and not (rule.unless_quoted and found.casefold() in sources)
    ]
    reason = "; ".join(f"{hit['rule']}: “{hit['text']}”" for hit in hits)
    return Score(name=NAME, value=float(not hits), passed=not hits, reason=reason, detail={"hits": hits})
