"""A guard with a fuse: when it breaks, the request goes on or stops as the guard itself says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.ports import Guard, SecretGuard
from answerable.core.query import Query
from answerable.core.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Fused:
    """Any exception inside the guard becomes an unmeasured verdict: block when it fails closed, else allow."""

    guard: Guard

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
            return Fused(guard=self.guard.with_secrets(canary=canary, system=system))
        return self

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        """The guard's verdict, or one with passed None when it broke."""
        try:
            return await self.guard.check(query, answer)
        except Exception as error:  # noqa: BLE001 - a guard may be anybody's code: whatever it raises must not let
            # an unchecked text through (closed) or take the service down (open); cancellation is no Exception
            closed = self.fails == "closed"
            return Verdict(
                name=self.name,
                passed=None,
                action="block" if closed else "allow",
                outcome=Outcome.FAILED if closed else None,
                rule="guard_error",
                reason=f"the guard broke: {type(error).__name__}",
            )
