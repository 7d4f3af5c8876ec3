"""A guard with a fuse: when it breaks, hangs or talks nonsense, the request goes on or stops as the guard says."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, replace
from typing import Literal

from answerable.core.answer import Answer
from answerable.core.degraded import UNGUARDED
from answerable.core.outcome import Outcome
from answerable.core.ports import Guard, SecretGuard
from answerable.core.query import Query
from answerable.core.trace import skip
from answerable.core.verdict import Verdict

SECONDS = 1.0  # for one look; docs/decisions/0169-fault-matrix.md
_ACTIONS = ("allow", "flag", "mask", "block")


class _NonsenseError(Exception):
    """What the guard gave back is no verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fused:
    """Any failure of the guard becomes an unmeasured verdict: block when it fails closed, else allow.

    A failure is an exception, no verdict within `seconds` or within the request's deadline, and a verdict that
    says nothing that can be done.
    """

    guard: Guard
    seconds: float = SECONDS

    @property
    def name(self) -> str:
        """The guard's own."""
        return self.guard.name

    @property
    def stage(self) -> Literal["question", "answer", "both"]:
        """The guard's own."""
        return self.guard.stage

    @property
    def fails(self) -> Literal["open", "closed"]:
        """The guard's own."""
        return self.guard.fails

    def with_secrets(self, *, canary: str, system: str) -> Fused:
        """Bound to one request, where the guard watches for secrets; else as it is."""
        if isinstance(self.guard, SecretGuard):
            return replace(self, guard=self.guard.with_secrets(canary=canary, system=system))
        return self

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        """The guard's verdict, or one with passed None when it broke."""
        try:
            async with asyncio.timeout(query.deadline.share(at_most_s=self.seconds)):
                return _sound(await self.guard.check(query, answer))
        except Exception as error:  # noqa: BLE001 - a guard may be anybody's code: whatever it raises must not let
            # an unchecked text through (closed) or take the service down (open); cancellation is no Exception
            closed = self.fails == "closed"
            if not closed:
                skip(UNGUARDED)
            return Verdict(
                name=self.name,
                passed=None,
                action="block" if closed else "allow",
                outcome=Outcome.FAILED if closed else None,
                rule="guard_error",
                reason=f"the guard broke: {type(error).__name__}",
            )


def _sound(verdict: Verdict) -> Verdict:
    """The verdict, if it is one that can be acted upon. Raises _NonsenseError."""
    nonsense = (
        not isinstance(verdict, Verdict)
        or verdict.action not in _ACTIONS
        or (verdict.action == "mask" and not isinstance(verdict.replacement, str))
        or (verdict.outcome is not None and Outcome(verdict.outcome).answers)
        or (verdict.score is not None and not math.isfinite(verdict.score))
    )
    if nonsense:
        raise _NonsenseError("no verdict")
    return verdict
