"""The main path: a question in, a checked answer or an honest non-answer out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from answerable.answer.abstention import Answerability, Judgement
from answerable.answer.checking import Check, Checking, by_words
from answerable.answer.composition import Composition
from answerable.answer.conclusion import conclude, paid_for
from answerable.answer.conditions import unknown_names, unknown_share
from answerable.answer.conflict import Conflict, find_conflict
from answerable.answer.context import build_context
from answerable.answer.disagreement import disagree
from answerable.answer.extractive import Extractive
from answerable.answer.followup import standalone
from answerable.answer.frozen import passage_row
from answerable.answer.generation import Writer, Written
from answerable.answer.guarding import Guards, outcome_of
from answerable.answer.nonanswer import NonAnswers
from answerable.answer.ranking import Ranked, group_rows, keep, rank, with_parents
from answerable.answer.recorded import is_accepted, look_up, recorded_conflict, settled
from answerable.answer.rendering import Renderer
from answerable.answer.retrieval import Found, Retriever
from answerable.answer.seam import seam
from answerable.answer.sources import preview
from answerable.answer.terms import settle_terms
from answerable.answer.trace_rows import (
    attempt_rows,
    candidate_rows,
    generation_row,
    judgement_row,
    verdict_rows,
)
from answerable.core import trace as tracing
from answerable.core.answer import Answer
from answerable.core.conflict import DocumentConflict
from answerable.core.errors import AnswerableError, Broken, DeadlineExceeded, ModelError, Unreachable
from answerable.core.events import Accepted, Done, Listener, Sources, Stage, Text, ignore
from answerable.core.identity import random_id
from answerable.core.outcome import Outcome
from answerable.core.passage import Passage
from answerable.core.ports import LLM, Conflicts, Journal, Reranker
from answerable.core.prompt import ContextBlock, Rendered
from answerable.core.query import Query
from answerable.core.trace import Trace, skip, step
from answerable.text.language import detect_language
from answerable.text.stems import stems

MOSTLY_UNKNOWN = 0.4  # of the question: it is about a thing that no page knows
RERANK_KEEP_S = 0.4  # with less than this left, the fused order has to do


@dataclass(frozen=True, slots=True, kw_only=True)
class AskLimits:
    """Defaults: docs/decisions/0003-default-numbers.md."""

    top_k: int = 10
    keep: int = 5
    per_document: int | None = None  # of the kept passages, while other documents have something to say
    context_tokens: int = 2000
    citations_per_sentence: int = 2
    input_chars: int = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """A frozen set of ports; a variant is `replace(asker, reranker=KeepOrder())`."""

    retriever: Retriever
    reranker: Reranker
    llm: LLM
    renderer: Renderer
    extractive: Extractive
    guards: Guards
    answerability: Answerability
    non_answers: NonAnswers
    journal: Journal | None = None
    limits: AskLimits = AskLimits()
    languages: tuple[str, ...] = ("en",)
    default_language: str = "en"
    timezone: str = "UTC"
    on_conflict: str = "show_both"  # show_both | newest | source_priority
    source_priority: tuple[str, ...] = ()  # sources, the one that counts most first
    conflicts: Conflicts | None = None  # those recorded; without them only what the context shows
    verify: bool = True
    check: Check = by_words  # of each sentence against what it cites
    day: date | None = None  # that counts as today, for a replay; None: the calendar's

    async def ask(self, query: Query, *, listen: Listener = ignore) -> Answer:
        """Answer the question; every refusal and failure is an Answer with its outcome. Leaves a trace."""
        trace = Trace(tenant=query.tenant)
        token = tracing.current.set(trace)
        request = _Request(asker=self, listen=listen, id=random_id("an"))
        try:
            await listen(
                Accepted(id=request.id, trace_id=trace.id, deadline_ms=round(query.deadline.remaining_s * 1000))
            )
            query = self.settled(query)
            answer = await request.answer_in_time(query)
        finally:
            tracing.current.reset(token)
        answer = request.complete(answer, trace)
        request.write_down(query, answer, trace)
        await listen(Done(answer=answer))
        return answer

    async def search(self, query: Query, *, limit: int) -> list[Passage]:
        """Retrieval alone, best first."""
        return list((await self.explain(query, limit=limit)).passages)

    async def explain(self, query: Query, *, limit: int) -> Found:
        """Retrieval alone, with how the question was read; passages and each part's best as they were ranked."""
        query = self.settled(query)
        found = await self.retriever.find(query, standalone(query))
        ranked = await rank(self.reranker, query, found, limit=limit)
        kept = keep(ranked, limit=limit, per_document=self.limits.per_document)
        return replace(found, passages=tuple(kept), groups=ranked.groups)

    def today(self) -> date:
        """The day it is where the project is."""
        return self.day or datetime.now(ZoneInfo(self.timezone)).date()

    def settled(self, query: Query) -> Query:
        """The query with its language decided."""
        if query.language:
            return query
        language = detect_language(query.text[:2000], self.languages, default=self.default_language)
        return replace(query, language=language)


