"""Answers and cases for the metrics' tests."""

from __future__ import annotations

from collections.abc import Sequence

from answerable.core.answer import Answer, Citation, Claim
from answerable.core.document import Chunk
from answerable.core.evaluation import EvalCase, Expectation, GoldSpan
from answerable.core.outcome import Outcome
from answerable.core.passage import Passage

RETURNS = "Items can be returned within 30 days of delivery. Sale items cannot be returned."
SHIPPING = "Shipping takes 5 days and costs €4.90. Express shipping costs €9.90."


def passage(text: str, *, uri: str = "policies/returns.md", section: str = "Time limits", language: str = "en"):
    """A found passage under `Policy > section`."""
    chunk = Chunk(document_id=uri, start=0, end=len(text), text=text, headings=("Policy", section))
    return Passage(chunk=chunk, score=1.0, title="Policy", uri=uri, source="help", language=language)


def citation(n: int, found: Passage) -> Citation:
    """A citation of the whole passage."""
    return Citation(
        n=n,
        chunk_id=found.chunk.id,
        document_id=found.chunk.document_id,
        quote=found.chunk.text,
        start=0,
        end=found.chunk.end,
        title=found.title,
        section=found.section,
        uri=found.uri,
        source=found.source,
        language=found.language,
    )


def answer(
    text: str,
    passages: Sequence[Passage] = (),
    *,
    outcome: Outcome = Outcome.ANSWERED,
    language: str = "en",
    claims: tuple[Claim, ...] = (),
) -> Answer:
    """An answer whose mark [n] is the nth passage."""
    cited = tuple(citation(n, one) for n, one in enumerate(passages, start=1))
    return Answer(
        id="an",
        trace_id="",
        text=text,
        outcome=outcome,
        language=language,
        citations=cited,
        passages=tuple(passages),
        claims=claims,
    )


def case(
    *,
    language: str = "en",
    outcome: Outcome | None = None,
    must: tuple[str, ...] = (),
    must_not: tuple[str, ...] = (),
    accept_also: tuple[str, ...] = (),
    cites: tuple[str, ...] = (),
    spans: tuple[GoldSpan, ...] = (),
    reference: str = "",
) -> EvalCase:
    """A case that expects this."""
    expect = Expectation(
        outcome=outcome,
        must=must,
        must_not=must_not,
        accept_also=accept_also,
        cites=cites,
        spans=spans,
        reference=reference,
    )
    return EvalCase(id="case", question="How long can I return it?", language=language, expect=expect)


def span(quote: str, document: str = "policies/returns.md") -> GoldSpan:
    """A gold span."""
    return GoldSpan(document=document, quote=quote)
