"""How a task ended: the first rule that fits, and an estimate of whether the person got what they came for.

States and their order: docs/monitoring/tasks.md. An estimate never makes a task confirmed: only its person does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from answerable.core.task import TaskState
from answerable.monitor.turns import Turn

FAILURES = frozenset({"abstained", "blocked", "failed", "out_of_scope", "too_long"})
_ANSWERS = frozenset({"answered", "partial", "conflict"})
_INSISTS = ("rephrase", "pushback")
_WORST_FIRST = ("failure", "policy", "asked")
QUIET = (TaskState.CONFIRMED, TaskState.VERIFIED, TaskState.ASSUMED)  # what a repeat contact takes back


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What a task's rules look at. `spoken`: good, bad or empty, the last that its person said of an answer."""

    outcome: str  # of the last turn that asked something
    escalation: str  # the worst trigger; `failure` also where it gave up and handed nothing over
    handed: bool  # it went to a person, or a ticket came
    spoken: str
    liked: bool  # up, or solved, of any answer
    thanked: bool  # after the last answer
    goal: bool
    insisted: bool  # the last turn is a rephrase or a pushback, and nothing good follows
    pushbacks: int
    rephrases: int
    abstentions: int
    turns: int
    claims: int
    supported: int
    displayed: bool  # or nobody could have told
    tracked: bool
    margin: float | None
    opened: bool
    dwelt: bool
    copied: bool
    followed: bool
    degraded: bool

    @property
    def grounded(self) -> bool:
        """All shown claims are supported, and there were some."""
        return 0 < self.claims == self.supported

    @property
    def negative(self) -> bool:
        """Any sign that it was not what was wanted."""
        return self.spoken == "bad" or self.pushbacks > 0


def signs_of(turns: Sequence[Turn], *, displaying: frozenset[str] = frozenset()) -> Signs:
    """Of a task's turns, by time. `displaying`: channels that tell when an answer was displayed."""
    asking = [one for one in turns if one.follow_up != "thanks"] or list(turns)
    last, final = turns[-1], asking[-1]
    spoken = _spoken(turns)
    thanked = last.follow_up == "thanks" and final.outcome in _ANSWERS
    goal_at = max((one.goal_at for one in turns if one.goal_at), default=None)
    good_after = (
        thanked or _after(goal_at, last.at) or any(_good(one) and _after(one.said_at, last.at) for one in turns)
    )
    return Signs(
        outcome=final.outcome,
        escalation=_escalation(turns),
        handed=any(one.triggers or one.ticket or one.outcome == "escalated" for one in turns),
        spoken=spoken,
        liked=any(_good(one) for one in turns),
        thanked=thanked,
        goal=goal_at is not None,
        insisted=last.follow_up in _INSISTS and not good_after,
        pushbacks=sum(one.follow_up == "pushback" for one in turns),
        rephrases=sum(one.follow_up == "rephrase" for one in turns),
        abstentions=sum(one.outcome == "abstained" for one in turns),
        turns=len(turns),
        claims=sum(one.claims for one in turns),
        supported=sum(one.supported for one in turns),
        displayed=final.displayed or last.displayed or final.channel not in displaying,
        tracked=any(one.person is not None for one in turns),
        margin=final.margin,
        opened=any(one.opened for one in turns),
        dwelt=any(one.dwelt for one in turns),
        copied=any(one.copied for one in turns),
        followed=any(one.followed for one in turns),
        degraded=any(one.degraded for one in turns),
    )


Rule = Callable[[Signs, float | None, float], bool]


def _escalated(signs: Signs, p: float | None, least: float) -> bool:
    return signs.handed


def _failed(signs: Signs, p: float | None, least: float) -> bool:
    done = signs.goal or signs.spoken == "good"
    return signs.spoken == "bad" or signs.insisted or (signs.outcome in FAILURES and not done)


def _confirmed(signs: Signs, p: float | None, least: float) -> bool:
    return signs.liked or signs.thanked or signs.goal


def _unseen(signs: Signs, p: float | None, least: float) -> bool:
    return not signs.outcome or not signs.displayed or not signs.tracked


