"""Moderation by an endpoint that speaks OpenAI's /v1/moderations, as a guard over questions and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from answerable.adapters.models.channel import Channel
from answerable.adapters.models.pace import within
from answerable.adapters.models.provider import Provider
from answerable.core.answer import Answer
from answerable.core.errors import PermanentModelError
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.core.verdict import Verdict

PATH = "/moderations"
_NEEDS_A_PERSON = ("self-harm", "self-harm/intent")  # whoever speaks of it gets a person, not a refusal
Mode = Literal["block", "flag", "off"]


class _Result(BaseModel):
    """Keys beyond these are the vendor's own."""

    model_config = ConfigDict(extra="ignore", strict=True)

    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float] = {}


class _Reply(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    results: list[_Result] = Field(min_length=1, max_length=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moderator:
    """One endpoint with its connections. Close it at the end."""

    provider: Provider
    channel: Channel

    @classmethod
    def open(cls, provider: Provider) -> Moderator:
        """With connections of its own."""
        headers = {"authorization": f"Bearer {provider.api_key}"} if provider.api_key else {}
        return cls(provider=provider, channel=Channel(provider, headers=headers))

    async def look(self, text: str, query: Query) -> dict[str, float]:
        """The categories that it finds, the surest first, each with a score in [0, 1]. Nothing is asked twice.

        Raises TransientModelError and PermanentModelError, the latter also for a reply that is none.
        """
        body = {"model": self.provider.model, "input": text.encode("utf-8", "replace").decode()}
        reply = await within(self.channel.post(PATH, body), provider=self.provider, deadline=query.deadline)
        try:
            result = _Reply.model_validate_json(reply).results[0]
        except ValidationError as exc:
            raise PermanentModelError(f"{self.provider.name}: the reply is no moderation") from exc
        found = {name: result.category_scores.get(name, 1.0) for name, hit in result.categories.items() if hit}
        if result.flagged and not found:
            found = {"flagged": 1.0}
        return dict(sorted(found.items(), key=lambda one: -one[1]))

    async def aclose(self) -> None:
        """Close every connection."""
        await self.channel.aclose()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModerationGuard:
    """Blocks or flags what the endpoint flags; intended self-harm in a question is escalated to a person."""

    moderator: Moderator
    question: Mode = "off"
    answer: Mode = "off"
    ignore: frozenset[str] = frozenset()  # categories
    name: str = "moderation"
    stage: Literal["question", "answer", "both"] = "both"
    fails: Literal["open", "closed"] = "closed"

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        """`rule` is the surest category. Raises what the endpoint's failure is: the fuse decides what follows."""
        mode, text = (self.question, query.text) if answer is None else (self.answer, answer.text)
        if mode == "off" or not text.strip():
            return Verdict(name=self.name, passed=True)
        found = await self.moderator.look(text, query)
        counted = {name: score for name, score in found.items() if name not in self.ignore}
        if not counted:
            return Verdict(name=self.name, passed=True)
        rule, score = next(iter(counted.items()))
        person = answer is None and any(name in counted for name in _NEEDS_A_PERSON)
        outcome = Outcome.ESCALATED if person else Outcome.BLOCKED
        return Verdict(
            name=self.name,
            score=min(1.0, max(0.0, score)),
            passed=False,
            action=mode,
            outcome=outcome if mode == "block" else None,
            rule=rule,
            reason=f"the moderation endpoint says: {', '.join(list(counted)[:4])}",
        )