@dataclass(slots=True, kw_only=True)
class _Request:
    """One question on its way through. Holds what the steps hand on besides the answer itself."""

    asker: Asker
    listen: Listener
    id: str
    rendered: Rendered | None = None
    kept: Query | None = None  # the question as the guards left it: what may be written down

    async def answer_in_time(self, query: Query) -> Answer:
        """The answer, or the honest failure, within the deadline."""
        try:
            async with asyncio.timeout(query.deadline.remaining_s):
                return await self.answer(query)
        except (TimeoutError, DeadlineExceeded):
            return self.asker.non_answers.make(query, Outcome.FAILED, key="failed.deadline")
        except AnswerableError as error:
            with step("failure") as one:
                one.status = "error"
                one.detail.update(code=error.code, message=str(error), hint=error.hint)
            return self.asker.non_answers.make(query, Outcome.FAILED)

    async def answer(self, query: Query) -> Answer:
        query, refusal = await self._guard_question(query)
        if refusal:
            return refusal
        found = await self._retrieve(query)  # embed; dense ∥ lexical; fuse
        ranked = await self._rerank(query, found)
        found = replace(found, weights=settle_terms(found.weights, ranked))
        judgement = self._judge(query, ranked, found)
        if not judgement.answerable:  # calibrated; nothing is generated
            return self._abstain(query, ranked, judgement)
        context = build_context(ranked, budget=self.asker.limits.context_tokens)
        unknown = unknown_names(query.text, context, language=query.language)
        if unknown_share(unknown, found.weights, language=query.language) >= MOSTLY_UNKNOWN:
            return self.asker.non_answers.make(query, Outcome.ABSTAINED, closest=ranked)
        await self.listen(Sources(citations=preview(context, today=self.asker.today())))
        if conflict := await self._conflict(query, context, found):
            return await self._disagree(query, context, conflict)
        written = await self._write(query, context, found)  # every sentence against its passage
        return await self._guard_answer(query, written) or await self._conclude(query, context, written, unknown)

    async def _guard_question(self, query: Query) -> tuple[Query, Answer | None]:
        await self.listen(Stage(name="guarding"))
        with step("guard_question") as one:
            checked = await self.asker.guards.question(query)
            one.detail["verdicts"] = verdict_rows(checked.verdicts)
        make = self.asker.non_answers.make
        values = {"length": str(len(query.text)), "limit": str(self.asker.limits.input_chars)}
        self.kept = query = replace(query, text=checked.text)
        if blocked := checked.blocked:
            return query, make(query, outcome_of(blocked), values=values, verdicts=checked.verdicts)
        if not stems(standalone(query), query.language):
            return query, make(query, Outcome.CLARIFY, verdicts=checked.verdicts)
        return query, None

    async def _retrieve(self, query: Query) -> Found:
        await self.listen(Stage(name="retrieving"))
        with step("retrieve") as one:
            found = await self.asker.retriever.find(query, standalone(query))
            one.detail["weights"] = dict(found.weights)
        return found

    async def _rerank(self, query: Query, found: Found) -> list[Passage]:
        limits = self.asker.limits
        if found.chosen:
            return list(found.passages[: limits.keep])
        if query.deadline.remaining_s < RERANK_KEEP_S:
            skip("no_rerank")
            return keep(Ranked(passages=found.passages), limit=limits.keep, per_document=limits.per_document)
        with step("rerank") as one:
            ranked = await self._ranked(query, found)
            kept = keep(ranked, limit=limits.keep, per_document=limits.per_document)
            one.detail["candidates"] = candidate_rows(found.passages, ranked.passages, kept)
            one.detail["parts"] = group_rows(ranked, kept)
        return await with_parents(self.asker.retriever.store, query, found, kept)

    async def _ranked(self, query: Query, found: Found) -> Ranked:
        """In the reranker's order; in the order in which they were found, where it gives none."""
        try:
            return await rank(self.asker.reranker, query, found, limit=self.asker.limits.top_k)
        except (Unreachable, ModelError, DeadlineExceeded):
            skip("no_rerank")
            return Ranked(passages=found.passages[: self.asker.limits.top_k])

    def _judge(self, query: Query, ranked: Sequence[Passage], found: Found) -> Judgement:
        with step("answerable") as one:
            judgement = self.asker.answerability.judge(query, ranked, found.weights)
            bar = self.asker.answerability.bar(query.language)
            one.detail.update(judgement_row(judgement, bar.threshold))
            one.detail["passages"] = [passage_row(passage) for passage in ranked]  # enough to go on from here
        return judgement

    def _abstain(self, query: Query, ranked: Sequence[Passage], judgement: Judgement) -> Answer:
        if judgement.off_topic:
            return self.asker.non_answers.make(query, Outcome.OUT_OF_SCOPE)
        readable = [passage for passage in ranked if passage.language == query.language]
        return self.asker.non_answers.make(query, Outcome.ABSTAINED, closest=readable or ranked)

    async def _conflict(self, query: Query, context: Sequence[ContextBlock], found: Found) -> Conflict | None:
        """What the context itself shows comes first, then what was recorded; neither against an owner's word."""
        asker = self.asker
        with step("conflicts") as one:
            standing = await self._standing(query, context)
            conflict = find_conflict(context, found.weights)
            if conflict and (is_accepted(conflict, standing) or await self._both_stand(query, conflict)):
                conflict = None
            store = asker.retriever.store
            conflict = conflict or await recorded_conflict(standing, store, query, context, found.weights)
            if conflict:
                conflict = settled(conflict, on_conflict=asker.on_conflict, priority=asker.source_priority)
                one.detail.update(sides=[conflict.first.text, conflict.second.text], rule=conflict.rule)
        return conflict

    async def _both_stand(self, query: Query, conflict: Conflict) -> bool:
        """Whether the two were compared before, with all that their pages say, and found to be no conflict."""
        if self.asker.conflicts is None:
            return False
        try:
            with seam("conflicts"):
                return await self.asker.conflicts.both_stand(tenant=query.tenant, conflict_id=conflict.id)
        except Unreachable:
            return False

    async def _standing(self, query: Query, context: Sequence[ContextBlock]) -> tuple[DocumentConflict, ...]:
        if self.asker.conflicts is None:
            return ()
        try:
            with seam("conflicts"):
                return await look_up(self.asker.conflicts, query, context)
        except Unreachable:
            skip("no_recorded_conflicts")
            return ()

    async def _disagree(self, query: Query, context: Sequence[ContextBlock], conflict: Conflict) -> Answer:
        known = {block.n for block in context}
        sides = (conflict.first.block, conflict.second.block)
        context = [*context, *(block for block in sides if block.n not in known)]
        composition = self._composition(query, context)
        for one in disagree(composition, conflict, self.asker.non_answers.texts):
            await self.listen(Text(delta=one.delta, index=one.index, claim=one.claim, citations=one.new_citations))
        outcome = Outcome.ANSWERED if conflict.rule else Outcome.CONFLICT
        return self._finished(query, composition, outcome, context)

    async def _write(self, query: Query, context: Sequence[ContextBlock], found: Found) -> Written:
        await self.listen(Stage(name="generating"))
        self.rendered = self.asker.renderer.render(query, context, weights=found.weights, today=self.asker.today())
        writer = Writer(
            query=query,
            rendered=self.rendered,
            composition=self._composition(query, context),
            guards=self.asker.guards.bound_to(self.rendered),
            listen=self.listen,
            checking=self._checking(query),
        )
        with step("generate") as one:
            try:
                written = await writer.write(self.asker.llm, self.asker.extractive)
            except ModelError as error:
                one.detail["attempts"] = attempt_rows(error.attempts)
                raise
            one.detail.update(generation_row(written))
        return written

    async def _guard_answer(self, query: Query, written: Written) -> Answer | None:
        """A refusal when a guard stopped the writing."""
        if written.blocked is None:
            return None
        return self.asker.non_answers.make(query, outcome_of(written.blocked), verdicts=written.verdicts)

    async def _conclude(
        self, query: Query, context: Sequence[ContextBlock], written: Written, unknown: Sequence[str]
    ) -> Answer:
        composition = written.composition
        passages = [block.passage for block in context]
        if not composition.claims:
            key = "abstained.unsupported" if composition.withheld else ""
            abstained = self.asker.non_answers.make(query, Outcome.ABSTAINED, key=key, closest=passages)
            return paid_for(replace(abstained, withheld=tuple(composition.withheld)), written.completion)
        if all(claim.kind == "limit" for claim in composition.claims):
            abstained = self.asker.non_answers.make(query, Outcome.ABSTAINED, closest=passages)
            return paid_for(abstained, written.completion)
        limited = any(claim.kind == "limit" for claim in composition.claims)
        outcome = Outcome.PARTIAL if limited else Outcome.ANSWERED
        if unknown:
            say = self.asker.non_answers.texts.say
            note = composition.note(say("partial", query.language, {"names": ", ".join(unknown)}))
            await self.listen(Text(delta=note.delta, index=note.index, claim=note.claim, citations=()))
            outcome = Outcome.PARTIAL
        return self._finished(query, composition, outcome, context, written)

    def _finished(
        self,
        query: Query,
        composition: Composition,
        outcome: Outcome,
        context: Sequence[ContextBlock],
        written: Written | None = None,
    ) -> Answer:
        answer = conclude(
            query,
            composition,
            outcome=outcome,
            passages=[block.passage for block in context],
            texts=self.asker.non_answers.texts,
            completion=written.completion if written else None,
            verdicts=written.verdicts if written else (),
        )
        ways = (
            self.asker.non_answers.ways(Outcome.ABSTAINED, query.language)
            if outcome is not Outcome.ANSWERED
            else ()
        )
        return replace(answer, next_steps=ways)

    def _checking(self, query: Query) -> Checking | None:
        if not self.asker.verify:
            return None
        return Checking(check=self.asker.check, deadline=query.deadline, language=query.language)

    def _composition(self, query: Query, context: Sequence[ContextBlock]) -> Composition:
        return Composition(
            blocks=context,
            language=query.language,
            today=self.asker.today(),
            per_sentence=self.asker.limits.citations_per_sentence,
            verify=self.asker.verify,
        )

    def write_down(self, query: Query, answer: Answer, trace: Trace) -> None:
        """Hand the trace to the journal. One that breaks costs nobody the answer: the log has its cause."""
        if self.asker.journal is not None:
            with suppress(Broken), seam("journal"):
                self.asker.journal.write(trace, self.kept or query, answer, self.rendered)

    def complete(self, answer: Answer, trace: Trace) -> Answer:
        """The answer with what only the whole request knows."""
        rendered = self.rendered
        degraded = tuple(dict.fromkeys((*trace.degraded, *answer.degraded)))
        covered = answer.outcome.answers and not degraded  # calibrated is the whole way, no cheaper one
        bar = self.asker.answerability.bar(answer.language)
        certificate = bar.certificate_at(datetime.now(UTC)) if covered else ""
        return replace(
            answer,
            id=self.id,
            trace_id=trace.id,
            degraded=degraded,
            confidence=replace(answer.confidence, certificate=certificate),
            timing_ms=trace.timing_ms(),
            prompt=(rendered.prompt_id, rendered.version, rendered.sha256) if rendered else None,
            index=self.asker.retriever.embedder.model.key,
        )
