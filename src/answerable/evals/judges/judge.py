"""A judge: one model that answers one criterion's question about an answer. Not a panel, see `panel.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

from answerable.core.answer import Answer
from answerable.core.errors import AnswerableError
from answerable.core.evaluation import Answered, EvalCase, Score
from answerable.evals.judges.criterion import Criterion
from answerable.evals.judges.identity import JudgeIdentity, identity_of
from answerable.evals.judges.interview import Heard, Interviewer
from answerable.evals.judges.judgment import PREFIX, Judgment, checked_evidence, from_record, to_record
from answerable.evals.judges.material import Material, material_of
from answerable.evals.judges.memory import Memory

VERDICTS = tuple(one.value for one in Answered)


class Judging(Protocol):
    """One judge or a panel of them, for one criterion."""

    @property
    def identity(self) -> JudgeIdentity: ...

    @property
    def criterion(self) -> Criterion: ...

    def again(self, repeat: int) -> Judging: ...

    async def judge(self, material: Material) -> Judgment: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A Metric named `judge:<criterion>`."""

    criterion: Criterion
    interviewer: Interviewer
    memory: Memory
    repeat: int = 0

    @property
    def name(self) -> str:
        """Of its scores."""
        return f"{PREFIX}{self.criterion.id}"

    @property
    def identity(self) -> JudgeIdentity:
        """Which judge it is."""
        return identity_of(self.criterion, self.interviewer.renderer.prompt, self.interviewer.model)

    def again(self, repeat: int) -> Self:
        """The same judge, asked for the (repeat + 1)-th time: what it said the other times is not looked up."""
        return replace(self, repeat=repeat)

    async def score(self, case: EvalCase, answer: Answer) -> Score:
        """Raises nothing but cancellation."""
        return (await self.judge(material_of(case, answer))).score(self.identity)

    async def judge(self, material: Material) -> Judgment:
        """From memory, else from the model. What cannot be judged comes back as an error, never as a verdict."""
        if not_asked := material.without(self.criterion):
            return Judgment(not_asked=not_asked)
        parts = list(material.parts(self.criterion.shows))
        key = self.identity.key(material.normal(self.criterion.shows), repeat=self.repeat)
        try:
            async with self.memory.turn(key):
                if (known := await self.memory.recall(key)) is not None:
                    return from_record(known)
                said = _said(await self.interviewer.ask(self.criterion, parts, verdicts=VERDICTS), parts)
                if said.verdict is not None:
                    await self.memory.keep(key, to_record(said))
                return said
        except AnswerableError as error:  # the memory's
            return Judgment(error=str(error))


def _said(heard: Heard, parts: Sequence[tuple[str, str]]) -> Judgment:
    reply = heard.reply
    return Judgment(
        verdict=Answered(reply.verdict) if reply else None,
        why=reply.why if reply else "",
        evidence=checked_evidence(reply.evidence, [text for _, text in parts]) if reply else (),
        error=heard.error,
        models=tuple(heard.models),
        cost=heard.cost,
        unpriced=heard.unpriced,
    )
