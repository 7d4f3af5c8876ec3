"""Tasks out of events: which turns belong to one need of one person, and how it ended.

Pure: the same events and the same moment make the same tasks, in whatever order the events come.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from answerable.core.event import Event
from answerable.core.identity import content_id
from answerable.core.task import Task
from answerable.monitor.completion import Signs, signs_of, state_of, taken_back
from answerable.monitor.need import Need, same_need
from answerable.monitor.repeats import Known, repeats
from answerable.monitor.score import rule_score
from answerable.monitor.turns import Turn, fold

CONTINUES = frozenset({"rephrase", "clarify", "drill_down", "pushback", "thanks"})
_ALWAYS = ("staff", "bot", "load_test", "canary")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRules:
    """Times in seconds; see config/metrics.py. `person`: one name for one person under all keys."""

    gap_s: float = 1800.0
    close_after_s: float = 86_400.0
    repeat_s: float = 7 * 86_400.0
    most_turns: int = 200  # of one conversation in a day; what asks more is somebody's program
    verified_from: float = 0.8
    displaying: frozenset[str] = frozenset({"web"})  # channels whose pages tell that an answer was displayed
    person: Callable[[bytes], bytes] = bytes
    score: Callable[[Signs], float] = rule_score


DEFAULT = TaskRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A task with the turns that it was made of, by time."""

    task: Task
    turns: tuple[Turn, ...]

    @property
    def known(self) -> Known:
        """What is needed of it to see that its need came back."""
        first = self.turns[0]
        return Known(
            id=self.task.id,
            person=self.task.person,
            conversation=self.task.conversation,
            opened_at=self.task.opened_at,
            last_at=self.task.last_at,
            need=Need(sketch=first.need, documents=first.documents, topic=first.topic),
            insists=first.follow_up in ("rephrase", "pushback"),
        )


def tasks_of(events: Iterable[Event], *, now: datetime, rules: TaskRules = DEFAULT) -> list[Task]:
    """The tasks that these events of one tenant are, by `opened_at`; what may go on at `now` is not closed."""
    return [one.task for one in sessions_of(fold(events).turns, now=now, rules=rules)]


def sessions_of(
    turns: Iterable[Turn],
    *,
    now: datetime,
    rules: TaskRules = DEFAULT,
    since: datetime | None = None,
    past: Sequence[Known] = (),
) -> list[Session]:
    """The same with their turns: those opened at `since` or later. `past`: tasks that were opened before."""
    runs = [
        run for lane in _lanes(turns, rules) for run in _cut(lane, rules) if since is None or run[0].at >= since
    ]
    sessions = sorted(
        (Session(task=_task(run, now=now, rules=rules), turns=tuple(run)) for run in runs),
        key=lambda one: (one.task.opened_at, one.task.id),
    )
    return _linked(
        sessions, repeats([one.known for one in sessions], past, rules.repeat_s, rules.gap_s, rules.person)
    )


def _lanes(turns: Iterable[Turn], rules: TaskRules) -> list[list[Turn]]:
    """Turns that could belong together: of one conversation; without one, of one person; else each alone."""
    lanes: dict[tuple[str, object], list[Turn]] = defaultdict(list)
    for one in turns:
        if one.conversation:
            lanes["conversation", one.conversation].append(one)
        elif one.person is not None:
            lanes["person", rules.person(one.person)].append(one)
        else:
            lanes["turn", one.id].append(one)
    return list(lanes.values())


def _cut(lane: Sequence[Turn], rules: TaskRules) -> list[list[Turn]]:
    runs: list[list[Turn]] = []
    programs = _programs(lane, rules.most_turns)
    for turn in sorted(lane, key=lambda one: (one.at, one.id)):
        if turn.at.date() in programs:
            turn.why_not = turn.why_not or "bot"
            follows = bool(runs) and runs[-1][-1].at.date() == turn.at.date()
        else:
            follows = bool(runs) and _continues(runs[-1], turn, rules)
        if follows:
            runs[-1].append(turn)
        else:
            runs.append([turn])
    return runs


def _programs(lane: Sequence[Turn], most: int) -> frozenset[date]:
    """The days (UTC) on which so much was asked here that it was no person: each such day is a task of its own."""
    if len(lane) <= most:
        return frozenset()
    return frozenset(day for day, count in Counter(one.at.date() for one in lane).items() if count > most)


