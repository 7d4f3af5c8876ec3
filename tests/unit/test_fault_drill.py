"""What a drill says of an answer: every way in which it may differ from the matrix, and the page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from answerable.app.drill_page import to_html
from answerable.app.drilling import Drill, Drilled, Wanted, drill_record
from answerable.core.answer import Answer, Citation, Claim, NextStep
from answerable.core.document import Chunk
from answerable.core.events import Text
from answerable.core.outcome import Outcome
from answerable.core.passage import Passage
from answerable.testing.faults import BY_ID, CELLS, Component, Fault
from answerable.testing.faults.foreign import MARK
from answerable.testing.faults.observed import Observed, differences

SAID = "Items can be returned within 30 days [1]."
CHUNK = Chunk(document_id="doc_a", start=0, end=37, text="Items can be returned within 30 days.")
CLAIM = Claim(start=0, end=len(SAID), citations=(1,))
CITED = Citation(n=1, chunk_id=CHUNK.id, document_id="doc_a", quote=CHUNK.text, start=0, end=37)
HEALTHY = Answer(
    id="an_1",
    trace_id="tr_1",
    text=SAID,
    outcome=Outcome.ANSWERED,
    claims=(CLAIM,),
    citations=(CITED,),
    passages=(Passage(chunk=CHUNK, score=1.0),),
)
WAYS = (NextStep(kind="retry", label="Try again"), NextStep(kind="human", label="Ask a person"))
RERANK, GUARD, MODEL = BY_ID["rerank-error"], BY_ID["guard-error"], BY_ID["model-error"]


def observed(answer: Answer, *, shown: str | None = None, **changes) -> Observed:
    text = answer.text if shown is None else shown
    events = (Text(delta=text, index=0, claim=CLAIM, citations=()),) if text else ()
    return Observed(answer=answer, events=events, **changes)


UNRANKED = replace(HEALTHY, degraded=("no_rerank",))
FAILED = Answer(id="an_1", trace_id="tr_1", text="Sorry.", outcome=Outcome.FAILED, next_steps=WAYS)


@pytest.mark.parametrize(
    ("cell", "seen"),
    [
        (RERANK, observed(UNRANKED)),
        (GUARD, observed(FAILED, shown="")),
        (MODEL, observed(replace(HEALTHY, degraded=("provider_fallback", "extractive")))),
    ],
)
def test_what_is_as_documented_differs_in_nothing(cell, seen):
    assert differences(cell, seen, healthy=HEALTHY) == ()


@pytest.mark.parametrize(
    ("cell", "seen", "said"),
    [
        (RERANK, Observed(answer=None, raised="KeyError('x')"), "asking raised KeyError"),
        (RERANK, observed(HEALTHY), "degraded is nothing, not no_rerank"),
        (RERANK, observed(replace(UNRANKED, degraded=("no_rerank", "lexical_only"))), "lexical_only, no_rerank"),
        (GUARD, observed(HEALTHY), "the outcome is answered, not failed"),
        (RERANK, observed(UNRANKED, seconds=4.5, deadline_s=4.0), "it took 4.50 s of 4"),
        (RERANK, observed(UNRANKED, recorded=0), "its trace is lost"),
        (GUARD, observed(replace(FAILED, next_steps=WAYS[:1]), shown=""), "fewer than two ways on"),
        (GUARD, observed(FAILED, shown=SAID), "what was streamed is not the answer"),
        (RERANK, observed(UNRANKED, trace={"steps": [f"so says {MARK}"]}), "not the asker's"),
        (RERANK, observed(replace(UNRANKED, claims=(replace(CLAIM, citations=()),))), "a sentence cites nothing"),
        (RERANK, observed(replace(UNRANKED, citations=(replace(CITED, quote="Wrong."),))), "is of no passage"),
        (
            MODEL,
            observed(
                replace(HEALTHY, text="You may return items [1].", degraded=("provider_fallback", "extractive"))
            ),
            "a sentence is no quote",
        ),
    ],
)
def test_each_way_of_differing_is_told(cell, seen, said):
    assert any(said in one for one in differences(cell, seen, healthy=HEALTHY))


def test_a_drill_is_narrowed_by_component_and_fault():
    assert Wanted().cells == CELLS
    assert [one.id for one in Wanted(components=(Component.RERANK,), faults=(Fault.SLOW,)).cells] == [
        "rerank-slow"
    ]


def test_the_page_shows_what_failed_and_trusts_nothing():
    cells = tuple(
        Drilled(cell=one, outcome="answered", degraded=one.degraded, seconds=0.1, differs=differs)
        for one, differs in ((RERANK, ()), (GUARD, ("<b>it</b> leaked",)))
    )
    done = Drill(question="<script>", deadline_s=4.0, live=False, seconds=1.0, cells=cells)
    page = to_html(done, project="a & b", day=date(2026, 11, 22))
    assert "1 of 2 cells as documented" in page
    assert "✗ a typed failure" in page and "&lt;b&gt;it&lt;/b&gt; leaked" in page
    assert "<script>" not in page and "a &amp; b" in page
    assert page.count("not drilled") == 48
    record = drill_record(done)
    assert (record["passed"], record["failed"]) == (1, 1)
