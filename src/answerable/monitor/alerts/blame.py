"""What a change likely comes from: the value that the bad ones share and the good ones do not.

A correlation, and said as one: whatever changed at the same moment looks the same. Values are compared by the
likelihood ratio of their 2x2 table (G; Woolf 1957, Ann. Hum. Genet. 21:397); a value has to reach 10.8, which is
1 in 1,000 by chance for one comparison, after a correction for the number of values that were compared.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from answerable.core.event import Event
from answerable.core.ports import Happening

US, PROVIDER, DATA, USERS, PARTS = "us", "provider", "data", "users", "a part that does not work"
CANT_TELL = "can't tell"
_LEAST = 5
_CLOSE = 0.8  # of the best one's G: as good an explanation
MARKS = (
    "deploy.marked", "rollout.changed", "model.changed", "breaker.opened", "provider.misconfigured",
    "document.quarantined", "document.released", "document.sudden_share", "ingest.rolled_back", "incident.opened",
    "budget.threshold",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One event and whether it is a bad one."""

    event: Event
    bad: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """One value of one dimension: of `n` events with it `bad` are bad, of the `others` `others_bad`."""

    cause: str
    dimension: str
    value: str
    n: int
    bad: int
    others: int
    others_bad: int
    g: float

    def words(self) -> str:
        """As it is said."""
        return (
            f"{self.dimension} {self.value}: {self.bad} of {self.n}, "
            f"otherwise {self.others_bad} of {self.others} ({self.cause})"
        )


def _one(cause: str, name: str, of: Callable[[Event], str]) -> tuple[str, str, Callable[[Event], Sequence[str]]]:
    return cause, name, lambda event: (of(event),) if of(event) else ()


_DIMENSIONS: tuple[tuple[str, str, Callable[[Event], Sequence[str]]], ...] = (
    (PARTS, "degraded", lambda event: event.degraded),
    _one(US, "prompt", lambda event: f"{event.prompt_id}@{event.prompt_version}" if event.prompt_version else ""),
    _one(US, "rollout", lambda event: event.rollout),
    _one(US, "code", lambda event: event.code_version),
    _one(PROVIDER, "model", lambda event: event.model),
    _one(PROVIDER, "reported model", lambda event: str(event.props.get("reported") or "")),
    _one(PROVIDER, "provider", lambda event: event.provider),
    _one(DATA, "index", lambda event: event.index_version),
    (DATA, "document", lambda event: tuple(event.props.get("documents") or ())),
    _one(USERS, "language", lambda event: event.language),
    _one(USERS, "topic", lambda event: event.topic),
    _one(USERS, "channel", lambda event: event.channel),
)


def suspects(units: Iterable[Unit]) -> list[Suspect]:
    """Every value that explains it as well as the best one, the best first; none where nothing stands out."""
    units = list(units)
    n, bad = len(units), sum(unit.bad for unit in units)
    found = []
    compared = 0
    for cause, name, values in _DIMENSIONS:
        with_it: Counter[str] = Counter()
        bad_with_it: Counter[str] = Counter()
        for unit in units:
            for value in set(values(unit.event)):
                with_it[value] += 1
                bad_with_it[value] += unit.bad
        compared += len(with_it)
        for value, here in with_it.items():
            one = _suspect(
                cause, name, value, counts=(here, bad_with_it[value], n - here, bad - bad_with_it[value])
            )
            if one is not None:
                found.append(one)
    least = 10.8 + 2.0 * math.log(max(1, compared))
    best = max((one.g for one in found), default=0.0)
    kept = [one for one in found if one.g >= least and one.g >= _CLOSE * best]
    return sorted(kept, key=lambda one: (-one.g, one.dimension, one.value))


def _suspect(cause: str, name: str, value: str, *, counts: tuple[int, int, int, int]) -> Suspect | None:
    here, bad, others, others_bad = counts
    if here < _LEAST or others < _LEAST or bad * others <= others_bad * here:
        return None
    return Suspect(
        cause=cause, dimension=name, value=value, n=here, bad=bad, others=others, others_bad=others_bad,
        g=_g(here, bad, others, others_bad),
    )  # fmt: skip


def _g(here: int, bad: int, others: int, others_bad: int) -> float:
    total, all_bad = here + others, bad + others_bad
    cells = (
        (bad, here * all_bad), (here - bad, here * (total - all_bad)),
        (others_bad, others * all_bad), (others - others_bad, others * (total - all_bad)),
    )  # fmt: skip
    return 2.0 * math.fsum(seen * math.log(seen * total / expected) for seen, expected in cells if seen)


def marks_before(happenings: Iterable[Happening], began: datetime, *, within_s: float) -> list[Happening]:
    """What was done to the whole shortly before it began, or in its first minutes; the nearest first."""
    near = [
        one
        for one in happenings
        if one.name in MARKS and -within_s <= (one.at - began).total_seconds() <= within_s / 4
    ]
    return sorted(near, key=lambda one: abs((one.at - began).total_seconds()))


def said(found: Sequence[Suspect], marks: Sequence[Happening], began: datetime, *, key: str = "") -> str:
    """One sentence; it says "likely", and what is not known. `key`: the thing that it is about."""
    parts = [f"{key} itself ({DATA})"] if key else []
    parts += [one.words() for one in found[:2]]
    if marks:
        one = marks[0]
        minutes = (began - one.at).total_seconds() / 60.0
        what = str(one.props.get("what") or one.props.get("document") or one.props.get("prompt") or "")
        where = f"{abs(minutes):.0f} min {'before' if minutes >= 0 else 'after'} it began"
        parts.append(f"{one.name}{f' ({what[:80]})' if what else ''} {where}")
    return f"likely {'; '.join(parts)}" if parts else f"{CANT_TELL}: no version, model, page or topic stands out"
