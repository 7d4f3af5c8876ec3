"""Two answers to one question, compared in both orders: a preference that depends on the order is none.

Judges prefer a place: GPT-4 was consistent on 65 % of swapped pairs (Zheng et al. 2023, arXiv:2306.05685,
table 2).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from answerable.core.errors import AnswerableError
from answerable.evals.judges.criterion import Criterion
from answerable.evals.judges.defusing import readable
from answerable.evals.judges.identity import identity_of
from answerable.evals.judges.interview import Interviewer
from answerable.evals.judges.material import Material
from answerable.evals.judges.memory import Memory
from answerable.evals.stats.estimate import Estimate
from answerable.evals.stats.proportions import wilson

PAIR_VERDICTS = ("FIRST", "SECOND", "SAME")


class Preferred(StrEnum):
    """Which answer serves the criterion better."""

    A = "a"
    B = "b"
    TIE = "tie"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """`preferred` None: unmeasured, `error` says why. `flipped`: it changed with the order, and so it is a tie."""

    preferred: Preferred | None = None
    flipped: bool = False
    why: tuple[str, ...] = ()  # in either order
    error: str = ""
    cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """One order's verdict; empty: none."""

    verdict: str = ""
    why: str = ""
    error: str = ""
    cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairwise:
    """Compares by one criterion, with the prompt `judge-pair`."""

    criterion: Criterion
    interviewer: Interviewer
    memory: Memory

    async def compare(self, a: Material, b: Material) -> Preference:
        """Raises ValueError where the questions differ, and otherwise nothing but cancellation."""
        if a.question != b.question:
            raise ValueError("two answers are compared only to the same question")
        if not_asked := a.without(self.criterion) or b.without(self.criterion):
            return Preference(error=not_asked)
        async with asyncio.TaskGroup() as group:
            there = group.create_task(self._ask(a, b))
            back = group.create_task(self._ask(b, a))
        return _joined(there.result(), back.result())

    async def _ask(self, first: Material, second: Material) -> _Said:
        parts = list(pair_parts(first, second, self.criterion.shows))
        identity = identity_of(self.criterion, self.interviewer.renderer.prompt, self.interviewer.model)
        key = identity.key([[heading, readable(text)] for heading, text in parts], repeat=0)
        try:
            async with self.memory.turn(key):
                if (known := await self.memory.recall(key)) is not None:
                    return _Said(verdict=known["verdict"], why=known["why"])
                heard = await self.interviewer.ask(self.criterion, parts, verdicts=PAIR_VERDICTS)
                if heard.reply is None:
                    return _Said(error=heard.error, cost=heard.cost)
                await self.memory.keep(key, {"verdict": heard.reply.verdict, "why": heard.reply.why})
                return _Said(verdict=heard.reply.verdict, why=heard.reply.why, cost=heard.cost)
        except AnswerableError as error:  # the memory's
            return _Said(error=str(error))


def flip_rate(preferences: Sequence[Preference]) -> Estimate | None:
    """The share of measured pairs whose preference changed with the order, Wilson. None: nothing was measured."""
    measured = [one for one in preferences if one.preferred is not None]
    if not measured:
        return None
    flips, n = sum(one.flipped for one in measured), len(measured)
    return Estimate(value=flips / n, interval=wilson(flips, n), n=n, method="wilson")


def pair_parts(first: Material, second: Material, shows: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The question once, then each answer with its own passages."""
    yield from first.parts([one for one in shows if one in ("question", "reference")])
    for place, material in (("FIRST", first), ("SECOND", second)):
        for heading, text in material.parts([one for one in shows if one in ("context", "answer")]):
            yield f"{place}: {heading}", text


def _joined(there: _Said, back: _Said) -> Preference:
    """`there` saw a first, `back` saw b first."""
    cost = there.cost + back.cost
    if error := there.error or back.error:
        return Preference(error=error, cost=cost)
    one = {"FIRST": Preferred.A, "SECOND": Preferred.B}.get(there.verdict, Preferred.TIE)
    other = {"FIRST": Preferred.B, "SECOND": Preferred.A}.get(back.verdict, Preferred.TIE)
    flipped = one is not other
    return Preference(
        preferred=Preferred.TIE if flipped else one, flipped=flipped, why=(there.why, back.why), cost=cost
    )
