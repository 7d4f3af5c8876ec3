"""Whether an endpoint is to be asked: closed, open, or half-open for one probe. It asks nobody itself."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

State = Literal["closed", "open", "half-open", "misconfigured"]

_BUCKETS = 10
_JITTER = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitLimits:
    """When it opens, and for how long. Seconds; `errors` is a share. docs/decisions/0149-*.md"""

    errors: float = 0.5
    window_s: float = 30.0
    least: int = 5
    open_s: float = 5.0
    longest_s: float = 60.0
    slow_s: float | None = None  # a call without its first text by then has failed, for the circuit
    fair_s: float = 2.0  # a call that was given less time than this proves nothing by running out of it
    misconfigured_s: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From one state to another: what made it open, and how long it stays so."""

    before: State
    after: State
    calls: int = 0
    failed: int = 0
    open_s: float = 0.0


def _untold(change: Change) -> None:
    return


@dataclass(slots=True, kw_only=True)
class Circuit:
    """Opens when `errors` of the window's calls failed and they were at least `least`, or twice `least` in a row.

    After `open_s` one call may try; it closes the circuit, or doubles the time up to `longest_s`. The time is
    shortened by up to a fifth at random, so that processes do not try in step. A call is admitted with a ticket;
    what a ticket of an earlier state reports is not counted. `changed` is told of every change.
    """

    limits: CircuitLimits = field(default_factory=CircuitLimits)
    changed: Callable[[Change], None] = _untold
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    state: State = "closed"
    resting_until: float = 0.0  # the provider's own wish, apart from the circuit
    _until: float = 0.0
    _since: float = 0.0
    _failures: int = 0  # openings in a row
    _epoch: int = 0
    _probing: bool = False
    _run: int = 0  # failed calls in a row
    _buckets: deque[list[float]] = field(
        default_factory=lambda: deque(maxlen=_BUCKETS + 1)
    )  # [begin, calls, failed]

    def ready_in_s(self) -> float:
        """Seconds until a call is let through; 0.0: now. A probe that is under way takes as long as it takes."""
        now = self.clock()
        wait_s = max(0.0, self.resting_until - now)
        if self.state in ("open", "misconfigured"):
            return max(wait_s, self._until - now, 0.0)
        if self.state == "half-open" and self._probing:
            return max(wait_s, self.limits.fair_s)
        return wait_s

    @property
    def probe_due(self) -> bool:
        """Whether the next call is a probe."""
        return self.state != "closed" and self.ready_in_s() <= 0.0

    def enter(self) -> int | None:
        """A ticket for one call; None where none is let through now."""
        if self.state == "closed":
            return self._epoch if self.resting_until <= self.clock() else None
        if self.ready_in_s() > 0.0:
            return None
        if self.state != "half-open":
            self._become("half-open")
        self._probing = True
        return self._epoch

    def succeeded(self, ticket: int) -> None:
        """The endpoint has done what is its part."""
        if ticket != self._epoch:
            return
        self._run = 0
        if self.state == "closed":
            self._count(failed=False)
        else:
            self._failures = 0
            self._become("closed", open_s=self.clock() - self._since)

    def failed(self, ticket: int) -> None:
        """It has not."""
        if ticket != self._epoch:
            return
        if self.state == "half-open":
            self._open("open")
            return
        self._count(failed=True)
        self._run += 1
        calls, failed = self._counts()
        limits = self.limits
        many = calls >= limits.least and failed >= limits.errors * calls
        if many or self._run >= 2 * limits.least:
            self._open("open")

    def misconfigured(self, ticket: int) -> None:
        """It does not know who asks: that takes a person, so it is left alone for long."""
        if ticket == self._epoch:
            self._open("misconfigured")

    def left(self, ticket: int) -> None:
        """The call ended in a way that says nothing of the endpoint: another one may probe."""
        if ticket == self._epoch:
            self._probing = False

    def rest(self, seconds: float) -> None:
        """Leave the endpoint alone for so long, as its provider wishes."""
        self.resting_until = max(self.resting_until, self.clock() + seconds)

    def _open(self, state: State) -> None:
        limits = self.limits
        open_s = min(limits.longest_s, limits.open_s * 2.0 ** min(self._failures, 30))
        open_s = limits.misconfigured_s if state == "misconfigured" else open_s
        open_s *= 1.0 - _JITTER * self.jitter()
        self._until = self.clock() + open_s
        if not self._failures:
            self._since = self.clock()
        self._failures += 1
        self._become(state, open_s=open_s)

    def _become(self, state: State, *, open_s: float = 0.0) -> None:
        before, self.state = self.state, state
        calls, failed = self._counts()
        self._epoch += 1
        self._probing = False
        self._run = 0
        self._buckets.clear()
        self.changed(Change(before=before, after=state, calls=calls, failed=failed, open_s=open_s))

    def _count(self, *, failed: bool) -> None:
        now, width = self.clock(), self.limits.window_s / _BUCKETS
        if not self._buckets or now >= self._buckets[-1][0] + width:
            self._buckets.append([now, 0, 0])
        bucket = self._buckets[-1]
        bucket[1] += 1
        bucket[2] += failed

    def _counts(self) -> tuple[int, int]:
        since = self.clock() - self.limits.window_s
        kept = [one for one in self._buckets if one[0] > since]
        return int(sum(one[1] for one in kept)), int(sum(one[2] for one in kept))