def _verified(signs: Signs, p: float | None, least: float) -> bool:
    return signs.grounded and not signs.negative and p is not None and p >= least


def _assumed(signs: Signs, p: float | None, least: float) -> bool:
    return signs.outcome in _ANSWERS


# In this order. A repeat contact comes later, and takes back what is in QUIET (`taken_back`). Unknown stands
# before verified and assumed: where nobody saw the answer, or may know who comes back, silence says nothing.
RULES: tuple[tuple[TaskState, Rule], ...] = (
    (TaskState.ESCALATED, _escalated),
    (TaskState.FAILED, _failed),
    (TaskState.CONFIRMED, _confirmed),
    (TaskState.UNKNOWN, _unseen),
    (TaskState.VERIFIED, _verified),
    (TaskState.ASSUMED, _assumed),
)
WHY: Mapping[TaskState, str] = MappingProxyType(
    {
        TaskState.ESCALATED: "it went to a person, or a ticket on the same need came within 72 hours",
        TaskState.REOPENED: "the same need came back within the time for repeat contacts",
        TaskState.FAILED: "the last word on it was bad, or the question was put again and nothing good "
        "followed, or it ended without an answer",
        TaskState.CONFIRMED: "the person said so: a thumb up, solved, thanks, or a goal reached",
        TaskState.UNKNOWN: "the answer was never displayed, or its end or its person is not known",
        TaskState.VERIFIED: "nobody said anything, every claim shown is supported, and completion is likely",
        TaskState.ASSUMED: "answered, and left quietly",
    }
)


def state_of(signs: Signs, p: float | None, *, verified_from: float) -> TaskState:
    """The first rule that fits; unknown where none does (a clarifying question that nobody answered)."""
    return next((state for state, holds in RULES if holds(signs, p, verified_from)), TaskState.UNKNOWN)


def taken_back(state: TaskState) -> TaskState:
    """The state of a task whose need came back."""
    return TaskState.REOPENED if state in QUIET else state


def _spoken(turns: Sequence[Turn]) -> str:
    said = [one for one in turns if one.said_at is not None and (one.vote or one.solved)]
    if not said:
        return ""
    last = max(said, key=lambda one: (one.said_at, one.at, one.id))
    return "bad" if _bad(last) else "good" if _good(last) else ""


def _bad(turn: Turn) -> bool:
    return turn.solved == "no" or (turn.vote == "down" and turn.solved != "yes")


def _good(turn: Turn) -> bool:
    return turn.solved == "yes" or (turn.vote == "up" and turn.solved != "no")


def _after(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and moment >= at


def _escalation(turns: Sequence[Turn]) -> str:
    """The worst trigger; one that nobody named is told from what came before it, and so is giving up by itself."""
    triggers = {name or _trigger(turns) for one in turns for name in one.triggers}
    if any(one.outcome == "escalated" for one in turns):
        triggers.add("policy")
    if any(one.ticket for one in turns):
        triggers.add("asked")
    if _gave_up(turns):
        triggers.add("failure")
    return next((name for name in _WORST_FIRST if name in triggers), "")


def _gave_up(turns: Sequence[Turn]) -> bool:
    """Two refusals in a row, a guard's block, or two contradictions, and nothing good after them."""
    tried = [one for one in turns if one.follow_up != "thanks" and one.outcome not in ("", "escalated")]
    if not tried or any(_good(one) or one.goal_at for one in turns):
        return False
    refused = len(tried) >= 2 and all(one.outcome == "abstained" for one in tried[-2:])
    objected = sum(one.follow_up == "pushback" for one in turns) >= 2 and turns[-1].follow_up in _INSISTS
    return refused or objected or tried[-1].outcome == "blocked"


def _trigger(turns: Sequence[Turn]) -> str:
    gave_up = sum(one.outcome == "abstained" for one in turns) >= 2
    frustrated = sum(one.follow_up == "pushback" for one in turns) >= 2
    return "failure" if gave_up or frustrated or any(one.blocked for one in turns) else "asked"
