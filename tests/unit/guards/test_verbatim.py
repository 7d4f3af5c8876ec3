"""The verbatim cap: how much of one document an answer may copy."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from answerable.core.document import Chunk
from answerable.core.passage import Passage
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.guards.verbatim import Copied, VerbatimGuard, copied
from answerable.testing.guard import answer_of

WORDS = [f"word{i}" for i in range(60)]
PAGE = " ".join(WORDS)


def passage(text: str, document: str = "d1") -> Passage:
    return Passage(chunk=Chunk(document_id=document, start=0, end=len(text), text=text), score=1.0)


def said(text: str, guard: VerbatimGuard, *passages: Passage) -> Verdict:
    answer = replace(answer_of(text), passages=passages or (passage(PAGE),))
    return asyncio.run(guard.check(Query(text="?", tenant="t"), answer))


def test_up_to_the_cap_it_passes_and_beyond_it_nothing_is_left() -> None:
    guard = VerbatimGuard(most=20)
    assert said(" ".join(WORDS[:20]), guard).action == "allow"
    verdict = said(" ".join(WORDS[:21]), guard)
    assert (verdict.action, verdict.replacement, verdict.rule) == ("mask", "", "words")
    assert "21 words of one document" in verdict.reason


def test_runs_are_counted_together_and_by_document() -> None:
    text = f"{' '.join(WORDS[:9])} and so {' '.join(WORDS[30:40])}"
    answer = replace(answer_of(text), passages=(passage(PAGE), passage("other text entirely", "d2")))
    assert copied(text.split(), answer) == [Copied(document_id="d1", words=19, longest=10)]
    assert said(text, VerbatimGuard(most=18)).action == "mask"
    halves = (passage(" ".join(WORDS[:30])), passage(" ".join(WORDS[30:]), "d2"))
    assert said(text, VerbatimGuard(most=18), *halves).action == "allow"


def test_seven_words_are_no_copy_case_and_marks_do_not_hide_one() -> None:
    assert said(" ".join(WORDS[:7]), VerbatimGuard(most=1)).action == "allow"
    shouted = " ".join(WORDS[:8]).upper() + " [1]. " + " ".join(WORDS[8:16])
    assert "16 words" in said(shouted, VerbatimGuard(most=15)).reason


@pytest.mark.parametrize("mode", ["block", "flag"])
def test_it_does_what_it_is_told(mode: str) -> None:
    verdict = said(PAGE, VerbatimGuard(most=20, mode=mode))  # type: ignore[arg-type]
    assert verdict.action == mode
    assert (verdict.outcome is not None) == (mode == "block")


def test_a_question_and_an_answer_without_passages_pass() -> None:
    guard = VerbatimGuard(most=1)
    assert asyncio.run(guard.check(Query(text=PAGE, tenant="t"), None)).passed
    assert asyncio.run(guard.check(Query(text="?", tenant="t"), answer_of(PAGE))).passed
