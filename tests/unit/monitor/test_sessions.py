"""Which turns are one task."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.core.task import Task, TaskState
from answerable.monitor.need import need_sketch
from answerable.monitor.tasks import TaskRules, tasks_of
from tests.unit.monitor.told import DAY, HOUR, MINUTE, Log, after

RETURNS = need_sketch("How do I return a bicycle helmet that does not fit?", "en")
RETURNS_TOO = need_sketch("bicycle helmet does not fit, how to return it", "en")
OPENING = need_sketch("When does the workshop open on Saturdays?", "en")


def made(log: Log, *, at: float = 30 * DAY, rules: TaskRules | None = None) -> list[Task]:
    return tasks_of(log.events, now=after(at), rules=rules or TaskRules())


def test_what_goes_on_is_one_task_and_a_new_topic_is_another_in_the_same_conversation():
    log = Log().turn("1", 0).turn("2", 60, follow_up="rephrase").turn("3", 120, follow_up="drill_down")
    log.turn("4", 180, follow_up="new_topic").turn("5", 240, follow_up="clarify")

    first, second = made(log)

    assert (first.turns, second.turns) == (3, 2)
    assert first.follow_ups == {"first": 1, "rephrase": 1, "drill_down": 1}
    assert first.answers == ("an-1", "an-2", "an-3")


def test_a_silence_of_just_the_gap_goes_on_and_a_longer_one_does_not():
    within = Log().turn("1", 0).turn("2", 30 * MINUTE, follow_up="clarify")
    beyond = Log().turn("1", 0).turn("2", 30 * MINUTE + 1, follow_up="clarify")

    assert len(made(within)) == 1
    assert len(made(beyond)) == 2


def test_thanks_belong_to_what_they_are_for_however_late_they_come():
    (task,) = made(Log().turn("1", 0).turn("2", 5 * HOUR, follow_up="thanks", outcome="out_of_scope"))

    assert (task.turns, task.state, task.outcome) == (2, TaskState.CONFIRMED, "answered")


def test_without_a_class_the_need_decides():
    same = Log().turn("1", 0, need=RETURNS, follow_up="").turn("2", 60, need=RETURNS_TOO, follow_up="")
    other = Log().turn("1", 0, need=RETURNS, follow_up="").turn("2", 60, need=OPENING, follow_up="")

    assert (len(made(same)), len(made(other))) == (1, 2)


def test_a_task_closes_a_day_after_its_last_turn_and_later_where_tickets_come_in():
    log = Log().turn("1", 0).turn("2", HOUR / 4, follow_up="clarify")

    assert made(log, at=HOUR / 4 + DAY - 1)[0].closed_at is None
    assert made(log, at=HOUR / 4 + DAY)[0].closed_at == after(HOUR / 4 + DAY)
    assert made(log, at=2 * DAY, rules=TaskRules(close_after_s=3 * DAY))[0].closed_at is None


def test_the_same_need_in_another_conversation_takes_the_first_task_back():
    log = Log().turn("1", 0, need=RETURNS).turn("2", 2 * DAY, need=RETURNS_TOO, conversation="c2")

    first, second = made(log)

    assert (first.state, first.reopened_at) == (TaskState.REOPENED, after(2 * DAY))
    assert second.reopens == first.id
    assert second.state is TaskState.VERIFIED


def test_another_need_or_another_person_or_too_late_takes_nothing_back():
    cases = [
        Log().turn("1", 0, need=RETURNS).turn("2", DAY, need=OPENING, conversation="c2"),
        Log().turn("1", 0, need=RETURNS).turn("2", DAY, need=RETURNS_TOO, conversation="c2", person=b"ben"),
        Log().turn("1", 0, need=RETURNS).turn("2", 7 * DAY + 1, need=RETURNS_TOO, conversation="c2"),
        Log().turn("1", 0, need=RETURNS, person=None).turn("2", DAY, need=RETURNS, conversation="c2", person=None),
    ]

    assert [[one.reopens for one in made(log)] for log in cases] == [["", ""]] * 4


def test_who_insists_after_a_silence_in_the_same_conversation_brings_the_same_need_back():
    log = Log().turn("1", 0).turn("2", 3 * HOUR, follow_up="pushback")

    first, second = made(log)

    assert (first.state, second.reopens) == (TaskState.REOPENED, first.id)


def test_a_task_that_had_failed_stays_failed_when_its_need_comes_back():
    log = Log().turn("1", 0, need=RETURNS, outcome="abstained").turn("2", DAY, need=RETURNS, conversation="c2")

    assert made(log)[0].state is TaskState.FAILED


def test_a_person_under_a_new_key_is_the_same_person():
    log = Log().turn("1", 0, need=RETURNS).turn("2", DAY, need=RETURNS, conversation="c2", person=b"ann-new")

    first, _ = made(log, rules=TaskRules(person=lambda key: key.removesuffix(b"-new")))

    assert first.state is TaskState.REOPENED


def test_without_conversations_turns_of_one_person_meet_and_those_of_nobody_stay_alone():
    known = Log().turn("1", 0, conversation="").turn("2", 60, conversation="", follow_up="rephrase")
    nobody = Log()
    for turn in ("1", "2"):
        nobody.turn(turn, 0, conversation="", person=None)

    assert ([one.turns for one in made(known)], [one.turns for one in made(nobody)]) == ([2], [1, 1])


def test_a_conversation_with_hundreds_of_questions_a_day_is_a_program():
    log = Log()
    for number in range(12):
        log.turn(str(number), number * 3 * HOUR, follow_up="clarify")

    tasks = made(log, rules=TaskRules(most_turns=4, gap_s=4 * HOUR))

    assert [(one.turns, one.why_not) for one in tasks] == [(5, "bot"), (7, "bot")]


def test_why_a_task_does_not_count():
    cases = {
        "": Log().turn("1", 0).turn("2", 9, follow_up="clarify", outcome="out_of_scope"),
        "staff": Log().turn("1", 0, why_not="staff"),
        "load_test": Log().turn("1", 0).turn("2", 9, follow_up="clarify", why_not="load_test"),
        "greeting": Log().turn("1", 0, why_not="greeting").turn("2", 9, follow_up="thanks"),
        "out_of_scope": Log().turn("1", 0, outcome="out_of_scope"),
        "holdout": Log().turn("1", 0, holdout=True),
        "incident": Log()
        .turn("1", 0, outcome="blocked")
        .tell("guard.hit", 1, turn="1", props={"guard": "incident", "action": "block"}),
    }

    assert {name: made(log)[0].why_not for name, log in cases.items()} == {name: name for name in cases}


def test_a_greeting_before_a_question_does_not_take_the_task_out():
    log = Log().turn("1", 0, why_not="greeting").turn("2", 9, follow_up="clarify")

    assert made(log)[0].eligible


def test_costs_are_of_the_whole_answer_or_of_its_calls_and_unknown_ones_are_counted():
    log = Log().turn("1", 0, cost="0.02").turn("2", 9, cost=None, follow_up="clarify")
    log.turn("3", 20, cost=None, follow_up="clarify")
    log.tell("model.called", 10, turn="2", cost=made(log)[0].cost, currency="EUR")

    (task,) = made(log)

    assert (str(task.cost), task.unpriced, task.currency) == ("0.04", 1, "EUR")


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_in_which_events_are_told_makes_no_difference(chance):
    log = Log().turn("1", 0, need=RETURNS).turn("2", 60, follow_up="rephrase")
    log.turn("3", DAY, need=RETURNS, conversation="c2").turn("4", DAY + 9, conversation="c2", follow_up="thanks")
    log.tell("feedback.given", 99, answer="an-2", props={"value": "up"})
    log.tell("goal.reached", 100, conversation="c1", props={"goal": "bought"})
    mixed = list(log.events)
    chance.shuffle(mixed)

    assert tasks_of(mixed, now=after(9 * DAY)) == tasks_of(log.events, now=after(9 * DAY))
