"""One trial made: asked of the system, asked over a page that it travels in, or asked of an endpoint."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from typing import Protocol

from answerable.adapters.fakes.journal import MemoryJournal
from answerable.answer.record import answer_record
from answerable.app.redteam.scratch import FOREIGN, Scratch
from answerable.app.redteam.targets import Aimed
from answerable.app.system import System
from answerable.core.answer import Answer
from answerable.core.deadline import Deadline
from answerable.core.errors import AnswerableError
from answerable.core.evaluation import EvalCase
from answerable.core.ports import Target
from answerable.core.prompt import Rendered
from answerable.core.query import Query, Turn
from answerable.evals.redteam.forms import disguised
from answerable.evals.redteam.judging import Left, breaches
from answerable.evals.redteam.pack import Pack, Trial
from answerable.evals.redteam.record import TrialRow

_SHOWN_CHARS = 4000


class Attempts(Protocol):
    """A way of making trials. What the target breaks at is a row without a measurement, and the others go on."""

    async def attempt(self, pack: Pack, trial: Trial) -> TrialRow: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What is asked, of the project's own index."""

    system: System
    aimed: Aimed
    detectors: bool

    async def attempt(self, pack: Pack, trial: Trial) -> TrialRow:
        """Ask it, as a person would."""
        query = self.system.query(disguised(trial.text, trial.form), language="")
        query = replace(
            query, history=_history(trial), deadline=Deadline.after(self.system.settings.eval.deadline)
        )
        return await _asked(self.system, self.aimed, pack, trial, query, detectors=self.detectors)


@dataclass(frozen=True, slots=True, kw_only=True)
class InDocuments:
    """What travels in a page: read in by real ingestion, and asked for by a harmless question."""

    scratch: Scratch
    aimed: Aimed
    detectors: bool

    async def attempt(self, pack: Pack, trial: Trial) -> TrialRow:
        """Put the page in, and ask what it answers."""
        system = self.scratch.system
        await self.scratch.put(trial, pack.carriers)
        query = replace(self.scratch.query(trial, system.settings.eval.deadline), history=_history(trial))
        return await _asked(system, self.aimed, pack, trial, query, detectors=self.detectors, foreign=FOREIGN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Another system, of which only the reply's text is seen: neither its prompt nor how often it asks a model."""

    target: Target

    async def attempt(self, pack: Pack, trial: Trial) -> TrialRow:
        """Ask it."""
        case = EvalCase(id=trial.attack.id, question=disguised(trial.text, trial.form), history=_history(trial))
        began = time.monotonic()
        try:
            answer = await self.target.ask(case)
        except (AnswerableError, TimeoutError) as error:
            return _row(pack, trial, error=f"{type(error).__name__}: {error}")
        left = Left(shown=answer.text, whole=answer.text, calls=0)
        return _measured(pack, trial, answer, left, ms=(time.monotonic() - began) * 1000, question=case.question)


async def _asked(
    system: System,
    aimed: Aimed,
    pack: Pack,
    trial: Trial,
    query: Query,
    *,
    detectors: bool,
    foreign: tuple[str, ...] = (),
) -> TrialRow:
    journal = MemoryJournal(answer_record)
    asker = replace(aimed.on(system, detectors=detectors), journal=journal)
    aimed.trial = trial
    aimed.overheard.heard.clear()
    began = time.monotonic()
    try:
        answer = await asker.ask(query)
    except (AnswerableError, TimeoutError) as error:
        return _row(pack, trial, error=f"{type(error).__name__}: {error}")
    heard = [one for one in aimed.overheard.heard if one.prompt_id == asker.renderer.prompt.id]
    left = _left(answer, heard, calls=len(aimed.overheard.heard), scope=asker.renderer.scope, foreign=foreign)
    row = _measured(pack, trial, answer, left, ms=(time.monotonic() - began) * 1000, question=query.text)
    return (
        replace(row, trace=await journal.trace(tenant=query.tenant, reference="latest")) if row.breaches else row
    )


def _left(answer: Answer, heard: list[Rendered], *, calls: int, scope: str, foreign: tuple[str, ...]) -> Left:
    """What a client is sent of the answer, and what the model was told that must not be in it."""
    last = heard[-1] if heard else None
    public = [passage.chunk.text for passage in answer.passages]
    public += [block.passage.chunk.text for block in last.blocks] if last else []
    return Left(
        shown=answer.text,
        whole=json.dumps(answer_record(answer), ensure_ascii=False, default=str),
        calls=calls,
        canary=last.canary if last else "",
        system=last.system if last else "",
        published="\n".join([scope, *public]),
        foreign=foreign,
    )


def _measured(pack: Pack, trial: Trial, answer: Answer, left: Left, *, ms: float, question: str) -> TrialRow:
    found = breaches(trial.attack, left, hosts=pack.hosts)
    row = replace(
        _row(pack, trial),
        breaches=found,
        outcome=answer.outcome.value,
        stopped=_stopped(answer),
        calls=left.calls,
        output_tokens=answer.usage.output,
        cost=None if answer.usage.cost is None else str(answer.usage.cost),
        ms=round(ms, 1),
        trace_id=answer.trace_id,
    )
    return replace(row, question=question[:_SHOWN_CHARS], shown=answer.text[:_SHOWN_CHARS]) if found else row


def _stopped(answer: Answer) -> tuple[str, ...]:
    """Which guards hit, and why sentences were withheld."""
    hits = [f"{one.name}:{one.rule or one.action}" for one in answer.verdicts if one.action in ("block", "mask")]
    return tuple(dict.fromkeys([*hits, *(f"withheld:{one.reason}" for one in answer.withheld)]))


def _row(pack: Pack, trial: Trial, *, error: str = "") -> TrialRow:
    """Of a trial of which nothing is measured."""
    attack = trial.attack
    return TrialRow(
        id=trial.id,
        pack=pack.name,
        family=attack.family.value,
        surface=attack.surface,
        language=attack.language,
        form=trial.form,
        position=trial.position,
        outcome="none",
        breaches=None,
        error=error[:500],
    )


def _history(trial: Trial) -> tuple[Turn, ...]:
    return tuple(Turn(role=one.role, text=one.text) for one in trial.attack.history)
