"""Which answers are drawn for review, with which chance, and who reads them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.core.errors import ConfigError
from answerable.core.review import Draw
from answerable.evals.review.period import last_complete, named_period, period_of
from answerable.evals.review.sampling import draw_sample, inclusion, joint_inclusion
from answerable.evals.review.seats import assign_seats
from answerable.evals.review.strata import Drawable, drawable, with_new_kinds

SHARES = {"random": 0.4, "uncertain": 0.3, "signals": 0.2, "tail": 0.1}
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def answers(count: int) -> list[Drawable]:
    """Every second uncertain, every fifth with a signal, every tenth rare."""
    return [
        Drawable(
            answer_id=f"an_{n:03d}",
            trace_id=f"tr_{n:03d}",
            strata=(
                "random",
                *(name for name, each in (("uncertain", 2), ("signals", 5), ("tail", 10)) if n % each == 0),
            ),
            outcome="answered",
            language="en",
            topic="",
            score=None,
        )
        for n in range(count)
    ]


def test_one_answer_of_each_new_kind_of_input_is_in_the_batch():
    kinds = [("tr_gone", "tr_007", "tr_008"), ("tr_011",), ("tr_nowhere",)]
    population = with_new_kinds(answers(400), kinds)
    sample = draw_sample(population, items=40, shares=SHARES, seed=1, period="2026-W47")
    new = [draw for draw in sample.draws if draw.stratum == "new"]
    assert new == [Draw(stratum="new", size=2, drawn=2)]
    assert {name for name, by in sample.hits.items() if "new" in by} == {"an_007", "an_011"}
    assert inclusion(("random", "new"), sample.draws) == 1.0
    assert joint_inclusion(("random", "new"), ("random", "new"), sample.draws) == 1.0
    assert 30 <= len(sample.hits) <= 50


# --- periods -------------------------------------------------------------------------------------------------


def test_a_week_begins_on_monday_where_the_project_is():
    week = period_of(date(2026, 11, 22), cadence="weekly", timezone="Europe/Berlin")
    assert week.id == "2026-W47"
    assert week.starts.isoformat() == "2026-11-16T00:00:00+01:00"
    assert week.ends.isoformat() == "2026-11-23T00:00:00+01:00"


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)), st.sampled_from(["weekly", "biweekly"]))
def test_every_day_is_in_one_period_that_is_found_by_its_name(day, cadence):
    period = period_of(day, cadence=cadence, timezone="UTC")
    assert period.starts.date() <= day < period.ends.date()
    assert named_period(period.id, cadence=cadence, timezone="UTC") == period
    assert period_of(period.ends.date(), cadence=cadence, timezone="UTC").starts == period.ends


def test_the_last_period_that_is_over_is_the_one_before_the_running_one():
    assert last_complete(NOON, cadence="weekly", timezone="UTC").id == "2026-W46"
    assert last_complete(NOON, cadence="weekly", timezone="UTC").ends <= NOON


@pytest.mark.parametrize("name", ["2026-47", "2026-W54", "last week", "2026-W00"])
def test_what_is_no_period_is_refused(name):
    with pytest.raises(ConfigError, match="is no period"):
        named_period(name, cadence="weekly", timezone="UTC")


def test_the_second_week_of_a_pair_is_told_its_pair():
    first = period_of(date(2026, 11, 22), cadence="biweekly", timezone="UTC")
    second = (first.starts + timedelta(days=7)).date().isocalendar()
    with pytest.raises(ConfigError, match="in the middle") as caught:
        named_period(f"{second.year}-W{second.week:02d}", cadence="biweekly", timezone="UTC")
    assert first.id in caught.value.hint


# --- strata --------------------------------------------------------------------------------------------------


def asked(n: int, **changes):
    """The question of minute `n`, with an answer that nothing is wrong with."""
    quote = "Most items can be returned within 30 days of delivery."
    answer = {
        "text": f"{quote} [1]",
        "language": "en",
        "confidence": {"level": "high"},
        "claims": [{"span": [0, len(quote)], "kind": "fact", "citations": [1]}],
        "sources": [{"n": 1, "quote": quote, "uri": "returns.md", "source": "docs"}],
    }
    bare = {
        "id": f"tr_{n:03d}",
        "answer_id": f"an_{n:03d}",
        "started_at": (NOON + timedelta(minutes=n)).isoformat(),
        "outcome": "answered",
        "principal": f"p{n}",
        "question": f"How long does thing number {n} last?",
        "language": "en",
        "degraded": [],
        "withheld": [],
        "answer": answer,
        "answerable": {"probability": 0.9, "threshold": 0.3},
        "feedback": None,
    }
    return {**bare, **changes}


def strata_of(*questions, outcomes=("answered", "conflict")):
    """By answer id, without `random`."""
    found = drawable(questions, outcomes=outcomes, until=NOON + timedelta(days=1))
    return {one.answer_id: set(one.strata) - {"random", "tail"} for one in found}


def test_an_answer_that_nothing_is_wrong_with_is_in_the_random_draw_alone():
    assert strata_of(asked(1)) == {"an_001": set()}


@pytest.mark.parametrize(
    "changes",
    [
        {"answerable": {"probability": 0.35, "threshold": 0.3}},
        {"answer": {**asked(1)["answer"], "confidence": {"level": "low"}}},
        {
            "answer": {
                **asked(1)["answer"],
                "text": "Most items and vouchers may lightly go back within a year",
            }
        },
    ],
)
def test_near_the_threshold_or_hardly_supported_is_uncertain(changes):
    assert strata_of(asked(1, **changes)) == {"an_001": {"uncertain"}}


@pytest.mark.parametrize(
    "changes",
    [
        {"feedback": "down"},
        {"withheld": [{"text": "Ten.", "reason": "number"}]},
        {"degraded": ["no_rerank"]},
        {"outcome": "conflict"},
    ],
)
def test_a_trouble_of_any_kind_is_a_signal(changes):
    assert strata_of(asked(1, **changes)) == {"an_001": {"signals"}}


def test_who_soon_asks_much_the_same_again_was_not_helped():
    first = asked(1, principal="ann", question="How long is the warranty of batteries?")
    again = asked(3, principal="ann", question="battery warranty: how long?")
    other = asked(4, principal="bob", question="How long is the warranty of batteries?")
    late = asked(60, principal="bob", question="How long is the warranty of batteries?")
    assert strata_of(first, again, other, late)["an_001"] == {"signals"}
    assert strata_of(first, other)["an_001"] == strata_of(other, late)["an_004"] == set()


def test_rare_pages_and_languages_are_the_tail():
    common = [asked(n) for n in range(40)]
    page = {**asked(1)["answer"], "sources": [{**asked(1)["answer"]["sources"][0], "uri": "rare.md"}]}
    rare = [asked(90, answer=page), asked(91, language="es")]
    found = drawable([*common, *rare], outcomes=["answered"], until=NOON + timedelta(days=1))
    assert {one.answer_id for one in found if "tail" in one.strata} == {"an_090", "an_091"}


def test_only_what_a_criterion_applies_to_and_only_the_period_can_be_drawn():
    questions = [asked(1), asked(2, outcome="blocked"), asked(3, answer=None), asked(60 * 24)]
    assert list(strata_of(*questions)) == ["an_001"]


# --- the draw ------------------------------------------------------------------------------------------------


def test_the_same_period_and_seed_give_the_same_sample_and_another_seed_another():
    first, again, other = (
        draw_sample(people, items=30, shares=SHARES, seed=seed, period="2026-W47")
        for people, seed in ((answers(400), 1), (answers(400)[::-1], 1), (answers(400), 2))
    )
    assert first == again
    assert set(first.hits) != set(other.hits)


def test_the_shares_are_kept_and_what_cannot_be_filled_is_drawn_at_random():
    sample = draw_sample(answers(400), items=30, shares=SHARES, seed=1, period="p")
    drawn = {one.stratum: one.drawn for one in sample.draws}
    assert (drawn["uncertain"], drawn["signals"], drawn["tail"]) == (9, 6, 3)
    assert 12 <= drawn["random"] <= 14  # a little more, for what is hit twice
    plain = [one for one in answers(400) if one.strata == ("random",)]
    assert [one.drawn for one in draw_sample(plain, items=30, shares=SHARES, seed=1, period="p").draws] == [30]


def test_fewer_answers_than_items_are_all_taken():
    sample = draw_sample(answers(20), items=30, shares=SHARES, seed=1, period="p")
    assert sample.draws == (Draw(stratum="random", size=20, drawn=20),)
    assert len(sample.hits) == 20
    assert {inclusion(one.strata, sample.draws) for one in answers(20)} == {1.0}


def test_no_answers_are_no_sample():
    assert draw_sample([], items=30, shares=SHARES, seed=1, period="p").hits == {}


def test_the_chance_of_being_drawn_is_how_often_it_is_drawn():
    people, draws = answers(60), 1500
    samples = [draw_sample(people, items=15, shares=SHARES, seed=seed, period="p") for seed in range(draws)]
    counted = Counter(name for one in samples for name in one.hits)
    for one in (people[0], people[1], people[2], people[5]):
        assert counted[one.answer_id] / draws == pytest.approx(inclusion(one.strata, samples[0].draws), abs=0.05)
    both = sum({people[0].answer_id, people[10].answer_id} <= set(one.hits) for one in samples) / draws
    expected = joint_inclusion(people[0].strata, people[10].strata, samples[0].draws)
    assert both == pytest.approx(expected, abs=0.04)
    assert sum(len(one.hits) for one in samples) / draws == pytest.approx(15, abs=0.6)


# --- seats ---------------------------------------------------------------------------------------------------


@given(st.integers(0, 60), st.integers(0, 5), st.floats(0, 1))
def test_seats_are_spread_evenly_and_nobody_reads_a_thing_twice(count, people, overlap):
    names = [f"r{n}" for n in range(people)]
    seats = assign_seats(count, names, overlap=overlap)
    assert len(seats) == count
    assert sum(len(one) == 2 for one in seats) == pytest.approx(overlap * count, abs=1.0)
    assert all(len(set(one)) == len(one) or people == 0 for one in seats)
    loads = Counter(name for one in seats for name in one if name)
    if people > 1:
        assert max(loads.values(), default=0) - min((loads[name] for name in names), default=0) <= 1


def test_where_nobody_is_named_seats_are_free_and_a_single_reader_leaves_the_second_free():
    assert assign_seats(2, [], overlap=0.5) == [("", ""), ("",)]
    assert assign_seats(2, ["ann"], overlap=0.5) == [("ann", ""), ("ann",)]


def test_pairs_of_readers_change():
    pairs = {frozenset(one) for one in assign_seats(12, ["a", "b", "c", "d"], overlap=1.0)}
    assert len(pairs) >= 3
