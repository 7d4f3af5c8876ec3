"""How a task ended: each rule, and their order."""

from __future__ import annotations

import pytest

from answerable.core.task import TaskState
from answerable.monitor.completion import RULES, WHY
from answerable.monitor.tasks import tasks_of
from tests.unit.monitor.told import DAY, Log, after

E, F, C = TaskState.ESCALATED, TaskState.FAILED, TaskState.CONFIRMED
V, A, U = TaskState.VERIFIED, TaskState.ASSUMED, TaskState.UNKNOWN


def said(value: str = "", solved: str = "") -> dict[str, object]:
    return {"value": value, "solved": solved}


def rated(log: Log, at: float, turn: str = "1", *, value: str = "", solved: str = "") -> Log:
    return log.tell("feedback.given", at, answer=f"an-{turn}", props=said(value, solved))


def ended(log: Log) -> TaskState:
    (task,) = tasks_of(log.events, now=after(2 * DAY))
    return task.state


CASES = {
    "an escalation, whatever else": (E, rated(Log().turn("1", 0), 5, value="up").tell(
        "escalation.requested", 9, answer="an-1", props={"trigger": "asked"})),
    "the assistant handed it over itself": (E, Log().turn("1", 0, outcome="escalated")),
    "a ticket on the same need": (E, Log().turn("1", 0).tell(
        "ticket.linked", 9, conversation="c1", props={"same_need": True, "hours_after": 20.0})),
    "a ticket on another need": (V, Log().turn("1", 0).tell(
        "ticket.linked", 9, conversation="c1", props={"same_need": False, "hours_after": 20.0})),
    "a ticket too late": (V, Log().turn("1", 0).tell(
        "ticket.linked", 9, conversation="c1", props={"same_need": True, "hours_after": 73.0})),
    "the last vote is down": (F, rated(rated(Log().turn("1", 0), 5, value="up"), 6, value="down")),
    "the last vote is up": (C, rated(rated(Log().turn("1", 0), 5, value="down"), 6, value="up")),
    "not solved": (F, rated(Log().turn("1", 0), 5, solved="no")),
    "liked, yet not solved": (F, rated(Log().turn("1", 0), 5, value="up", solved="no")),
    "partly solved says neither": (V, rated(Log().turn("1", 0), 5, solved="partly")),
    "put again last": (F, Log().turn("1", 0).turn("2", 60, follow_up="rephrase")),
    "pushed back last": (F, Log().turn("1", 0).turn("2", 60, follow_up="pushback")),
    "put again, then liked": (C, rated(
        Log().turn("1", 0).turn("2", 60, follow_up="rephrase"), 70, "2", value="up")),
    "liked, then put again": (F, rated(Log().turn("1", 0), 5, value="up").turn("2", 60, follow_up="rephrase")),
    "put again, then thanks": (C, Log().turn("1", 0).turn("2", 60, follow_up="rephrase").turn(
        "3", 90, follow_up="thanks")),
    "no answer": (F, Log().turn("1", 0, outcome="abstained")),
    "no answer, and thanks all the same": (F, Log().turn("1", 0, outcome="abstained").turn(
        "2", 9, follow_up="thanks")),
    "no answer, and the goal reached": (C, Log().turn("1", 0, outcome="abstained").tell(
        "goal.reached", 50, conversation="c1", props={"goal": "form sent"})),
    "blocked": (F, Log().turn("1", 0, outcome="blocked")),
    "a goal": (C, Log().turn("1", 0).tell("goal.reached", 50, conversation="c1", props={"goal": "bought"})),
    "solved": (C, rated(Log().turn("1", 0), 5, solved="yes")),
    "quiet, all supported": (V, Log().turn("1", 0)),
    "quiet, a claim without support": (A, Log().turn("1", 0, claims=(3, 2))),
    "quiet, nothing to check": (A, Log().turn("1", 0, claims=(0, 0))),
    "quiet, in part": (A, Log().turn("1", 0, outcome="partial")),
    "quiet after a pushback": (A, Log().turn("1", 0).turn("2", 60, follow_up="pushback").turn(
        "3", 120, follow_up="drill_down")),
    "never displayed": (U, Log().turn("1", 0, seen=False)),
    "displayed where pages do not tell": (V, Log().turn("1", 0, seen=False, channel="api")),
    "opened, so displayed": (V, Log().turn("1", 0, seen=False).tell(
        "citation.opened", 9, answer="an-1", props={"n": 1, "dwell_ms": 9000})),
    "nobody knows how it ended": (U, Log().turn("1", 0, outcome="", seen=False)),
    "nobody is to be known": (U, Log().turn("1", 0, person=None)),
    "nobody is to be known, and liked it": (C, rated(Log().turn("1", 0, person=None), 5, value="up")),
    "asked back, and left": (U, Log().turn("1", 0, outcome="clarify")),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_first_rule_that_fits_says_how_a_task_ended(name):
    state, log = CASES[name]

    assert ended(log) is state


def test_every_state_is_explained_and_every_rule_has_one_of_its_own():
    assert set(WHY) == set(TaskState)
    assert len({state for state, _ in RULES}) == len(RULES)


@pytest.mark.parametrize(
    ("log", "trigger"),
    [
        (Log().turn("1", 0).tell("escalation.requested", 9, turn="1", props={"trigger": "policy"}), "policy"),
        (Log().turn("1", 0).tell("escalation.requested", 9, turn="1"), "asked"),
        (
            Log()
            .turn("1", 0, outcome="abstained")
            .turn("2", 9, outcome="abstained", follow_up="rephrase")
            .tell("escalation.requested", 19, turn="2"),
            "failure",
        ),
        (
            Log()
            .turn("1", 0)
            .tell("guard.hit", 1, turn="1", props={"guard": "tone", "action": "block"})
            .tell("escalation.requested", 9, turn="1"),
            "failure",
        ),
        (
            Log()
            .turn("1", 0)
            .tell("escalation.requested", 9, turn="1", props={"trigger": "asked"})
            .tell("escalation.requested", 19, turn="1", props={"trigger": "failure"}),
            "failure",
        ),
        (Log().turn("1", 0).tell("ticket.linked", 9, turn="1", props={"same_need": True}), "asked"),
        (Log().turn("1", 0, outcome="abstained"), ""),
        (
            Log().turn("1", 0, outcome="abstained").turn("2", 9, outcome="abstained", follow_up="rephrase"),
            "failure",
        ),
        (
            Log()
            .turn("1", 0, outcome="abstained")
            .turn("2", 9, outcome="abstained", follow_up="rephrase")
            .turn("3", 20, follow_up="rephrase"),
            "",
        ),
        (Log().turn("1", 0, outcome="blocked"), "failure"),
        (Log().turn("1", 0).turn("2", 9, follow_up="pushback").turn("3", 20, follow_up="pushback"), "failure"),
        (
            rated(
                Log().turn("1", 0).turn("2", 9, follow_up="pushback").turn("3", 20, follow_up="pushback"),
                30,
                "3",
                value="up",
            ),
            "",
        ),
    ],
)
def test_an_escalation_is_asked_for_or_a_rule_or_a_failure(log, trigger):
    (task,) = tasks_of(log.events, now=after(2 * DAY))

    assert task.escalation == trigger


def test_giving_up_is_a_failure_that_no_person_has_seen():
    log = Log().turn("1", 0, outcome="abstained").turn("2", 9, outcome="abstained", follow_up="rephrase")

    (task,) = tasks_of(log.events, now=after(2 * DAY))

    assert (task.escalation, task.state) == ("failure", F)


def test_votes_count_by_answer_the_last_one_each():
    log = rated(rated(Log().turn("1", 0), 5, value="down"), 6, value="up", solved="yes")
    log = rated(log.turn("2", 60, follow_up="clarify"), 70, "2", value="down")

    (task,) = tasks_of(log.events, now=after(2 * DAY))

    assert task.votes == {"up": 1, "down": 1, "solved": 1}
