"""What every metric of the month truly is, counted from what really happened; no code of the product is asked.

Two kinds of truth: what the definition says, to somebody who sees everything (`ended.escalated`, `follow_ups` …),
and what one would like to know (`completed`: they got what they wanted). Deliberately a second writing of the
definitions, in terms of needs, not of events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from answerable.testing.simulation.lived import Need, Turn

WEEK, MONTH_BACK = timedelta(days=7), timedelta(days=28)
_CALM = timedelta(seconds=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """`value` is a share, or money, or milliseconds; `n` what it is of; None where there is nothing."""

    value: float | None
    n: int


def ending(need: Need, *, came_back: bool) -> str:
    """How it ended: escalated, failed, reopened, confirmed, unseen or quiet.

    A need that came back takes back what looked well; what had failed or was escalated stays that.
    """
    found = _first_ending(need)
    return "reopened" if came_back and found in ("confirmed", "quiet") else found


def _first_ending(need: Need) -> str:
    last = need.turns[-1]
    said = [turn for turn in need.turns if turn.vote or turn.solved]
    good = last.meant == "thanks" or need.goal_s is not None
    if need.escalation or (need.ticket_h is not None and need.ticket_h <= 72):
        return "escalated"
    if said and not _praised(said[-1]):
        return "failed"
    if last.meant in ("rephrase", "pushback") and not good and not _praised(last):
        return "failed"
    if last.outcome != "answered" and not good and not said:
        return "failed"
    if good or any(_praised(turn) for turn in said):
        return "confirmed"
    return "quiet" if last.displayed and need.person.tracked else "unseen"


def _why_a_person(need: Need) -> str:
    """The worst reason for a person that there was, whether or not one came; empty: none."""
    asks = [turn for turn in need.turns if turn.meant != "thanks"]
    refused = len(asks) >= 2 and all(turn.outcome == "abstained" for turn in asks[-2:])
    insists = need.turns[-1].meant in ("rephrase", "pushback")
    objected = insists and sum(turn.meant == "pushback" for turn in need.turns) >= 2
    blocked = bool(asks) and asks[-1].outcome == "blocked"
    good = need.goal_s is not None or any(_praised(turn) for turn in need.turns)
    if need.escalation == "failure" or ((refused or objected or blocked) and not good):
        return "failure"
    return need.escalation or ("asked" if need.ticket_h is not None and need.ticket_h <= 72 else "")


def _praised(turn: Turn) -> bool:
    return turn.vote == "up" or turn.solved == "yes"


def truths(needs: Sequence[Need]) -> Mapping[str, Truth]:
    """By the name of what is measured, over all of them that count."""
    mine = [one for one in needs if one.counts]
    turns = [turn for need in mine for turn in need.turns]
    shown = [turn for turn in turns if turn.outcome == "answered"]
    return {**_of_tasks(mine), **_of_turns(mine, turns), **_of_answers(mine, turns, shown), **_of_persons(mine)}


def _of_tasks(needs: Sequence[Need]) -> dict[str, Truth]:
    back = {one.again_of for one in needs if one.again_of and one.person.tracked}
    ends = [ending(one, came_back=one.id in back) for one in needs]
    why = [_why_a_person(one) for one in needs]
    calm = [one for one, reason in zip(needs, why, strict=True) if not reason]
    met = sum(one.met for one in needs)
    cost = float(sum(one.cost for one in needs))
    asked, failed = why.count("asked"), why.count("failure")
    missed = sum(one.needed_person for one in calm)
    return {
        "tasks": Truth(value=float(len(needs)), n=len(needs)),
        "completed": _share(met, len(needs)),
        "completion.low": _share(ends.count("confirmed"), len(needs)),
        "completion.high": _share(ends.count("confirmed") + ends.count("quiet"), len(needs)),
        **{f"ended.{name}": _share(ends.count(name), len(needs)) for name in sorted(set(ends))},
        "escalation.rate": _share(len(needs) - len(calm), len(needs)),
        **{f"escalation.{name}": _share(why.count(name), len(needs)) for name in ("policy", "failure", "asked")},
        "escalation.missed": _share(missed, len(calm)),
        "escalation.human_need": _share(asked + failed + missed, len(needs)),
        "cost.task": _mean(cost, len(needs)),
        "cost.completed": _mean(cost, met),
        "satisfaction.repeat": _share(sum(one.id in back for one in needs), len(needs)),
    }


def _of_turns(needs: Sequence[Need], turns: Sequence[Turn]) -> dict[str, Truth]:
    followed = [turn for need in needs for turn in need.turns[1:]]
    asks = [turn for turn in turns if turn.meant != "thanks"]
    of = {turn.id: need for need in needs for turn in need.turns}
    can = [turn for turn in asks if of[turn.id].answerable]
    cannot = [turn for turn in asks if not of[turn.id].answerable]
    return {
        "turns": Truth(value=float(len(turns)), n=len(turns)),
        "follow_ups.rate": _share(len(followed), len(turns)),
        **{
            f"follow_ups.{name}": _share(sum(turn.meant == name for turn in followed), len(turns))
            for name in ("rephrase", "pushback", "drill_down", "clarify", "thanks")
        },
        "refusals.rate": _share(sum(turn.outcome == "abstained" for turn in asks), len(asks)),
        "refusals.over": _share(sum(turn.outcome == "abstained" for turn in can), len(can)),
        "refusals.under": _share(sum(turn.outcome == "answered" for turn in cannot), len(cannot)),
    }


def _of_answers(needs: Sequence[Need], turns: Sequence[Turn], shown: Sequence[Turn]) -> dict[str, Truth]:
    rated = [turn for turn in turns if turn.vote]
    claims = sum(turn.claims for turn in shown)
    called = [turn for turn in turns if turn.cost > 0]
    times = sorted(turn.latency_ms for turn in turns)
    return {
        "harm.rate": _share(sum(turn.harm != "none" for turn in shown), len(shown)),
        "right": _share(sum(turn.right for turn in turns), len(turns)),
        "satisfaction.up": _share(sum(turn.vote == "up" for turn in rated), len(rated)),
        "satisfaction.coverage": _share(len(rated), len(turns)),
        "support": _share(sum(turn.supported for turn in shown), claims),
        "staleness.answers": _share(sum(turn.stale > 0 for turn in shown), len(shown)),
        "conflicts.exposure": _share(sum(turn.conflicts > 0 for turn in shown), len(shown)),
        "latency.p95": Truth(value=float(times[int(0.95 * len(times))]) if times else None, n=len(times)),
        "deadline": _share(sum(turn.deadline_hit for turn in turns), len(turns)),
        "fallback": _share(sum(turn.fallback for turn in called), len(called)),
        "cache": _share(sum(turn.cache != "none" for turn in shown), len(shown)),
    }


def _of_persons(needs: Sequence[Need]) -> dict[str, Truth]:
    """Who comes back with another need within 28 days, of those who had a task in the first week."""
    by: dict[int, list[Need]] = defaultdict(list)
    for need in needs:
        if need.person.tracked:
            by[need.person.number].append(need)
    begin = min((need.at for need in needs), default=None)
    if begin is None:
        return {}
    early = {who: first for who, several in by.items() if (first := _until(several, begin + WEEK))}
    back = [who for who, first in early.items() if _returned(first, by[who])]
    return {"satisfaction.return": _share(len(back), len(early))}


def _until(needs: Iterable[Need], end: object) -> list[Need]:
    return [one for one in needs if one.at < end]  # type: ignore[operator]


def _returned(early: Sequence[Need], every: Sequence[Need]) -> bool:
    first = early[0]
    return any(
        not one.again_of and first.last_at + _CALM < one.at <= first.last_at + MONTH_BACK and one is not first
        for one in every
    )


def _share(k: float, n: int) -> Truth:
    return Truth(value=k / n if n else None, n=n)


def _mean(total: float, n: int) -> Truth:
    return Truth(value=total / n if n else None, n=n)
