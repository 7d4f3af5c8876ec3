"""A person enters once, in the order of first questions, and what comes later changes nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.evals.stats.persons import Outcome, entered, first_events

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
WHILE, SETTLES = timedelta(minutes=30), timedelta(minutes=15)


def answer(minute, person, value=0.0, *, candidate=False, share=0.1, known=None):
    return Outcome(
        id=f"tr_{minute:07.1f}_{person}",
        at=START + timedelta(minutes=minute),
        person=person,
        candidate=candidate,
        share=share,
        value=value,
        known_at=None if known is None else START + timedelta(minutes=known),
    )


def at(minute, answers):
    return entered(answers, window=WHILE, settles=SETTLES, now=START + timedelta(minutes=minute))


def test_a_person_is_the_mean_of_the_first_while_and_enters_when_that_has_settled():
    said = [
        answer(0, "a", 1.0),
        answer(10, "a", 0.0),
        answer(29, "a", 0.0),
        answer(30, "a", 1.0),
        answer(500, "a", 1.0),
    ]
    early, late = at(44.9, said), at(45, said)
    assert (early.units, early.waiting) == ((), 1)
    assert [one.value for one in late.units] == [pytest.approx(1 / 3)]
    assert (late.answers, late.waiting) == ((3, 0), 0)
    assert at(10_000, said).units == late.units


def test_persons_enter_in_the_order_of_their_first_questions_in_whatever_order_answers_are_given():
    said = [answer(0, "a", 0.0), answer(1, "b", 1.0, candidate=True), answer(2, "c", 0.5), answer(3, "a", 1.0)]
    assert [one.value for one in at(60, said).units] == [0.5, 1.0, 0.5]
    assert at(60, said[::-1]) == at(60, said)
    assert [one.value for one in at(46, said).units] == [0.5, 1.0]


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.integers(0, 300), st.sampled_from("abcdefgh"), st.booleans()), max_size=40),
    st.integers(0, 400),
    st.integers(0, 400),
)
def test_a_later_look_only_adds_to_an_earlier_one(said, one, other):
    answers = [answer(minute, person, float(bad), candidate=person < "c") for minute, person, bad in said]
    first, second = (at(minute, answers).units for minute in sorted((one, other)))
    assert second[: len(first)] == first


def test_who_stayed_stable_is_drawn_anew_where_the_share_grows_and_nobody_else():
    said = [
        answer(0, "stays", share=0.1),
        answer(1, "had", candidate=True, share=0.1),
        answer(100, "stays", 1.0, candidate=True, share=0.5),
        answer(101, "had", candidate=True, share=0.5),
        answer(102, "new", share=0.5),
        answer(200, "stays", candidate=True, share=0.9),
        answer(201, "new", share=0.5),
    ]
    units = at(1000, said).units
    assert [(one.candidate, one.share) for one in units] == [
        (False, 0.1),
        (True, 0.1),
        (True, pytest.approx(0.4 / 0.9)),
        (False, 0.5),
    ]


def test_among_those_drawn_anew_the_candidate_is_as_frequent_as_the_chance_says():
    places = [n / 900 for n in range(900)]
    said = [answer(n / 100, f"p{n}", candidate=place < 0.1, share=0.1) for n, place in enumerate(places)]
    said += [answer(100 + n / 100, f"p{n}", candidate=place < 0.5, share=0.5) for n, place in enumerate(places)]
    anew = [one for one in at(1000, said).units if one.share != 0.1]
    assert len(anew) == 810
    assert sum(one.candidate for one in anew) / len(anew) == pytest.approx(anew[0].share)


def test_a_change_of_the_share_ends_the_while_for_both_arms():
    said = [answer(0, "a", 0.0), answer(5, "a", 1.0, share=0.05), answer(0, "b", 0.0, candidate=True)]
    assert [one.value for one in at(100, said).units] == [0.0, 0.0]


def test_nobody_is_compared_where_all_or_none_have_the_candidate():
    said = [answer(0, "a", share=0.0), answer(1, "b", candidate=True, share=1.0)]
    assert at(100, said).units == ()


def test_the_first_event_of_a_person_enters_when_it_comes_to_light():
    said = [
        answer(0, "late", 1.0, known=5000),
        answer(1, "good", 0.0),
        answer(2, "soon", 1.0, candidate=True, known=60),
        answer(3, "soon", 1.0, candidate=True, known=70),
        answer(4, "at once", 1.0),
    ]

    def known(minute):
        return [one.candidate for one in first_events(said, now=START + timedelta(minutes=minute))]

    assert known(30) == [False]
    assert known(100) == [False, True]
    assert known(6000) == [False, True, False]
