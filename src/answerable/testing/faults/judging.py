"""Faulty judges of what may be shown: the check of sentences, and guards."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from answerable.answer.checking import Check
from answerable.answer.verification import Support
from answerable.core.answer import Answer
from answerable.core.errors import Unreachable
from answerable.core.outcome import Outcome
from answerable.core.passage import Passage
from answerable.core.ports import Guard
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.testing.faults.fault import Fault
from answerable.testing.faults.harm import Harm

SUPPORTS: Mapping[str, Any] = MappingProxyType(
    {
        "text": "yes",
        "not-a-bool": Support(supported="yes"),  # type: ignore[arg-type]
        "nan": Support(supported=True, overlap=math.nan),
        "out-of-range": Support(supported=True, overlap=17.0),
        "true": True,
    }
)
VERDICTS: Mapping[str, Any] = MappingProxyType(
    {
        "unknown-action": Verdict(name="drill", action="wave through"),
        "mask-without-text": Verdict(name="drill", action="mask"),
        "block-as-answer": Verdict(name="drill", action="block", outcome=Outcome.ANSWERED),
        "unknown-outcome": Verdict(name="drill", action="block", outcome="fine"),  # type: ignore[arg-type]
        "nan": Verdict(name="drill", score=math.nan),
        "text": "allow",
        "true": True,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyCheck:
    """A Check of sentences that fails as told."""

    inner: Check
    harm: Harm

    async def __call__(self, sentence: str, passages: Sequence[Passage], language: str) -> Support:
        """As the harm says, or the inner one's."""
        await self.harm.strike(Unreachable("a drill: no check of sentences answers"))
        if self.harm.fault is Fault.EMPTY:
            return None  # type: ignore[return-value]
        if self.harm.fault is Fault.GARBAGE:
            return SUPPORTS[self.harm.variant or "text"]  # type: ignore[no-any-return]
        return await self.inner(sentence, passages, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyGuard:
    """A Guard that fails as told, at one stage; it declares what the inner one declares."""

    inner: Guard
    harm: Harm
    at: Literal["question", "answer"] = "question"

    @property
    def name(self) -> str:
        """The inner one's."""
        return self.inner.name

    @property
    def stage(self) -> Literal["question", "answer", "both"]:
        """The inner one's."""
        return self.inner.stage

    @property
    def fails(self) -> Literal["open", "closed"]:
        """The inner one's."""
        return self.inner.fails

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        """As the harm says at its stage, else the inner one's."""
        if self.at != ("question" if answer is None else "answer"):
            return await self.inner.check(query, answer)
        await self.harm.strike(Unreachable("a drill: the guard does not answer"))
        if self.harm.fault is Fault.EMPTY:
            return None  # type: ignore[return-value]
        if self.harm.fault is Fault.GARBAGE:
            return VERDICTS[self.harm.variant or "unknown-action"]  # type: ignore[no-any-return]
        return await self.inner.check(query, answer)
