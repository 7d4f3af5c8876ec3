"""A draft of a prompt at work: asked one question, or run on the suite. Nothing of it is served to anybody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from answerable.answer.ask import Asker
from answerable.answer.extractive import NAME
from answerable.answer.record import answer_record
from answerable.answer.trial import as_configured
from answerable.app.caching import without_cache
from answerable.app.prompts.sandbox import Draft
from answerable.app.prompts.scratch_runs import ScratchRuns
from answerable.app.system import System
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import ConfigError
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.core.query import Query
from answerable.prompts.prompt import Prompt

if TYPE_CHECKING:
    from answerable.evals.behavior.results import Results
    from answerable.evals.gate.report import Report
    from answerable.evals.gate.search_first import Stopped

AGAIN = "answerable ci run"  # on the branch: the runs of a sandbox are gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A route whose models' whole replies are told to somebody. What is quoted without a model is not a reply."""

    llm: LLM
    told: Callable[[str], None]

    @property
    def name(self) -> str:
        """The model's."""
        return self.llm.name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """As the model does."""
        completion = await self.llm.complete(rendered, deadline=deadline)
        self._hear(completion)
        return completion

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncIterator[str | Completion]:
        """As the model does."""
        async for piece in self.llm.stream(rendered, deadline=deadline):
            if isinstance(piece, Completion):
                self._hear(piece)
            yield piece

    def _hear(self, completion: Completion) -> None:
        if completion.provider != NAME:
            self.told(completion.text)


async def tried(system: System, draft: Draft, query: Query) -> dict[str, Any]:
    """The answer that this draft gives to a question, and the model's own words. No trace of it is kept.

    Raises ConfigError for a draft that is no answer prompt.
    """
    heard: list[str] = []
    asker = _asker(system, _answers(draft))
    asker = replace(asker, llm=Heard(llm=asker.llm, told=heard.append))
    answer = await asker.ask(query)
    return {"answer": answer_record(answer), "raw": heard, "asked": bool(heard)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """What a draft came to: behavior, and cases against what is served now. None: not run; `notes` say why."""

    behavior: Results | None
    compared: Report | Stopped | None
    notes: tuple[str, ...]


async def suite(system: System, draft: Draft, *, most: float, tell: Callable[[str], None]) -> Suite:
    """Behavior cases and the evaluation, with the draft in the place of what is served. `most`: money, in all."""
    prompt = draft.prompt
    if prompt is None:
        raise ConfigError(f"it is no prompt yet: {draft.fault}")
    notes: list[str] = []
    behavior = await _behavior(system, prompt, most / 2, notes, tell)
    compared = await _compared(system, prompt, most / 2, notes, tell)
    return Suite(behavior=behavior, compared=compared, notes=tuple(notes))


async def _behavior(
    system: System, prompt: Prompt, most: float, notes: list[str], tell: Callable[[str], None]
) -> Results | None:
    from answerable.app.behavior.behaving import Behaving, How  # only here: nobody else waits for the metrics
    from answerable.app.behavior.cases import cases_for

    cases = cases_for(system.project, prompt.id)
    llm = _model(system, prompt.route)
    if llm is None or not cases:
        notes.append(f"behavior was not tried: {'no case is there' if llm else 'no model is configured'}")
        return None
    done = 0

    def one_more() -> None:
        nonlocal done
        done += 1
        tell(f"behavior: {done} of {len(cases)} cases")

    how = How(most=Decimal(str(most)))
    return await Behaving.of(system.project, llm, how).run(prompt, cases, one_more)


async def _compared(
    system: System, prompt: Prompt, most: float, notes: list[str], tell: Callable[[str], None]
) -> Report | Stopped | None:
    from answerable.app.choosing import Wanted
    from answerable.app.evaluating import evaluate
    from answerable.app.gating import Gating, hold
    from answerable.evals.gate.sides import Side

    if prompt.route != "answer" or prompt.id != "answer":
        notes.append(f"the evaluation asks for answers: {prompt.id} is not compared")
        return None
    if target := system.settings.eval.target:
        notes.append(f"eval.target is {target}: a draft cannot be asked there")
        return None
    apart = replace(system, runs=ScratchRuns(kept=system.runs))
    served = replace(apart, asker=replace(without_cache(system.asker), choose=as_configured))
    try:
        tell("asking the cases with what is served now")
        finished = await evaluate(served, Wanted(label="what is served", max_cost=most / 2), tell=tell)
        base = Side(run=finished.run, rows=finished.rows)
        tell("asking the cases with the draft")
        head = replace(apart, asker=_asker(system, prompt))
        gating = Gating(base="served", wanted=Wanted(label=f"the draft {prompt.ref}", max_cost=most / 2))
        held = await hold(head, gating, base=base, tell=tell, tell_searches=lambda _: None)
        return replace(held, command=AGAIN)
    except ConfigError as error:
        notes.append(f"the cases were not compared: {error}")
        return None


def _asker(system: System, prompt: Prompt) -> Asker:
    """Answers with the draft alone: no cache, no rollout, no trace."""
    asker = without_cache(system.asker)
    renderer = replace(asker.renderer, prompt=prompt)
    return replace(asker, renderer=renderer, choose=as_configured, journal=None)


def _answers(draft: Draft) -> Prompt:
    if draft.prompt is None:
        raise ConfigError(f"it is no prompt yet: {draft.fault}")
    if draft.prompt.id != "answer":
        raise ConfigError(f"{draft.prompt.id} answers no question", hint="run it on its behavior cases")
    return draft.prompt


def _model(system: System, use: str) -> LLM | None:
    """What a prompt of this use is sent to; None where there is no model for it."""
    section = system.settings.routed(use)
    if section is None or all(name == NAME for name in section.chain):
        return None
    return system.gateway.route(use)
