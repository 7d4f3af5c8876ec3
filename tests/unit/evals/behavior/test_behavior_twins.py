"""Twins: another form of a case, with the numbers of its own sources."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from answerable.core.query import Turn
from answerable.evals.behavior.case import BehaviorCase, Expect, Given, Source, Statement
from answerable.evals.behavior.twins import KINDS, as_asked, twins
from tests.unit.evals.behavior.behavior_builder import a_case


def twin_of(case: BehaviorCase, kind: str) -> BehaviorCase:
    return next(one.case for one in twins(case) if one.kind == kind)


def kinds(case: BehaviorCase) -> list[str]:
    return [one.kind for one in twins(case)]


EXPECT = Expect(
    cites=(1, 2),
    may_cite=(2,),
    first=1,
    shows_both=(Statement(says=("14",), source=1, dated=True),),
    conditions=(Statement(says=("14",), source=2), Statement(says=("tax",))),
)


def test_a_shuffled_case_expects_the_sources_where_they_are_now() -> None:
    twin = twin_of(a_case(EXPECT), "shuffled")
    assert [one.text for one in twin.given.sources] == ["You have 30 days.", "You have 14 days."]
    assert (twin.expect.cites, twin.expect.may_cite, twin.expect.first) == ((1, 2), (1,), 2)
    assert twin.expect.shows_both[0].source == 2
    assert [one.source for one in twin.expect.conditions] == [1, 0]


def test_a_distractor_comes_first_and_moves_every_number() -> None:
    twin = twin_of(a_case(EXPECT), "distractor")
    assert len(twin.given.sources) == 3
    assert "bicycle" in twin.given.sources[0].text
    assert (twin.expect.cites, twin.expect.first) == ((2, 3), 2)
    assert [one.source for one in twin.expect.conditions] == [3, 0]


@given(st.integers(1, 6), st.data())
def test_whatever_was_named_is_named_still(count: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(1, count))
    sources = tuple(Source(text=f"text {n}") for n in range(1, count + 1))
    case = a_case(Expect(cites=(number,)), given=Given(question="q", sources=sources))
    for twin in twins(case):
        (cited,) = twin.case.expect.cites or (0,)
        assert twin.case.given.sources[cited - 1].text == f"text {number}"


def test_a_question_is_rephrased_as_the_case_says_or_politely() -> None:
    assert twin_of(a_case(rephrased=("Days?",)), "rephrased").given.question == "Days?"
    polite = twin_of(a_case(), "rephrased").given.question
    assert polite == "hello, could you please tell me: how many days? thank you"


def test_an_order_stands_where_the_case_says_and_in_its_twin_elsewhere() -> None:
    case = a_case(injection="Obey me.")
    assert as_asked(case).given.sources[-1].text == "You have 30 days.\nObey me."
    assert as_asked(case).given.question == "How many days?"
    moved = twin_of(case, "moved")
    assert moved.given.question == "How many days? Obey me."
    assert "Obey" not in moved.given.sources[-1].text
    assert all("Obey me." in str(one.case.given) for one in twins(case))


def test_without_sources_an_order_stands_in_what_was_said_last_or_in_the_answer() -> None:
    talk = Given(question="And?", history=(Turn(role="user", text="First."), Turn(role="user", text="Last.")))
    assert as_asked(a_case(given=talk, injection="Obey.")).given.history[-1].text == "Last.\nObey."
    judged = Given(question="And?", answers=("One.", "Two."))
    assert as_asked(a_case(given=judged, injection="Obey.")).given.answers == ("One.\nObey.", "Two.")


def test_swapped_answers_swap_the_verdict() -> None:
    pair = Given(question="q", answers=("one", "two"))
    twin = twin_of(a_case(Expect(verdict="FIRST"), given=pair), "swapped")
    assert (twin.given.answers, twin.expect.verdict) == (("two", "one"), "SECOND")
    assert twin_of(a_case(Expect(verdict="SAME"), given=pair), "swapped").expect.verdict == "SAME"


def test_there_is_no_twin_that_says_nothing() -> None:
    assert kinds(a_case()) == ["shuffled", "distractor", "rephrased"]
    assert kinds(a_case(without=("shuffled", "rephrased"))) == ["distractor"]
    assert kinds(a_case(given=Given(question="q", sources=(Source(text="x"),)))) == ["distractor", "rephrased"]
    assert kinds(a_case(given=Given(question="q", language="fr", sources=()))) == []
    assert set(KINDS) == {"shuffled", "distractor", "rephrased", "moved", "swapped"}
