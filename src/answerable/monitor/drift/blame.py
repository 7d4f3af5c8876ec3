"""Blame: which cause explains a change. By parts that changed while the rest did not, and by the order in time.

A part that is new (a version, a model, a document) and alone changed shows its cause. A change that is made by
another mix of topics or languages, each answered as before, is the users' (Kitagawa 1955, JASA 50:272: the
difference of two rates is one of shares plus one of rates). Without such a part there is only what happened at
that time: one cause at the time is likely, several or none is no answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from answerable.core.slices import BLOCK
from answerable.monitor.drift.finding import Blame, Cause, Shift, Sure
from answerable.monitor.drift.signals import Kind

__all__ = ["VERSIONS", "Mark", "Slice", "Used", "blame"]

VERSIONS: Mapping[str, Cause] = {
    "prompt": Cause.US, "rollout": Cause.US, "code": Cause.US, "index": Cause.DATA,
    "model": Cause.PROVIDER, "provider": Cause.PROVIDER,
}  # fmt: skip
PEOPLE = ("topic", "language", "channel")
_NEW = 0.1  # of its share now: it had at most so much of it before
_LEAST = 0.05  # of the answers: less explains nothing
_SMALL = 0.4  # of the whole change: what the rest may have changed
_MIX = 0.6  # of the whole change: what another mix must explain
_FEW = 30
_K = 5  # persons behind what is said of a slice
_Z = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One value of a dimension: answers and the sum of their values, before the change and since."""

    value: str
    n0: int
    x0: float
    n1: int
    x1: float
    persons: int  # at least so many, since
    label: str = ""

    @property
    def name(self) -> str:
        """What people are shown."""
        return self.label or self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that was done or happened. `what` follows "because of us:"."""

    at: datetime
    cause: Cause
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A document that stands in answers much more than before; `bad` of its `n1` answers are bad, of all `all1`
    `allbad1`."""

    document: str
    n0: int
    n1: int
    bad: int
    all0: int
    all1: int
    allbad0: int
    allbad1: int


def blame(
    shift: Shift,
    *,
    slices: Mapping[str, Sequence[Slice]],
    marks: Sequence[Mark],
    used: Sequence[Used] = (),
    mixed: Sequence[str] = (),
) -> Blame:
    """The cause of one shift. `mixed` names what changed about the questions themselves at that time."""
    near = [one for one in marks if _near(one, shift)]
    only = _only(shift, slices)
    if shift.signal.of_people:
        return Blame(cause=Cause.USERS, sure=Sure.LIKELY, why=_unless(near), explained=1.0)
    parts = [*_documents(shift, used), *_versions(shift, slices, near), *_mixes(shift, slices)]
    if parts:
        best = max(parts, key=lambda one: one.explained)
        return Blame(cause=best.cause, sure=best.sure, why=best.why, only=only, explained=best.explained)
    return _by_time(near, only, mixed)


def _by_time(near: Sequence[Mark], only: str, mixed: Sequence[str]) -> Blame:
    causes = list(dict.fromkeys(one.cause for one in near))
    if len(causes) == 1:
        said = "; ".join(dict.fromkeys(one.what for one in near[:2]))
        return Blame(cause=causes[0], sure=Sure.LIKELY, why=f"{said} at that time", only=only)
    if causes:
        said = ", ".join(f"{one.what} ({one.cause.value})" for one in _one_each(near))
        return Blame(cause=Cause.UNKNOWN, sure=Sure.CANT_TELL, why=f"at that time {said}", only=only)
    if mixed:
        said = f"nothing of ours changed, and {' and '.join(mixed[:2])} did"
        return Blame(cause=Cause.USERS, sure=Sure.LIKELY, why=said, only=only)
    return Blame(
        cause=Cause.UNKNOWN, sure=Sure.CANT_TELL, why="nothing that we know of changed at that time", only=only
    )


def _near(mark: Mark, shift: Shift) -> bool:
    """A cause comes before its effect: not later than the first block that may have changed already."""
    return shift.earliest - BLOCK <= mark.at < shift.latest + BLOCK + timedelta(hours=1)


def _one_each(marks: Sequence[Mark]) -> list[Mark]:
    first: dict[Cause, Mark] = {}
    for one in marks:
        first.setdefault(one.cause, one)
    return list(first.values())


def _unless(near: Sequence[Mark]) -> str:
    ours = [one.what for one in near if one.cause is Cause.US]
    return f"or {ours[0]} brought them" if ours else "nothing of ours changed"


def _documents(shift: Shift, used: Sequence[Used]) -> list[Blame]:
    """A document that is new in answers, whose answers are bad while the rest's are as they were."""
    found = []
    for one in used:
        rest = one.all1 - one.n1
        if not one.all0 or rest < _FEW or shift.signal.kind is not Kind.SHARE:
            continue
        was, others = one.allbad0 / one.all0, (one.allbad1 - one.bad) / rest
        left = (others - was) / shift.change if shift.change else 1.0
        z = _z(one.bad / one.n1, one.n1, others, rest)
        if abs(left) <= _SMALL and z >= _Z and one.bad / one.n1 > others:
            why = f"{one.bad} of {one.n1} answers with {one.document[:40]}, and not more without it"
            found.append(Blame(cause=Cause.DATA, sure=Sure.SHOWN, why=why, explained=1.0 - abs(left)))
    return found


