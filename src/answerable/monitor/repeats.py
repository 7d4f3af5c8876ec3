"""Repeat contacts: the same need of the same person again, in another conversation or after a silence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from answerable.monitor.need import Need, same_need

MOST = 50  # earlier tasks of one person that are looked at: who has had more within a week is a program


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A task as a later one sees it. `insists`: its first turn put the question before it again."""

    id: str
    person: bytes | None
    conversation: str
    opened_at: datetime
    last_at: datetime
    need: Need
    insists: bool = False


def repeats(
    tasks: Sequence[Known],
    past: Sequence[Known],
    within_s: float,
    gap_s: float,
    person: Callable[[bytes], bytes] = bytes,
) -> dict[str, str]:
    """Later task → the last earlier one that it brings back; `past` tasks are only ever the earlier ones.

    Who is not to be known is linked by conversation only.
    """
    later = {one.id for one in tasks}
    found: dict[str, str] = {}
    for lane in _lanes((*past, *tasks), person):
        lane.sort(key=lambda one: (one.opened_at, one.id))
        for place, one in enumerate(lane):
            if one.id in later and (before := _before(one, lane[max(0, place - MOST) : place], within_s, gap_s)):
                found[one.id] = before
    return found


def _lanes(tasks: Iterable[Known], person: Callable[[bytes], bytes]) -> list[list[Known]]:
    lanes: dict[tuple[str, object], list[Known]] = defaultdict(list)
    for one in tasks:
        if one.person is not None:
            lanes["person", person(one.person)].append(one)
        elif one.conversation:
            lanes["conversation", one.conversation].append(one)
    return [lane for lane in lanes.values() if len(lane) > 1]


def _before(one: Known, earlier: Sequence[Known], within_s: float, gap_s: float) -> str:
    """The latest of the earlier tasks whose need this is."""
    for other in reversed(earlier):
        silence = (one.opened_at - other.last_at).total_seconds()
        if silence > within_s:
            continue
        here = bool(one.conversation) and one.conversation == other.conversation
        if here and silence <= gap_s:
            continue  # another need, said at once: a new topic
        if (here and one.insists) or same_need(one.need, other.need):
            return other.id
    return ""
