"""A case as a label: asked as if there were no threshold, and counted only where the whole way was gone."""

from __future__ import annotations

from types import SimpleNamespace

from answerable.answer.abstention import Answerability
from answerable.app.calibrating import label_cases
from answerable.core.evaluation import EvalCase, Expectation
from answerable.core.outcome import Outcome
from answerable.core.query import Filter
from tests.unit.answer.test_ask import QUESTION, asker, query

RIGHT = Expectation(outcome=Outcome.ANSWERED, must=("30 days",))


async def labeled(*expected: Expectation, deadline: float = 30.0):
    strict = Answerability(threshold=0.999, bias=-6.75, cosine=8.13, sentence=4.79)
    system = SimpleNamespace(
        asker=await asker(answerability=strict),
        settings=SimpleNamespace(
            project=SimpleNamespace(tenant="t"),
            eval=SimpleNamespace(patterns=(), concurrency=1, deadline=deadline),
        ),
        project=None,
        query=lambda text, groups: query(text),
        filter=lambda filters: Filter(),
    )
    cases = [EvalCase(id=f"c{n}", question=QUESTION, expect=one) for n, one in enumerate(expected)]
    return await label_cases(system, cases)


async def test_below_the_threshold_it_is_seen_what_the_answer_would_have_been():
    found = await labeled(RIGHT, Expectation(outcome=Outcome.ABSTAINED), Expectation(must=("90 days",)))
    assert [one.wrong for one in found.answers] == [False, True, True]
    assert {one.score for one in found.answers} == {found.answers[0].score}
    assert 0 < found.answers[0].score < 0.999


async def test_an_answer_made_the_cheaper_way_is_no_label():
    found = await labeled(RIGHT, deadline=0.39)  # too short for re-ranking, and plenty for the rest
    assert (len(found.answers), found.unmeasured) == (0, 1)
