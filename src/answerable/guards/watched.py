"""A guard that looks and does nothing: what it found stands in the trace, for a time of trial."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from answerable.core.answer import Answer
from answerable.core.ports import Guard, SecretGuard
from answerable.core.query import Query
from answerable.core.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The guard with its actions taken away in these stages: mode `allow`. It breaks as the guard itself says."""

    guard: Guard
    stages: tuple[str, ...]  # question | answer

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

    def with_secrets(self, *, canary: str, system: str) -> Watched:
        """Bound to one request, where the guard watches for secrets; else as it is."""
        if isinstance(self.guard, SecretGuard):
            return replace(self, guard=self.guard.with_secrets(canary=canary, system=system))
        return self

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        """The guard's verdict; in a stage that is only watched it keeps rule, reason and score, and allows."""
        verdict = await self.guard.check(query, answer)
        if ("question" if answer is None else "answer") not in self.stages:
            return verdict
        return replace(verdict, action="allow", outcome=None, replacement=None)
