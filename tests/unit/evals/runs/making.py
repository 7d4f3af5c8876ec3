"""Cases, rows and targets for the tests of runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from answerable.core.answer import Answer, Withheld
from answerable.core.completion import Usage
from answerable.core.document import Chunk
from answerable.core.errors import AnswerableError
from answerable.core.evaluation import EvalCase, Expectation, Run, Score, Status
from answerable.core.identity import random_id
from answerable.core.outcome import Outcome
from answerable.core.passage import Passage
from answerable.evals.runs.making import measured_row
from answerable.evals.runs.plan import Asked, Plan
from answerable.testing.runs import make_run

FINGERPRINT = {"prompts": "p1", "code": "c1"}


def case(id: str = "a", *, tags: tuple[str, ...] = ("obvious",), **expect: object) -> EvalCase:  # noqa: A002
    wanted = Expectation(**{"outcome": Outcome.ANSWERED, "must": ("30 days",), **expect})  # type: ignore[arg-type]
    return EvalCase(id=id, question=f"What about {id}?", tags=tags, expect=wanted)


def answer(text: str = "Within 30 days [1].", **changes: object) -> Answer:
    bare = Answer(
        id=random_id("an"),
        trace_id="",
        text=text,
        outcome=Outcome.ANSWERED,
        passages=(passage(),),
        withheld=(Withheld(text="A guess.", reason="uncited"),),
        usage=Usage(input=10, output=5, cost=Decimal("0.01")),
    )
    return replace(bare, **changes)  # type: ignore[arg-type]


def passage(uri: str = "returns.md", text: str = "Within 30 days.") -> Passage:
    chunk = Chunk(document_id="doc_1", start=0, end=len(text), text=text, headings=("Returns", "Limits"))
    return Passage(chunk=chunk, score=0.5, title="Returns", uri=uri)


def plan(*cases: EvalCase, repeats: int = 1, **fingerprint: str) -> Plan:
    return Plan(
        suite="evals/cases",
        target="fake",
        cases=cases,
        repeats=repeats,
        fingerprint={**FINGERPRINT, **fingerprint},
    )


def run_of(of: Plan, id: str = "er_1") -> Run:  # noqa: A002
    return make_run(
        id=id,
        tenant="acme",
        cases=tuple(one.id for one in of.cases),
        repeats=of.repeats,
        fingerprint=of.fingerprint,
        detail={"plan": of.id},
    )


def row(of: EvalCase | None = None, scores: tuple[Score, ...] = (), repeat: int = 0, **changes: object):
    """A row of an answer with these scores; further changes are the row's."""
    asked = Asked(case=of or case(), repeat=repeat, key=f"k{repeat}")
    made = measured_row(asked, answer(), scores, record=record, latency_ms=10.0)
    return replace(made, **changes)  # type: ignore[arg-type]


def good(name: str = "must") -> Score:
    return Score(name=name, value=1.0, passed=True)


def bad(name: str = "must", reason: str = "missing: 30 days", **detail: object) -> Score:
    return Score(name=name, value=0.0, passed=False, reason=reason, detail=detail)


def record(one: Answer) -> dict[str, object]:
    return {"id": one.id, "trace": one.trace_id, "text": one.text, "degraded": list(one.degraded), "sources": []}


@dataclass
class FakeTarget:
    """Says what `says` gives; `before` is awaited first, and may raise."""

    says: Callable[[EvalCase], Answer] = lambda _: answer()
    found: list[Passage] | None = None
    asked: list[str] = field(default_factory=list)
    at_once: int = 0
    most: int = 0
    name: str = "fake"

    async def ask(self, case: EvalCase) -> Answer:
        self.asked.append(case.id)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await asyncio.sleep(0)
            return self.says(case)
        finally:
            self.at_once -= 1

    async def search(self, case: EvalCase, *, limit: int) -> list[Passage] | None:
        return self.found


@dataclass(frozen=True)
class Says:
    """A metric that passes an answer which holds its words."""

    words: str = "30 days"
    name: str = "must"

    async def score(self, case: EvalCase, answer: Answer) -> Score:
        held = self.words in answer.text
        return Score(name=self.name, value=float(held), passed=held)


@dataclass(frozen=True)
class Breaks:
    """A metric that raises."""

    name: str = "broken"

    async def score(self, case: EvalCase, answer: Answer) -> Score:
        raise ZeroDivisionError("by zero")


def unmeasured(name: str = "must") -> Score:
    return Score(name=name, status=Status.ERROR, reason="broke")


def failing_on(*ids: str) -> Callable[[EvalCase], Answer]:
    """Raises for these cases."""

    def says(case: EvalCase) -> Answer:
        if case.id in ids:
            raise AnswerableError(f"{case.id} broke", hint="mend it")
        return answer()

    return says
