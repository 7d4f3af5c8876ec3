"""What supports what: gold facts and claims against chunks, answer and gold, as RAGChecker draws it.

Ru et al. 2024, RAGChecker, arXiv:2408.08067, §3.2; the deterministic support score (support.py) stands in the
place of its entailment model. Gold facts are the case's `must`, the sentences of its reference
and its gold quotes.
"""

from __future__ import annotations

from dataclasses import dataclass

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase
from answerable.evals.metrics.statements import claims_of, evidence
from answerable.evals.metrics.support import support, support_text
from answerable.evals.metrics.wording import holds
from answerable.text.sentences import sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldFact:
    """Something a right answer says (must, reference) or rests on (quote)."""

    text: str
    kind: str  # must | reference | quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Rows are gold facts or claims, columns are chunks. It is what is stored: everything else follows from it."""

    facts: tuple[GoldFact, ...]
    claims: tuple[str, ...]
    fact_in_chunk: tuple[tuple[bool, ...], ...]
    claim_in_chunk: tuple[tuple[bool, ...], ...]
    fact_in_answer: tuple[bool, ...]
    claim_in_gold: tuple[bool, ...]


def matrix(case: EvalCase, answer: Answer) -> Matrix:
    """What supports what."""
    facts = gold_facts(case)
    claims = tuple(one.text for one in claims_of(answer))
    chunks = evidence(answer)
    own, asked = answer.language, case.language
    gold = "\n\n".join(one.text for one in facts)
    return Matrix(
        facts=facts,
        claims=claims,
        fact_in_chunk=tuple(tuple(_held(one, p.chunk.text, p.language) for p in chunks) for one in facts),
        claim_in_chunk=tuple(tuple(support(one, [p], language=own).supported for p in chunks) for one in claims),
        fact_in_answer=tuple(_held(one, " ".join(claims), own) for one in facts),
        claim_in_gold=tuple(support_text(one, gold, language=asked).supported for one in claims),
    )


def gold_facts(case: EvalCase) -> tuple[GoldFact, ...]:
    """Required phrases, sentences of the reference, and quotes, each once."""
    expect = case.expect
    spans = sentences(expect.reference, case.language)
    found = [
        *(GoldFact(text=one, kind="must") for one in expect.must),
        *(GoldFact(text=expect.reference[start:end], kind="reference") for start, end in spans),
        *(GoldFact(text=one.quote, kind="quote") for one in expect.spans),
    ]
    return tuple({one.text: one for one in found if one.text.strip()}.values())


def _held(fact: GoldFact, text: str, language: str) -> bool:
    """A required phrase is looked for as it stands; a sentence may be worded otherwise."""
    if holds(text, fact.text, language=language):
        return True
    return fact.kind != "must" and support_text(fact.text, text, language=language).supported
