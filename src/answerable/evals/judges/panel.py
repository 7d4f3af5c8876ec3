"""A panel: several models answer one criterion's question, and a rule makes one verdict of theirs."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal, Self

from answerable.core.answer import Answer
from answerable.core.evaluation import Answered, EvalCase, Score
from answerable.evals.judges.criterion import Criterion
from answerable.evals.judges.identity import JudgeIdentity, identity_of
from answerable.evals.judges.judge import Judge
from answerable.evals.judges.judgment import Judgment
from answerable.evals.judges.material import Material, material_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A Metric named `judge:<criterion>`. All members have the same criterion and prompt, none the same model."""

    members: tuple[Judge, ...]
    rule: Literal["majority", "unanimous"] = "majority"

    def __post_init__(self) -> None:
        models = [one.interviewer.model for one in self.members]
        if len(models) < 2 or len(set(models)) < len(models):
            raise ValueError("a panel has at least two members, each another model")

    @property
    def name(self) -> str:
        """Of its scores."""
        return self.members[0].name

    @property
    def criterion(self) -> Criterion:
        """What all members answer."""
        return self.members[0].criterion

    @property
    def identity(self) -> JudgeIdentity:
        """Which panel it is: its models, in any order, and its rule."""
        models = sorted(one.interviewer.model for one in self.members)
        return identity_of(self.criterion, self.members[0].interviewer.renderer.prompt, *models, rule=self.rule)

    def again(self, repeat: int) -> Self:
        """The same panel, asked for the (repeat + 1)-th time."""
        return replace(self, members=tuple(one.again(repeat) for one in self.members))

    async def score(self, case: EvalCase, answer: Answer) -> Score:
        """Raises nothing but cancellation."""
        return (await self.judge(material_of(case, answer))).score(self.identity)

    async def judge(self, material: Material) -> Judgment:
        """Every member is asked; one that fails leaves the answer unmeasured: it is no abstention."""
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(one.judge(material)) for one in self.members]
        said = tuple(one.result() for one in asked)
        if said[0].not_asked:
            return said[0]
        return _joined(said, self.rule)


def _joined(said: tuple[Judgment, ...], rule: str) -> Judgment:
    failed = [one.error for one in said if one.verdict is None]
    verdict = None if failed else decide([one.verdict for one in said if one.verdict], rule=rule)
    deciding = next((one for one in said if one.verdict is verdict), said[0])
    return Judgment(
        verdict=verdict,
        why=deciding.why if deciding.verdict is verdict else _split(said),
        evidence=deciding.evidence if deciding.verdict is verdict else (),
        error=f"{len(failed)} of {len(said)} members failed: {failed[0]}" if failed else "",
        models=tuple(model for one in said for model in one.models),
        cost=sum((one.cost for one in said), Decimal(0)),
        unpriced=any(one.unpriced for one in said),
        remembered=all(one.remembered for one in said),
        members=said,
    )


def decide(verdicts: Sequence[Answered], *, rule: str) -> Answered:
    """Majority: what more than half said. Unanimous: what all said. Otherwise UNSURE, whatever the order."""
    verdict, count = max(Counter(verdicts).items(), key=lambda one: one[1])
    enough = count == len(verdicts) if rule == "unanimous" else count * 2 > len(verdicts)
    return verdict if enough else Answered.UNSURE


def _split(said: tuple[Judgment, ...]) -> str:
    return "the panel is split: " + ", ".join(one.verdict.value if one.verdict else "failed" for one in said)
