"""What a person would have got for a raw reply: the same verification and guards as in production."""

from __future__ import annotations

from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.models.recorded import Recorded
from answerable.answer.composition import Composition
from answerable.answer.generation import Writer
from answerable.answer.guarding import Guards, outcome_of
from answerable.answer.nonanswer import NonAnswers
from answerable.answer.release import Release
from answerable.answer.rungs import Rungs
from answerable.answer.texts import Texts
from answerable.app.behavior.putting import Put
from answerable.core.completion import Completion
from answerable.core.events import ignore
from answerable.core.outcome import Outcome
from answerable.core.verdict import Verdict


async def shown(put: Put, completion: Completion, guards: Guards) -> tuple[str, Outcome]:
    """Text and outcome. The guards of the question have their say first: what they stop no model is asked."""
    asked = await guards.question(put.query)
    if asked.blocked:
        return _refused(put, asked.blocked)
    composition = Composition(blocks=put.blocks, language=put.query.language, today=put.today)
    writer = Writer(
        query=put.query,
        rendered=put.rendered,
        release=Release(
            query=put.query,
            composition=composition,
            guards=guards.bound_to(put.rendered),
            listen=ignore,
        ),
        listen=ignore,
    )
    written = await writer.write(Recorded(completion=completion), Rungs(store=MemoryStore()))
    if written.blocked:
        return _refused(put, written.blocked)
    kinds = {claim.kind for claim in composition.claims}
    if not kinds - {"limit"}:
        return _non_answer(put, Outcome.ABSTAINED)
    return composition.text, Outcome.PARTIAL if "limit" in kinds else Outcome.ANSWERED


def _refused(put: Put, verdict: Verdict) -> tuple[str, Outcome]:
    return _non_answer(put, outcome_of(verdict))


def _non_answer(put: Put, outcome: Outcome) -> tuple[str, Outcome]:
    return NonAnswers(texts=Texts()).make(put.query, outcome).text, outcome
