"""The answer object has the product's shape, and nothing that must stay inside."""

import json
from datetime import date
from decimal import Decimal

from answerable.answer.record import answer_record
from answerable.core.answer import Answer, Citation, Claim, Confidence, NextStep, Withheld
from answerable.core.completion import Usage
from answerable.core.document import Chunk
from answerable.core.outcome import Outcome
from answerable.core.passage import Passage
from answerable.core.verdict import Verdict

TEXT = "You can return headphones within 30 days [1]."
ANSWER = Answer(
    id="an_7QK2",
    trace_id="tr_7QK2",
    text=TEXT,
    outcome=Outcome.PARTIAL,
    conversation="cv_11",
    claims=(Claim(start=0, end=len(TEXT), citations=(1,), reason="inner"),),
    citations=(
        Citation(
            n=1,
            chunk_id="ch_88",
            document_id="doc_1",
            quote="within 30 days",
            start=812,
            end=826,
            title="Returns policy",
            section="Time limits",
            uri="policies/returns.md",
            source="policies",
            updated_at=date(2026, 5, 2),
            version=3,
        ),
    ),
    passages=(
        Passage(
            chunk=Chunk(document_id="doc_2", start=0, end=6, text="SECRET"), score=0.77, scores={"dense": 0.77}
        ),
    ),
    withheld=(Withheld(text="WITHHELD", reason="number"),),
    verdicts=(Verdict(name="injection", score=0.4, reason="VERDICT"),),
    next_steps=(NextStep(kind="human", label="Talk to a person", target="help@example.com"),),
    confidence=Confidence(level="medium", why=("one source",)),
    degraded=("no_rerank",),
    usage=Usage(input=1830, cached=1200, output=96, cost=Decimal("0.00210")),
    timing_ms={"retrieve": 38.0, "total": 1902.0},
    model="main/m",
    prompt=("answer", "2.3.0", "ab"),
    index="minilm@1",
)


def test_it_is_the_answer_object():
    assert answer_record(ANSWER) == {
        "id": "an_7QK2",
        "conversation": "cv_11",
        "outcome": "partial",
        "language": "en",
        "text": TEXT,
        "claims": [{"span": [0, len(TEXT)], "kind": "fact", "support": "supported", "citations": [1]}],
        "sources": [
            {
                "n": 1,
                "document": "doc_1",
                "uri": "policies/returns.md",
                "source": "policies",
                "title": "Returns policy",
                "section": "Time limits",
                "quote": "within 30 days",
                "offsets": [812, 826],
                "language": "en",
                "updated": "2026-05-02",
                "version": 3,
                "stale": False,
                "url": "/sources/doc_1?v=3&c=ch_88&start=812&end=826",
                "chunk": "ch_88",
            }
        ],
        "conditions": [],
        "conflicts": [],
        "confidence": {"level": "medium", "why": ["one source"]},
        "next_steps": [{"kind": "human", "label": "Talk to a person", "target": "help@example.com"}],
        "degraded": ["no_rerank"],
        "disclosure": "ai_generated",
        "cache": "none",
        "usage": {"input": 1830, "cached": 1200, "output": 96, "cost": "0.00210", "currency": "USD"},
        "timing_ms": {"retrieve": 38.0, "total": 1902.0},
        "trace": "tr_7QK2",
        "prompt": {"id": "answer", "version": "2.3.0", "sha256": "ab"},
        "model": "main/m",
        "index": "minilm@1",
    }


def test_no_score_no_passage_and_nothing_withheld_gets_out():
    text = json.dumps(answer_record(ANSWER))
    for inner in ("SECRET", "0.77", "score", "WITHHELD", "VERDICT", "inner"):
        assert inner not in text


def test_what_is_unknown_is_null():
    record = answer_record(Answer(id="an_1", trace_id="tr_1", text="", outcome=Outcome.ABSTAINED))
    assert (record["prompt"], record["usage"]["cost"], record["conversation"]) == (None, None, None)
