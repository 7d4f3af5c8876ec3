"""Rules of shares: evidence that more is bad than usual, and later that it is well again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from answerable.app.alerts.usual import Usual
from answerable.evals.stats.rising import Rising, looks_for
from answerable.monitor.alerts.rules import Rule
from answerable.monitor.alerts.signals import SIGNALS, Kind, Tally

LOOKS = 43_200  # in 30 days, one a minute
WELL = math.log(100.0)  # evidence that the share is back
_WHOLE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Of one rule and key: what was seen since the likely change."""

    key: str
    began: float  # Unix seconds
    n: int
    bad: int
    most: float
    evidence: float


@dataclass(slots=True, kw_only=True)
class ShareState:
    """What is kept of one rule between looks; `back`: of standing alerts, with the share that is half way well."""

    done: dict[str, list[Any]] = field(default_factory=dict)  # minute → units and bad ones that were counted
    rising: dict[str, Rising] = field(default_factory=dict)
    back: dict[str, tuple[float, Rising]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "done": self.done,
            "rising": {key: one.as_json() for key, one in self.rising.items()},
            "back": {key: [middle, one.as_json()] for key, (middle, one) in self.back.items()},
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> ShareState:
        """What `as_json` gave."""
        return cls(
            done=dict(kept.get("done", {})),
            rising={key: Rising.from_json(one) for key, one in kept.get("rising", {}).items()},
            back={key: (one[0], Rising.from_json(one[1])) for key, one in kept.get("back", {}).items()},
        )

    def take(self, rule: Rule, minutes: Mapping[int, Tally], usual: Usual, *, until: float) -> Batch:
        """What is new in these minutes, seen in part or not; minutes before `until` are forgotten."""
        batch = Batch()
        for minute, tally in sorted(minutes.items()):
            n, bad = usual.counted(rule, tally)
            names = dict(tally.bins) if SIGNALS[rule.id].kind is Kind.NAMED else {_WHOLE: bad}
            before_n, before = self.done.get(str(minute), [0, {}])
            if n > before_n or any(count > before.get(name, 0) for name, count in names.items()):
                new = {name: count - before.get(name, 0) for name, count in names.items()}
                if SIGNALS[rule.id].kind is Kind.MEASURED:  # an old unit may be bad by a new limit: it was counted
                    new = {name: min(count, n - before_n) for name, count in new.items()}
                batch.add(minute, n - before_n, new)
                self.done[str(minute)] = [max(n, before_n), names]
        self.done = {minute: one for minute, one in self.done.items() if float(minute) >= until}
        return batch


@dataclass(slots=True, kw_only=True)
class Batch:
    """New units of one look."""

    at: float = 0.0
    n: int = 0
    bad: dict[str, int] = field(default_factory=dict)

    def add(self, minute: int, n: int, bad: Mapping[str, int]) -> None:
        """Of one minute."""
        self.at = self.at or float(minute)
        self.n += max(0, n)
        for name, count in bad.items():
            self.bad[name] = self.bad.get(name, 0) + max(0, count)


def opened_by(rule: Rule, state: ShareState, batch: Batch, usual: Usual, *, tests: int) -> list[Found]:
    """Those that rose; the state goes on."""
    found = []
    named = SIGNALS[rule.id].kind is Kind.NAMED
    keys = {*state.rising, *batch.bad} if named else {_WHOLE}
    needed = looks_for(false_alarms=1.0, looks=LOOKS, tests=tests * (max(20, len(usual.names)) if named else 1))
    for key in sorted(keys):
        most = usual.most_of(rule, key) if named else usual.most
        bad = min(batch.bad.get(key, 0), batch.n)
        rising = state.rising.get(key, Rising()).after(batch.n, bad, most=most, at=batch.at)
        state.rising[key] = rising
        leading = rising.leading
        if key not in state.back and rising.log_evidence >= needed and leading.bad >= rule.least:
            found.append(_found(key, rising, most))
    state.rising = {key: one for key, one in state.rising.items() if not one.is_quiet}
    return found


def stand(state: ShareState, found: Found) -> None:
    """An alert stands: from now on its end is looked for."""
    middle = (found.most + found.bad / max(1, found.n)) / 2.0
    state.back[found.key] = (min(0.95, max(0.005, middle)), Rising())


def over(state: ShareState, batch: Batch, key: str) -> bool:
    """Whether what stands has come back; its evidence is forgotten then."""
    middle, rising = state.back[key]
    bad = min(batch.bad.get(key, 0), batch.n)
    rising = rising.after(batch.n, batch.n - bad, most=1.0 - middle, at=batch.at)
    state.back[key] = (middle, rising)
    if rising.log_evidence < WELL:
        return False
    del state.back[key]
    state.rising.pop(key, None)
    return True


def since_change(state: ShareState, key: str) -> tuple[int, int]:
    """Units and bad ones since the likely change; zeros where there is no evidence any more."""
    rising = state.rising.get(key)
    return (rising.leading.n, rising.leading.bad) if rising is not None else (0, 0)


def _found(key: str, rising: Rising, most: float) -> Found:
    leading = rising.leading
    return Found(
        key=key, began=leading.since, n=leading.n, bad=leading.bad, most=most, evidence=rising.log_evidence
    )