def _versions(shift: Shift, slices: Mapping[str, Sequence[Slice]], near: Sequence[Mark]) -> list[Blame]:
    found = []
    for dimension, cause in VERSIONS.items():
        parts = slices.get(dimension, ())
        n0, n1 = sum(one.n0 for one in parts), sum(one.n1 for one in parts)
        for one in parts:
            if not n1 or one.n1 < max(_FEW, _LEAST * n1) or one.n0 / max(1, n0) > _NEW * one.n1 / n1:
                continue
            part = _of_version(shift, dimension, one, parts, near)
            if part is not None:
                found.append(_ours(part, cause, near))
    return found


def _of_version(
    shift: Shift, dimension: str, new: Slice, parts: Sequence[Slice], near: Sequence[Mark]
) -> Blame | None:
    """A value that is new: shown where others go on beside it as they were; likely where it replaced them all."""
    rest_n = sum(one.n1 for one in parts) - new.n1
    rest_x = sum(one.x1 for one in parts) - new.x1
    now, cause = new.x1 / new.n1, VERSIONS[dimension]
    moved = (now - shift.before) / shift.change if shift.change else 0.0
    if moved < 1.0 - _SMALL:
        return None
    if rest_n < _FEW:
        others = {one.cause for one in near} - {cause}
        if others:
            return None
        return Blame(cause=cause, sure=Sure.LIKELY, why=f"{dimension} {new.name} since that time", explained=0.5)
    others_now = rest_x / rest_n
    left = (others_now - shift.before) / (now - shift.before) if now != shift.before else 1.0
    z = _z(now, new.n1, others_now, rest_n, spread=_spread(shift))
    if abs(left) > _SMALL or z < _Z:
        return None
    return Blame(cause=cause, sure=Sure.SHOWN, why=f"only with {dimension} {new.name}", explained=1.0 - abs(left))


def _ours(part: Blame, cause: Cause, near: Sequence[Mark]) -> Blame:
    """A model that we chose is ours, not the provider's."""
    chosen = any(one.cause is Cause.US and "model" in one.what for one in near)
    if cause is Cause.PROVIDER and chosen:
        return Blame(cause=Cause.US, sure=part.sure, why=part.why, explained=part.explained)
    return part


def _mixes(shift: Shift, slices: Mapping[str, Sequence[Slice]]) -> list[Blame]:
    found = []
    for dimension in PEOPLE:
        parts = [one for one in slices.get(dimension, ()) if one.n0 + one.n1]
        n0, n1 = sum(one.n0 for one in parts), sum(one.n1 for one in parts)
        if min(n0, n1) < _FEW or not shift.change:
            continue
        moves = [(_mix_part(one, n0, n1, shift), one) for one in parts]
        share = sum(move for move, _ in moves) / shift.change
        _, most = max(moves, key=lambda one: one[0] / shift.change)
        if share >= _MIX and most.persons >= _K and _z(most.n1 / n1, n1, most.n0 / n0, n0) >= _Z:
            went = f"from {_percent(most.n0, n0)} to {_percent(most.n1, n1)} of questions"
            why = f"{dimension} {most.name!r} went {went}"
            sure = Sure.SHOWN if share <= 1.5 else Sure.LIKELY
            found.append(Blame(cause=Cause.USERS, sure=sure, why=why, explained=min(1.0, share)))
    return found


def _mix_part(one: Slice, n0: int, n1: int, shift: Shift) -> float:
    """What the part's other weight explains; a part that is new counts with its rate of now."""
    rates = [x / n for x, n in ((one.x0, one.n0), (one.x1, one.n1)) if n >= 5]
    rate = sum(rates) / len(rates) if rates else shift.before
    return (one.n1 / n1 - one.n0 / n0) * (rate - shift.before)


def _only(shift: Shift, slices: Mapping[str, Sequence[Slice]]) -> str:
    """The one value whose answers changed while the rest did not, in words; empty where there is none."""
    for dimension in PEOPLE:
        parts = slices.get(dimension, ())
        for one in parts:
            rest = [other for other in parts if other is not one]
            n0, n1 = sum(each.n0 for each in rest), sum(each.n1 for each in rest)
            if min(one.n0, one.n1, n0, n1) < _FEW or one.persons < _K:
                continue
            inside = one.x1 / one.n1 - one.x0 / one.n0
            outside = sum(each.x1 for each in rest) / n1 - sum(each.x0 for each in rest) / n0
            z = _z(one.x1 / one.n1, one.n1, one.x0 / one.n0, one.n0, spread=_spread(shift))
            if z >= _Z and inside * shift.change > 0 and abs(outside) <= _SMALL / 2 * abs(inside):
                return f"{_PEOPLE_WORDS[dimension]} {one.name!r}"
    return ""


_PEOPLE_WORDS = {"topic": "on topic", "language": "in language", "channel": "in channel"}


def _spread(shift: Shift) -> float | None:
    """Standard deviation of a value that is no share: what the interval of the change says of it."""
    if shift.signal.kind is Kind.SHARE:
        return None
    width = (shift.high - shift.low) / 3.92
    return width / math.sqrt(1.0 / max(1, shift.n) + 1.0 / max(1, shift.n_before))


def _z(p: float, n: int, q: float, m: int, *, spread: float | None = None) -> float:
    """How many standard errors two means are apart, never less than 0."""
    if min(n, m) <= 0:
        return 0.0
    if spread is not None:
        return abs(p - q) / (spread * math.sqrt(1.0 / n + 1.0 / m)) if spread else 0.0
    both = (p * n + q * m + 1.0) / (n + m + 2.0)
    return abs(p - q) / math.sqrt(both * (1.0 - both) * (1.0 / n + 1.0 / m))


def _percent(k: int, n: int) -> str:
    return f"{100 * k / n:.0f} %"
