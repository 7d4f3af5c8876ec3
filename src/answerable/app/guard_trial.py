"""What each guard says of a text, by itself and with its time: for `guard test`. Nothing is searched or kept."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Literal

from answerable.answer.guarding import Guards
from answerable.app.gateway import open_gateway
from answerable.app.guarding import make_guards
from answerable.app.guards_outside import USE, open_outside
from answerable.app.project import Project
from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.ports import Guard
from answerable.core.query import Query
from answerable.core.verdict import Verdict

Stage = Literal["question", "answer"]
_RANK = ("block", "mask", "flag", "allow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One guard's verdict and its time in milliseconds."""

    verdict: Verdict
    ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """All guards on one text, each on what those before it left. `left`: the text after every mask."""

    text: str
    left: str
    said: tuple[Said, ...]

    @property
    def action(self) -> str:
        """The strictest."""
        return min((one.verdict.action for one in self.said), key=_RANK.index, default="allow")

    @property
    def blocked(self) -> Verdict | None:
        """The first that blocked: the one that decides."""
        return next((one.verdict for one in self.said if one.verdict.action == "block"), None)


@asynccontextmanager
async def open_guards(project: Project) -> AsyncIterator[Guards]:
    """As they serve, with whom they ask; no database is needed. Raises ConfigError."""
    async with AsyncExitStack() as stack:
        judge = None
        if project.settings.guard.judged:
            judge = (await stack.enter_async_context(open_gateway(project))).route(USE)
        yield make_guards(project, open_outside(project, judge, stack))


async def trial(
    guards: Sequence[Guard],
    text: str,
    *,
    stage: Stage = "question",
    tenant: str = "default",
    language: str = "en",
    clock: Callable[[], float] = time.perf_counter,
) -> Trial:
    """Every guard of the stage speaks, also after one that blocks, so that all of them are seen."""
    query = Query(text=text if stage == "question" else "", tenant=tenant, language=language)
    answer = Answer(id="", trace_id="", text=text, outcome=Outcome.ANSWERED, language=language)
    said = []
    for guard in guards:
        if guard.stage not in (stage, "both"):
            continue
        started = clock()
        verdict = await guard.check(query, answer if stage == "answer" else None)
        said.append(Said(verdict=verdict, ms=(clock() - started) * 1000.0))
        if verdict.replacement is not None:
            query = replace(query, text=verdict.replacement) if stage == "question" else query
            answer = replace(answer, text=verdict.replacement)
    return Trial(text=text, left=query.text if stage == "question" else answer.text, said=tuple(said))
