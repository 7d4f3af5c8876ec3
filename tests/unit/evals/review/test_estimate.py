"""A rate over all answers from the drawn ones: unbiased, with an interval that holds."""

from __future__ import annotations

import random

import pytest

from answerable.core.evaluation import Answered
from answerable.core.review import Draw, Item, Reading, Role
from answerable.evals.review.estimate import Drawn, Frame, weighted_rate
from answerable.evals.review.sampling import draw_sample, inclusion
from answerable.evals.review.strata import Drawable
from answerable.evals.review.verdicts import dossiers
from answerable.evals.stats.proportions import wilson

PLAIN = (Draw(stratum="random", size=1000, drawn=50),)
SHARES = {"random": 0.4, "uncertain": 0.3, "signals": 0.2, "tail": 0.1}


def uniform(yes: int, no: int) -> list[Drawn]:
    return [Drawn(found=n < yes, batch="b", strata=("random",), probability=0.05) for n in range(yes + no)]


def test_nothing_read_is_nothing_measured():
    assert weighted_rate([], {}) is None


def test_of_a_plain_random_sample_it_is_the_plain_share():
    found = weighted_rate(uniform(40, 10), {"b": Frame(draws=PLAIN, drawn=50, read=50)})
    plain = wilson(40, 50)
    assert found.value == pytest.approx(0.8)
    assert found.interval.low == pytest.approx(plain.low, abs=0.02)
    assert found.interval.high == pytest.approx(plain.high, abs=0.02)


@pytest.mark.parametrize(("yes", "no"), [(50, 0), (0, 50)])
def test_all_alike_still_has_an_interval(yes, no):
    found = weighted_rate(uniform(yes, no), {"b": Frame(draws=PLAIN, drawn=50, read=50)})
    assert 0.04 < found.interval.width < 0.1


def test_where_all_were_read_nothing_is_left_to_estimate():
    draws = (Draw(stratum="random", size=4, drawn=4),)
    read = [Drawn(found=n < 3, batch="b", strata=("random",), probability=1.0) for n in range(4)]
    found = weighted_rate(read, {"b": Frame(draws=draws, drawn=4, read=4)})
    assert (found.value, found.interval.low, found.interval.high) == (0.75, 0.75, 0.75)
    part = weighted_rate(read[:3], {"b": Frame(draws=draws, drawn=4, read=3)})
    assert part.interval.width > 0


def test_a_batch_that_nobody_has_read_leaves_something_to_estimate():
    draws = (Draw(stratum="random", size=4, drawn=4),)
    read = [Drawn(found=n < 3, batch="b", strata=("random",), probability=1.0) for n in range(4)]
    frames = {"b": Frame(draws=draws, drawn=4, read=4), "c": Frame(draws=draws, drawn=4, read=0)}
    assert weighted_rate(read, frames).interval.width > 0.3


def test_a_skewed_draw_gives_the_truth_and_its_plain_mean_does_not():
    rng = random.Random(1)
    people, bad = [], {}
    for n in range(300):
        signal = rng.random() < 0.15
        strata = ("random", "signals") if signal else ("random",)
        people.append(
            Drawable(
                answer_id=f"{n}", trace_id="", strata=strata, outcome="answered", language="", topic="", score=None
            )
        )
        bad[f"{n}"] = rng.random() < (0.6 if signal else 0.05)
    truth = sum(bad.values()) / len(bad)
    strata_of = {one.answer_id: one.strata for one in people}
    values, naive, covered = [], [], 0
    for seed in range(150):
        sample = draw_sample(people, items=60, shares=SHARES, seed=seed, period="p")
        read = [
            Drawn(
                found=bad[name],
                batch="p",
                strata=strata_of[name],
                probability=inclusion(strata_of[name], sample.draws),
            )
            for name in sample.hits
        ]
        found = weighted_rate(read, {"p": Frame(draws=sample.draws, drawn=len(read), read=len(read))})
        values.append(found.value)
        naive.append(sum(one.found for one in read) / len(read))
        covered += truth in found.interval
    assert sum(values) / 150 == pytest.approx(truth, abs=0.015)
    assert sum(naive) / 150 > truth + 0.05
    assert covered >= 0.92 * 150


# --- verdicts ------------------------------------------------------------------------------------------------

ITEM = Item(
    id="i", batch="b", answer_id="a", trace_id="t", drawn_by=("random",), strata=("random",), probability=0.5,
    seats=("ann", "bob"), place=0,
)  # fmt: skip


def reading(reader, verdict, number, **changes):
    said = {"grounded": verdict} if verdict else {}
    return Reading(tenant="acme", item="i", reader=reader, verdicts=said, number=number, **changes)


def file_of(*readings):
    return dossiers([ITEM], list(readings))[0]


def test_one_of_two_readings_is_no_verdict_yet():
    assert file_of(reading("ann", Answered.YES, 1)).verdict("grounded") is None


def test_what_two_agree_on_counts():
    assert file_of(reading("ann", Answered.YES, 1), reading("bob", Answered.YES, 2)).verdict("grounded") == "YES"


def test_the_last_word_of_a_reader_counts_and_a_withdrawn_one_does_not():
    amended = file_of(
        reading("ann", Answered.YES, 1), reading("bob", Answered.NO, 2), reading("ann", Answered.NO, 3)
    )
    assert amended.verdict("grounded") is Answered.NO
    withdrawn = file_of(
        reading("ann", Answered.YES, 1), reading("bob", Answered.YES, 2), reading("bob", None, 3, withdrawn=True)
    )
    assert withdrawn.verdict("grounded") is None
    assert not withdrawn.complete


def test_who_is_unsure_differs_and_the_decision_counts():
    two = [reading("ann", Answered.YES, 1), reading("bob", Answered.UNSURE, 2)]
    assert file_of(*two).waits_for_decision
    decided = file_of(*two, reading("eve", Answered.NO, 3, role=Role.ADJUDICATOR, severity="S2"))
    assert (decided.verdict("grounded"), decided.severity, decided.waits_for_decision) == ("NO", "S2", False)
    undone = file_of(
        *two,
        reading("eve", Answered.NO, 3, role=Role.ADJUDICATOR),
        reading("eve", None, 4, role=Role.ADJUDICATOR, withdrawn=True),
    )
    assert undone.waits_for_decision