def _continues(run: Sequence[Turn], turn: Turn, rules: TaskRules) -> bool:
    """Thanks may come late; what else goes on does so within the gap."""
    silence = (turn.at - run[-1].at).total_seconds()
    if turn.follow_up == "thanks":
        return silence <= rules.close_after_s
    if silence > rules.gap_s:
        return False
    if turn.follow_up in CONTINUES:
        return True
    return turn.follow_up != "new_topic" and _alike(run[-1], turn)


def _alike(one: Turn, other: Turn) -> bool:
    """Where nobody said what the turn is to the one before: their sketches, or documents and topic."""
    return same_need(
        Need(sketch=one.need, documents=one.documents, topic=one.topic),
        Need(sketch=other.need, documents=other.documents, topic=other.topic),
    )


def _linked(sessions: Sequence[Session], earlier: dict[str, str]) -> list[Session]:
    """The sessions, each with the task whose need it brings back. `earlier`: later task → earlier one."""
    again: dict[str, datetime] = {}
    for one in sessions:
        if before := earlier.get(one.task.id):
            again[before] = min(again.get(before, one.task.opened_at), one.task.opened_at)
    linked = []
    for one in sessions:
        task = replace(one.task, reopens=earlier.get(one.task.id, ""))
        if moment := again.get(task.id):
            task = replace(task, reopened_at=moment, state=taken_back(task.state))
        linked.append(replace(one, task=task))
    return linked


def _task(run: Sequence[Turn], *, now: datetime, rules: TaskRules) -> Task:
    first, last = run[0], run[-1]
    signs = signs_of(run, displaying=rules.displaying)
    p = rules.score(signs)
    until = last.at + timedelta(seconds=rules.close_after_s)
    costs = [one.known_cost for one in run]
    known = [one for one in costs if one is not None]
    replied = [one for one in run if one.outcome]
    final = replied[-1] if replied else last
    return Task(
        id=content_id("tk", first.tenant, first.id),
        tenant=first.tenant,
        person=next((one.person for one in run if one.person is not None), None),
        conversation=first.conversation,
        opened_at=first.at,
        last_at=last.at,
        closed_at=until if until <= now else None,
        turns=len(run),
        state=state_of(signs, p, verified_from=rules.verified_from),
        p_complete=p,
        why_not=why_not(run),
        outcome=signs.outcome,
        escalation=signs.escalation,
        topic=_last(one.topic for one in run),
        language=_last(one.language for one in run),
        channel=_last(one.channel for one in run),
        prompt_id=final.prompt_id,
        prompt_version=final.prompt_version,
        model=final.model,
        rollout=final.rollout,
        holdout=any(one.holdout for one in run),
        follow_ups=dict(Counter(one.follow_up for one in run if one.follow_up)),
        cost=sum(known, Decimal(0)) if known else None,
        currency=_last(one.currency for one in run),
        unpriced=sum(one.outcome != "" and one.known_cost is None for one in run),
        answers=tuple(one.answer for one in run if one.answer),
        votes=_votes(run),
    )


def why_not(turns: Sequence[Turn]) -> str:
    """Why a task does not count in product metrics; empty where it does."""
    reasons = {one.why_not for one in turns if one.why_not}
    if found := next((name for name in _ALWAYS if name in reasons), ""):
        return found
    if any(one.holdout for one in turns):
        return "holdout"
    if any(one.incident for one in turns):
        return "incident"
    asking = [one for one in turns if one.why_not != "greeting" and one.follow_up != "thanks"]
    if not asking:
        return "greeting"
    if all(one.outcome == "out_of_scope" for one in asking):
        return "out_of_scope"
    return next(iter(sorted(reasons - {"greeting"})), "")


def _votes(run: Sequence[Turn]) -> dict[str, int]:
    counted = {
        "up": sum(one.vote == "up" for one in run),
        "down": sum(one.vote == "down" for one in run),
        "solved": sum(one.solved == "yes" for one in run),
        "not_solved": sum(one.solved == "no" for one in run),
    }
    return {name: count for name, count in counted.items() if count}


def _last(values: Iterable[str]) -> str:
    found = ""
    for value in values:
        found = value or found
    return found
