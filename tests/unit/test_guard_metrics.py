"""What a guard counts as bad, and what a look at all guards together says."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from answerable.app.rollouts.guard_metrics import METRICS, Word, guard_metrics, judged
from answerable.app.rollouts.guard_outcomes import outcomes
from answerable.core.errors import ConfigError

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
LATER = START + timedelta(days=30)


def row(n, *, person=None, arm=False, share=0.5, minute=None, **changes):
    return {
        "id": f"tr_{n:05d}",
        "at": START + timedelta(minutes=n if minute is None else minute),
        "outcome": "answered",
        "duration_ms": 900.0,
        "degraded": [],
        "question": f"How about item{n}?",
        "language": "en",
        "person": person or f"p{n}",
        "candidate": arm,
        "share": share,
        "withheld": 0,
        "value": None,
        "solved": None,
        "harmful_at": None,
    } | changes


def bad(metric, *rows):
    return [one.value for one in outcomes(METRICS[metric], rows, deadline_s=4.0)]


@pytest.mark.parametrize(
    ("metric", "changes"),
    [
        ("task_completion", {"outcome": "abstained"}),
        ("task_completion", {"outcome": "failed"}),
        ("task_completion", {"value": "down"}),
        ("task_completion", {"solved": "no"}),
        ("harmful", {"harmful_at": LATER}),
        ("refusals", {"outcome": "abstained"}),
        ("failures", {"outcome": "failed"}),
        ("failures", {"degraded": ["no_rerank", "extractive"]}),
        ("thumbs_down", {"value": "down"}),
        ("late", {"duration_ms": 4001.0}),
        ("late", {"degraded": ["cut_short"]}),
        ("withheld", {"withheld": 1}),
    ],
)
def test_each_metric_has_its_rule(metric, changes):
    assert bad(metric, row(1), row(2, **changes)) == [0.0, 1.0]


@pytest.mark.parametrize("outcome", ["answered", "partial", "conflict"])
def test_what_answers_is_completed_and_an_unsure_word_is_no_no(outcome):
    assert bad("task_completion", row(1, outcome=outcome, solved="partly", value="up")) == [0.0]


def test_who_asks_much_the_same_again_within_ten_minutes_was_not_helped():
    asked, again, other = "How long is the warranty?", "what is the warranty of a bike", "Do you ship to Peru?"
    first = row(1, person="a", minute=0, question=asked)
    assert bad("task_completion", first, row(2, person="a", minute=9, question=again)) == [1.0, 0.0]
    assert bad("task_completion", first, row(2, person="a", minute=11, question=again)) == [0.0, 0.0]
    assert bad("task_completion", first, row(2, person="b", minute=9, question=again)) == [0.0, 0.0]
    assert bad("task_completion", first, row(2, person="a", minute=9, question=other)) == [0.0, 0.0]


def test_a_name_that_is_not_there_is_an_error_that_lists_those_that_are():
    with pytest.raises(ConfigError, match="happiness") as error:
        guard_metrics(["harmful", "happiness"])
    assert all(name in str(error.value.hint) for name in METRICS)
    with pytest.raises(ConfigError, match="not watched"):
        guard_metrics([])
    assert [one.name for one in guard_metrics(["late", "harmful", "late"])] == ["late", "harmful"]


def traffic(n, *, stable, candidate, seed=4, share=0.5):
    rng = random.Random(seed)
    for number in range(n):
        arm = rng.random() < share
        failed = rng.random() < (candidate if arm else stable)
        yield row(number, arm=arm, share=share, outcome="failed" if failed else "answered")


def look(rows, *names):
    return judged("ro_1", list(rows), guard_metrics(names), now=LATER)


def test_one_guard_that_is_worse_takes_the_candidate_back_and_is_named():
    report = look(traffic(400, stable=0.1, candidate=0.5), "late", "failures")
    assert (report.word, report.reason.metric) == (Word.ROLL_BACK, "failures")
    late, failures = report.guards
    assert late.word is not Word.ROLL_BACK
    assert failures.needed == pytest.approx(40.0)  # half of 5 % for each of two guards
    assert failures.candidate.persons + failures.stable.persons == sum(report.persons) == 400
    assert failures.candidate.rate > failures.stable.rate
    assert failures.interval.low > failures.margin
    assert not report.unbalanced


def test_keep_wants_every_guard_and_an_event_guard_wants_many_without_one():
    rows = list(traffic(600, stable=0.6, candidate=0.1))
    assert look(rows, "failures").word is Word.KEEP
    both = look(rows, "failures", "harmful")
    assert [one.word for one in both.guards] == [Word.KEEP, Word.CANT_TELL]
    assert both.word is Word.CANT_TELL
    harmful = both.guards[1]
    assert (harmful.interval, harmful.candidate.rate) == (None, 0.0)
    assert 0.02 < harmful.at_most < 0.04  # none of about 300 persons


def test_a_few_harmful_answers_in_a_small_arm_are_enough_and_one_is_not():
    calm = [row(n, share=0.1, arm=n % 10 == 0) for n in range(600)]
    harmed = [
        one | {"harmful_at": one["at"]} if one["candidate"] and 100 < int(one["id"][3:]) < 150 else one
        for one in calm
    ]
    assert look(harmed, "harmful").word is Word.ROLL_BACK
    once = [one | {"harmful_at": one["at"]} if one["id"] == "tr_00100" else one for one in calm]
    assert look(once, "harmful").word is Word.CANT_TELL


def test_one_person_takes_no_candidate_back_however_small_its_arm_and_often_they_complain():
    """In an arm of 1 % a single event is evidence of 50, where 20 is enough."""
    one_of_100 = [row(n, share=0.01, arm=n % 100 == 0) for n in range(400)]
    angry = [
        row(1000 + n, share=0.01, arm=True, person="p0", value="down", harmful_at=START + timedelta(days=2))
        for n in range(500)
    ]
    seen = look([*one_of_100, *angry], "harmful")
    assert (seen.word, seen.guards[0].candidate.persons) == (Word.CANT_TELL, 4)
    assert seen.guards[0].highest > seen.guards[0].needed
    assert look([*one_of_100, *angry], "thumbs_down").word is Word.CANT_TELL
    second = one_of_100[100] | {"harmful_at": START + timedelta(days=3)}
    assert look([*one_of_100, *angry, second], "harmful").word is Word.ROLL_BACK


def test_arms_of_the_wrong_size_are_said_and_nothing_is_kept():
    skewed = [one | {"share": 0.1} for one in traffic(400, stable=0.5, candidate=0.2)]
    report = look(skewed, "failures")
    assert report.unbalanced
    assert report.word is not Word.KEEP


def test_of_nobody_nothing_is_said():
    report = look([], *METRICS)
    assert (report.word, report.reason, report.persons) == (Word.CANT_TELL, None, (0, 0))
