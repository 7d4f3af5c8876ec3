"""The answer object: what a client, the last event of a stream and the journal get of an Answer.

Never in it: passages, scores, vectors, verdicts and the sentences that were withheld.
"""

from __future__ import annotations

from typing import Any

from answerable.core.address import source_address
from answerable.core.answer import Answer, Citation, Claim, Confidence, NextStep
from answerable.core.completion import Usage

DISCLOSURE = "ai_generated"


def answer_record(answer: Answer) -> dict[str, Any]:
    """JSON-able; offsets and spans are in Unicode code points, times in milliseconds, cost a decimal string."""
    return {
        "id": answer.id,
        "conversation": answer.conversation,
        "outcome": answer.outcome.value,
        "language": answer.language,
        "text": answer.text,
        "claims": [_claim(one) for one in answer.claims],
        "sources": [_source(one) for one in answer.citations],
        "conditions": [],  # named conditions are not told apart yet; the key is part of v1
        "conflicts": [],
        "confidence": _confidence(answer.confidence),
        "next_steps": [_next_step(one) for one in answer.next_steps],
        "degraded": list(answer.degraded),
        "disclosure": DISCLOSURE,
        "usage": usage_record(answer.usage),
        "cache": answer.cache or "none",
        "timing_ms": dict(answer.timing_ms),
        "trace": answer.trace_id,
        "prompt": _prompt(answer.prompt, answer.arm),
        "model": answer.model,
        "index": answer.index,
    }


def usage_record(usage: Usage) -> dict[str, Any]:
    """Tokens, and the cost as a decimal string; None where the model has no price."""
    return {
        "input": usage.input,
        "cached": usage.cached,
        "output": usage.output,
        "cost": None if usage.cost is None else str(usage.cost),
        "currency": usage.currency,
    }


def _confidence(confidence: Confidence) -> dict[str, Any]:
    """`risk_certificate` is there only while one covers the answer."""
    record: dict[str, Any] = {"level": confidence.level, "why": list(confidence.why)}
    return record | ({"risk_certificate": confidence.certificate} if confidence.certificate else {})


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "span": [claim.start, claim.end],
        "kind": claim.kind,
        "support": claim.support,
        "citations": list(claim.citations),
    }


def _source(citation: Citation) -> dict[str, Any]:
    return {
        "n": citation.n,
        "document": citation.document_id,
        "uri": citation.uri,
        "source": citation.source,
        "title": citation.title,
        "section": citation.section,
        "quote": citation.quote,
        "offsets": [citation.start, citation.end],
        "language": citation.language,
        "updated": citation.updated_at.isoformat() if citation.updated_at else None,
        "version": citation.version,
        "stale": citation.stale,
        "url": _url(citation),
        "chunk": citation.chunk_id,
    }


def _url(citation: Citation) -> str:
    """The source viewer's page with the quote marked, relative to the service's own address."""
    return source_address(
        citation.document_id,
        version=citation.version,
        chunk=citation.chunk_id,
        start=citation.start,
        end=citation.end,
    )


def _next_step(one: NextStep) -> dict[str, Any]:
    return {"kind": one.kind, "label": one.label, "target": one.target}


def _prompt(prompt: tuple[str, str, str] | None, arm: str) -> dict[str, str] | None:
    """`rollout` is there only in one: stable or candidate."""
    if prompt is None:
        return None
    named = dict(zip(("id", "version", "sha256"), prompt, strict=True))
    return named | ({"rollout": arm} if arm else {})
