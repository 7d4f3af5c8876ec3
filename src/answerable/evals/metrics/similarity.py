"""How like the reference the answer is, by its content words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase, Score
from answerable.evals.metrics.deterministic import not_applicable
from answerable.evals.metrics.statements import wording
from answerable.text.stems import stems
from answerable.text.words import terms

NAME = "similarity"


def similarity(case: EvalCase, answer: Answer) -> Score:
    """F1 over content stems; `detail` has ROUGE-L beside it. docs/decisions/0061-similarity.md says why F1."""
    reference = case.expect.reference
    if not reference.strip():
        return not_applicable(NAME, "there is no reference answer")
    text = wording(answer)
    mine, theirs = _content(text, answer.language), _content(reference, case.language)
    if not theirs:
        return not_applicable(NAME, "the reference holds no words")
    detail = {"token_f1": token_f1(mine, theirs), "rouge_l": rouge_l(mine, theirs)}
    return Score(name=NAME, value=detail["token_f1"], detail=detail)


def _content(text: str, language: str) -> list[str]:
    """Stems without stop words; every word where nothing else is left. East Asian runs count by characters."""
    return stems(text, language) or terms(text)


def token_f1(mine: Sequence[str], theirs: Sequence[str]) -> float:
    """Harmonic mean of precision and recall over the bags of tokens (Rajpurkar et al. 2016, SQuAD, §6.1)."""
    shared = sum((Counter(mine) & Counter(theirs)).values())
    return 2 * shared / (len(mine) + len(theirs)) if shared else 0.0


def rouge_l(mine: Sequence[str], theirs: Sequence[str]) -> float:
    """F1 over the longest common subsequence (Lin 2004, ROUGE, §3), any script."""
    row = [0] * (len(theirs) + 1)
    for one in mine:
        before, row[0] = 0, 0
        for place, other in enumerate(theirs, start=1):
            before, row[place] = row[place], before + 1 if one == other else max(row[place], row[place - 1])
    return 2 * row[-1] / (len(mine) + len(theirs)) if row[-1] else 0.0
