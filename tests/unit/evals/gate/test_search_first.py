"""Retrieval before generation."""

from __future__ import annotations

from dataclasses import replace

from answerable.core.errors import DatabaseUnreachable
from answerable.core.evaluation import EvalCase, Expectation, Score
from answerable.evals.gate.decide import Ruling, decide_retrieval
from answerable.evals.gate.search_first import Stopped, compare_searches, search_all
from answerable.evals.gate.sides import changed_cases
from answerable.evals.gate.stopped_text import stopped_markdown, stopped_page, stopped_record, stopped_text
from answerable.evals.runs.making import case_record
from tests.unit.evals.gate.scripted import TERMS, TODAY, row, side

CASES = [EvalCase(id=f"c{n:02d}", question="?") for n in range(40)]
BASE = side([row(case.id, scores={"span_recall@1000": 1.0}) for case in CASES])


class Searching:
    """A target that is only searched; asking it is an error of the test."""

    def __init__(self, *, shows: bool = True, breaks: str = "") -> None:
        self.shows, self.breaks = shows, breaks

    @property
    def name(self) -> str:
        return "searching"

    async def ask(self, case):
        raise AssertionError("nothing may be generated")

    async def search(self, case, *, limit):
        if case.id == self.breaks:
            raise DatabaseUnreachable("gone")
        return [] if self.shows else None


def ranked(value: float):
    return lambda case, passages: (Score(name="span_recall@1000", value=value),)


async def stopped(value: float) -> Stopped:
    rows = await search_all(Searching(), CASES, rank=ranked(value), limit=10, concurrency=4)
    assert rows is not None
    searches = compare_searches(BASE, rows, terms=TERMS, seconds=1.0)
    decision = decide_retrieval(searches.lines, today=TODAY)
    return Stopped(searches=searches, decision=decision, command="answerable eval gate")


async def test_a_drop_stops_before_anything_is_generated():
    found = await stopped(0.4)
    assert found.decision.ruling is Ruling.FAILED
    assert found.searches.lost[0] == ("c00", 1.0, 0.4)
    text = stopped_text(found)
    assert "Retrieval is worse. Nothing was generated.\nTo measure the answers all the same: answerable" in text
    assert text.endswith("\nexit 10 (failed)")
    assert "lost the most: c00 1.00 -> 0.40" in text
    assert stopped_record(found)["generated"] == 0
    assert "Nothing was generated" in stopped_markdown(found)
    assert "Nothing was generated" in stopped_page(found)


async def test_the_same_ranking_goes_on():
    found = await stopped(1.0)
    assert found.decision.ruling is Ruling.PASSED
    assert "no ranking changed" in stopped_text(found)


async def test_a_target_that_does_not_show_its_search_is_not_gated_here():
    assert await search_all(Searching(shows=False), CASES, rank=ranked(1.0), limit=10, concurrency=4) is None


async def test_a_search_that_breaks_is_no_result():
    rows = await search_all(Searching(breaks="c03"), CASES, rank=ranked(0.4), limit=10, concurrency=4)
    assert rows is not None
    assert [row.case for row in rows if row.error] == ["c03"]
    assert compare_searches(BASE, rows, terms=TERMS, seconds=1.0).lines[0].n == 39


async def test_a_case_that_is_another_one_now_is_no_pair_and_its_drop_no_drop():
    rows = [replace(one, answer={"case": case_record(case)}) for one, case in zip(BASE.rows, CASES, strict=True)]
    base = replace(BASE, rows=tuple(rows))
    cases = [replace(case, expect=Expectation(must=("17 days",))) for case in CASES[:30]] + CASES[30:]
    head = await search_all(Searching(), cases, rank=ranked(0.4), limit=10, concurrency=4)
    assert head is not None
    assert len(changed_cases(base, replace(base, rows=head))) == 30
    assert compare_searches(base, head, terms=TERMS, seconds=1.0).lines[0].n == 10
