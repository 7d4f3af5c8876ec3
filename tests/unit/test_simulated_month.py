"""The simulated month: the same every time, told in the log's own words, and of a truth that others can check."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from answerable.core import happenings
from answerable.core.event_names import checked
from answerable.core.task import TaskState
from answerable.monitor.tasks import TaskRules, tasks_of
from answerable.testing.simulation.lived import Need, Person, Turn
from answerable.testing.simulation.month import Month, simulate
from answerable.testing.simulation.truth import ending, truths
from answerable.testing.simulation.world import NEW_TOPIC, POISONED, World, sighted

SEES_ALL = World(seed=5, needs=500, persons=160, detector=sighted(1.0, 0.0))


@pytest.fixture(scope="module")
def month() -> Month:
    return simulate(SEES_ALL)


def test_equal_worlds_give_equal_events(month: Month) -> None:
    again = simulate(SEES_ALL)
    assert [(one.id, one.at, one.props) for one in again.events] == [
        (one.id, one.at, one.props) for one in month.events
    ]
    other = simulate(World(seed=6, needs=50, persons=20))
    assert not {one.id for one in other.events} & {one.id for one in month.events}


def test_the_log_and_the_marks_are_in_words_that_are_known(month: Month) -> None:
    assert all(checked(one) for one in month.events)
    assert all(happenings.checked(one) for one in month.happenings)
    assert {one.name for one in month.happenings} == {"deploy.marked", "model.changed", "document.quarantined"}
    assert [one.at for one in month.events] == sorted(one.at for one in month.events)


def test_the_truth_and_the_tasks_made_of_the_log_agree_where_follow_ups_are_seen_rightly(month: Month) -> None:
    """Two writings of the definitions: of needs, and of events."""
    made = [
        one
        for one in tasks_of(month.events, now=month.world.end + timedelta(days=30), rules=TaskRules())
        if one.eligible
    ]
    truth = truths(month.needs)
    states = Counter(one.state for one in made)
    quiet = states[TaskState.VERIFIED] + states[TaskState.ASSUMED]
    said = {
        "escalated": states[TaskState.ESCALATED],
        "failed": states[TaskState.FAILED],
        "confirmed": states[TaskState.CONFIRMED],
        "unseen": states[TaskState.UNKNOWN],
        "quiet": quiet,
    }
    assert len(made) == truth["tasks"].n
    assert sum(one.turns for one in made) == truth["turns"].n
    for name, count in said.items():
        share = truth[f"ended.{name}"].value
        assert share is not None
        assert abs(count - share * len(made)) <= 3, name  # sketches of needs may mistake a few


def test_a_clean_world_is_the_same_until_something_changes(month: Month) -> None:
    clean = simulate(SEES_ALL.clean())
    first = month.world.at_day(min(one.since_day for one in month.world.changes))
    assert not clean.happenings
    early = [one.id for one in month.events if one.at < first and one.name == "question.asked"]
    assert early == [one.id for one in clean.events if one.at < first and one.name == "question.asked"]


def test_changes_touch_what_they_are_about_and_nothing_before(month: Month) -> None:
    poison, shift = (next(one for one in month.world.changes if one.kind == kind) for kind in ("poison", "topics"))
    cited = [one.at for need in month.needs for one in need.turns if POISONED in one.documents]
    asked = [one.at for one in month.needs if one.topic == NEW_TOPIC and not one.again_of]
    assert cited and asked
    assert month.world.at_day(poison.since_day) <= min(cited) and max(cited) < month.world.at_day(poison.until_day)
    assert month.world.at_day(shift.since_day) <= min(asked) and max(asked) < month.world.at_day(shift.until_day)


def test_drawn_reviews_weigh_as_much_as_all_answers() -> None:
    many = simulate(World(seed=3, needs=900, persons=300, changes=()))
    weights = [one.props["inclusion_weight"] for one in many.events if one.name == "review.completed"]
    answers = sum(len(one.turns) for one in many.needs if one.counts)
    assert 0.5 * answers < sum(weights) < 1.5 * answers


def _need(*turns: Turn, **facts: object) -> Need:
    someone = Person(number=1, language="en", hour=9.0, skill=0.0, votes=0.0, patience=0.5)
    base = {"id": "n", "person": someone, "conversation": "c", "topic": "returns", "language": "en",
            "answerable": True, "met": True, "needed_person": False}  # fmt: skip
    return Need(turns=turns, **{**base, **facts})  # type: ignore[arg-type]


def _turn(meant: str = "first", outcome: str = "answered", **facts: object) -> Turn:
    at = World().start
    return Turn(id="t", at=at, meant=meant, seen=meant, outcome=outcome, right=True, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("need", "came_back", "state"),
    [
        (_need(_turn(), escalation="asked"), False, "escalated"),
        (_need(_turn(), ticket_h=5.0), False, "escalated"),
        (_need(_turn()), True, "reopened"),
        (_need(_turn(vote="down")), True, "failed"),
        (_need(_turn(outcome="abstained")), False, "failed"),
        (_need(_turn(), _turn("rephrase")), False, "failed"),
        (_need(_turn(), _turn("rephrase"), goal_s=5.0), False, "confirmed"),
        (_need(_turn(vote="up")), False, "confirmed"),
        (_need(_turn(), _turn("thanks")), False, "confirmed"),
        (_need(_turn(displayed=False)), False, "unseen"),
        (_need(_turn()), False, "quiet"),
    ],
)
def test_how_a_need_truly_ended(need: Need, came_back: bool, state: str) -> None:
    assert ending(need, came_back=came_back) == state
