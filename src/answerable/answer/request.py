"""The main path: one question on its way through guards, search, ranking and writing, each step in its time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from answerable.answer.abstention import Judgement
from answerable.answer.checking import Checking
from answerable.answer.composition import Composition
from answerable.answer.conclusion import conclude, paid_for
from answerable.answer.conditions import unknown_names, unknown_share
from answerable.answer.conflict import Conflict
from answerable.answer.conflicting import Disagreement
from answerable.answer.context import build_context
from answerable.answer.deadlines import within
from answerable.answer.disagreement import disagree
from answerable.answer.frozen import passage_row
from answerable.answer.generation import NO_MODEL, Writer, Written
from answerable.answer.guarding import Guards, outcome_of
from answerable.answer.ranking import group_rows, keep, with_parents
from answerable.answer.release import Release
from answerable.answer.rendering import Renderer
from answerable.answer.retrieval import Found
from answerable.answer.seam import seam
from answerable.answer.sources import preview
from answerable.answer.terms import settle_terms
from answerable.answer.trace_rows import (
    attempt_rows,
    candidate_rows,
    generation_row,
    judgement_row,
)
from answerable.answer.trust import ONE_SOURCE, aside_rows, heard
from answerable.core import trace as tracing
from answerable.core.answer import Answer
from answerable.core.call import total
from answerable.core.degraded import NO_SECTIONS
from answerable.core.errors import (
    AnswerableError,
    Broken,
    BudgetExceeded,
    DeadlineExceeded,
    ModelError,
    Unreachable,
)
from answerable.core.events import Event, Listener, Sources, Stage, Text
from answerable.core.outcome import Outcome
from answerable.core.passage import LOW, Passage
from answerable.core.prompt import ContextBlock, Rendered
from answerable.core.query import Query
from answerable.core.trace import Trace, skip, step

if TYPE_CHECKING:
    from answerable.answer.ask import Asker

MOSTLY_UNKNOWN = 0.4  # of the question: it is about a thing that no page knows


@dataclass(slots=True, kw_only=True)
class Request:
    """One question on its way through. Holds what the steps hand on besides the answer itself."""

    asker: Asker
    listen: Listener
    id: str
    renderer: Renderer | None = None  # with the prompt of this question, which a rollout may decide: once
    rendered: Rendered | None = None
    kept: Query | None = None  # the question as the guards left it: what may be written down
    writer: Writer | None = None  # while and after it writes
    unknown: tuple[str, ...] = ()  # names of the question that no page knows
    first_text_ms: float | None = None
    over: bool = False

    async def answer_in_time(self, query: Query) -> Answer:
        """The answer, or the honest failure, within the deadline. What was shown is in it, however it ends."""
        try:
            return await within(query.deadline.remaining_s, self.answer(query))
        except (TimeoutError, DeadlineExceeded):
            self.over = True
            if self.writer is not None and (self.writer.composition.claims or self.writer.blocked):
                written = self.writer.cut()
                return self._guarded(query, written) or self._as_far_as(query, written)
            return self.asker.non_answers.make(query, Outcome.FAILED, key="failed.deadline")
        except AnswerableError as error:
            with step("failure") as one:
                one.status = "error"
                one.detail.update(code=error.code, message=str(error), hint=error.hint)
            key = "failed.budget" if isinstance(error, BudgetExceeded) else ""
            return self.asker.non_answers.make(query, Outcome.FAILED, key=key)

    async def answer(self, query: Query) -> Answer:
        """Each step in its own time; what a step cannot do in it, it does in its cheaper form."""
        self.renderer = self.asker.renderer_for(query)  # first: what is refused unasked counts for its arm, too
        query, refusal = await self._guard_question(query)
        if refusal:
            return refusal
        try:
            found = await self._retrieve(query)  # embed; dense ∥ lexical; fuse
        except (Unreachable, TimeoutError) as error:
            return await self._recall(query, error)
        ranked = await self._rerank(query, found)
        found = replace(found, weights=settle_terms(found.weights, ranked))
        ranked = self._hear(query, ranked, found)
        judgement = self._judge(query, ranked, found)
        if not judgement.answerable:  # calibrated; nothing is generated
            return self._abstain(query, ranked, judgement)
        context = build_context(ranked, budget=self.asker.limits.context_tokens)
        self.unknown = tuple(unknown_names(query.text, context, language=query.language))
        if unknown_share(self.unknown, found.weights, language=query.language) >= MOSTLY_UNKNOWN:
            return self.asker.non_answers.make(query, Outcome.ABSTAINED, closest=ranked)
        await self._tell(Sources(citations=preview(context, today=self.asker.today())))
        if conflict := await self._conflict(query, context, found):
            return await self._disagree(query, context, conflict)
        written = await self._write(query, context, found)  # every sentence against its passage
        return self._guarded(query, written) or await self._conclude(query, written)

    async def _tell(self, event: Event) -> None:
        """The listener hears nothing any more once the answer is made."""
        if self.over:
            return
        if isinstance(event, Text) and self.first_text_ms is None and (trace := tracing.current.get()):
            self.first_text_ms = trace.elapsed_ms()
        await self.listen(event)

    async def _guard_question(self, query: Query) -> tuple[Query, Answer | None]:
        await self._tell(Stage(name="guarding"))
        self.kept, refusal = await self.asker.reception.received(query)
        return self.kept, refusal

    async def _retrieve(self, query: Query) -> Found:
        await self._tell(Stage(name="retrieving"))
        with step("retrieve") as one:
            phrasing = await self.asker.phraser.phrase(query)
            found = await self.asker.retriever.find(query, phrasing.text, phrasing.parts)
            one.detail["weights"] = dict(found.weights)
        return found

    async def _recall(self, query: Query, error: Exception) -> Answer:
        """Nothing could be searched: what was said to the same question before, or the error."""
        if self.asker.earlier is None:
            raise error
        writer = self._writer(query, (), {})
        with step("recall"):
            written = await writer.recall(self.asker.rungs, error)
        return self._guarded(query, written) or await self._conclude(query, written)

    async def _rerank(self, query: Query, found: Found) -> list[Passage]:
        asker, limits = self.asker, self.asker.limits
        if found.chosen:
            return list(found.passages[: limits.keep])
        with step("rerank") as one:
            ranked = await asker.ranked(query, found, limit=limits.top_k)
            kept = keep(ranked, limit=limits.keep, per_document=limits.per_document)
            one.detail["candidates"] = candidate_rows(found.passages, ranked.passages, kept)
            one.detail["parts"] = group_rows(ranked, kept)
        try:
            sections = with_parents(asker.retriever.store, query, found, kept)
            return await asker.plan.within("sections", query.deadline, sections)
        except (Unreachable, TimeoutError):
            skip(NO_SECTIONS)
            return kept

    def _hear(self, query: Query, ranked: list[Passage], found: Found) -> list[Passage]:
        """Without the pages that nobody vouches for, where the others can answer."""
        if self.asker.two_sources == "off" or all(one.trust != LOW for one in ranked):
            return ranked
        with step("trust") as one:
            listened = heard(query, ranked, found.weights, self.asker.answerability)
            one.detail["aside"] = aside_rows(listened)
        return list(listened.passages)

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
        asker = self.asker
        disagreement = Disagreement(
            store=asker.retriever.store,
            conflicts=asker.conflicts,
            on_conflict=asker.on_conflict,
            source_priority=asker.source_priority,
            plan=asker.plan,
        )
        return await disagreement.find(query, context, found.weights)

    async def _disagree(self, query: Query, context: Sequence[ContextBlock], conflict: Conflict) -> Answer:
        known = {block.n for block in context}
        sides = (conflict.first.block, conflict.second.block)
        context = [*context, *(block for block in sides if block.n not in known)]
        release = self._release(query, context, self.asker.guards)  # nothing was asked of a model: no secrets
        composition = release.composition
        for one in disagree(composition, conflict, self.asker.non_answers.texts):
            await release.out(one)
            if release.blocked:
                break
        written = Written(
            composition=composition, completion=None, verdicts=release.verdicts, blocked=release.blocked
        )
        if refused := self._guarded(query, written):
            return refused
        if not composition.citations:
            return self.asker.non_answers.make(query, Outcome.ABSTAINED, closest=[one.passage for one in context])
        outcome = Outcome.ANSWERED if conflict.rule else Outcome.CONFLICT
        return self._finished(query, composition, outcome, written)

    async def _write(self, query: Query, context: Sequence[ContextBlock], found: Found) -> Written:
        await self._tell(Stage(name="generating"))
        writer = self._writer(query, context, found.weights)
        with step("generate") as one:
            try:
                written = await writer.write(self.asker.llm, self.asker.rungs)
            except NO_MODEL as error:
                one.detail["attempts"] = attempt_rows(error.attempts if isinstance(error, ModelError) else ())
                raise
            one.detail.update(generation_row(written))
        return written

    def _writer(self, query: Query, context: Sequence[ContextBlock], weights: Mapping[str, float]) -> Writer:
        asker = self.asker
        renderer = self.renderer or asker.renderer_for(query)
        self.rendered = renderer.render(query, context, weights=weights, today=asker.today())
        self.writer = Writer(
            query=query,
            rendered=self.rendered,
            release=self._release(query, context, asker.guards.bound_to(self.rendered)),
            listen=self._tell,
            checking=self._checking(query),
            plan=asker.plan,
        )
        return self.writer

    def _release(self, query: Query, context: Sequence[ContextBlock], guards: Guards) -> Release:
        return Release(
            query=query,
            composition=self._composition(query, context),
            guards=guards,
            listen=self._tell,
            plan=self.asker.plan,
        )

    def _checking(self, query: Query) -> Checking | None:
        if not self.asker.verify:
            return None
        asker = self.asker
        return Checking(check=asker.check, deadline=query.deadline, language=query.language, plan=asker.plan)

    def _guarded(self, query: Query, written: Written) -> Answer | None:
        """A refusal when a guard stopped the writing."""
        if written.blocked is None:
            return None
        return self.asker.non_answers.make(query, outcome_of(written.blocked), verdicts=written.verdicts)

    async def _conclude(self, query: Query, written: Written) -> Answer:
        composition = written.composition
        passages = [block.passage for block in composition.blocks]
        if not composition.claims:
            alone = any(one.reason == ONE_SOURCE for one in composition.withheld)
            key = "abstained.one_source" if alone else "abstained.unsupported" if composition.withheld else ""
            abstained = self.asker.non_answers.make(query, Outcome.ABSTAINED, key=key, closest=passages)
            return paid_for(replace(abstained, withheld=tuple(composition.withheld)), written.completion)
        if all(claim.kind == "limit" for claim in composition.claims):
            abstained = self.asker.non_answers.make(query, Outcome.ABSTAINED, closest=passages)
            return paid_for(abstained, written.completion)
        if composition.unconfirmed:
            note = composition.note(self.asker.non_answers.texts.say("one_source", query.language))
            await self._tell(Text(delta=note.delta, index=note.index, claim=note.claim, citations=()))
        if self.unknown:
            say = self.asker.non_answers.texts.say
            note = composition.note(say("partial", query.language, {"names": ", ".join(self.unknown)}))
            await self._tell(Text(delta=note.delta, index=note.index, claim=note.claim, citations=()))
        return self._as_far_as(query, written)

    def _as_far_as(self, query: Query, written: Written) -> Answer:
        """The answer that is written: a part of one, where it says so itself or time cut it short."""
        limited = any(claim.kind == "limit" for claim in written.composition.claims)
        outcome = Outcome.PARTIAL if limited or written.cut_short else Outcome.ANSWERED
        return self._finished(query, written.composition, outcome, written)

    def _finished(
        self,
        query: Query,
        composition: Composition,
        outcome: Outcome,
        written: Written | None = None,
    ) -> Answer:
        answer = conclude(
            query,
            composition,
            outcome=outcome,
            passages=[block.passage for block in composition.blocks],
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

    def _composition(self, query: Query, context: Sequence[ContextBlock]) -> Composition:
        return Composition(
            blocks=context,
            language=query.language,
            today=self.asker.today(),
            per_sentence=self.asker.limits.citations_per_sentence,
            verify=self.asker.verify,
            two_sources=self.asker.two_sources != "off",
        )

    def write_down(self, query: Query, answer: Answer, trace: Trace) -> None:
        """Hand the trace to the journal. One that breaks costs nobody the answer: the log has its cause."""
        if self.asker.journal is not None:
            with suppress(Broken), seam("journal"):
                self.asker.journal.write(trace, self.kept or query, answer, self.rendered)

    async def keep(self, answer: Answer) -> None:
        """What the model said may serve again, where all of it was shown and no step took a cheaper form."""
        keeper, written = self.asker.keeper, self.writer and self.writer.written()
        whole = answer.outcome is Outcome.ANSWERED and not answer.withheld and not answer.degraded
        if keeper is not None and self.rendered is not None and written and written.completion and whole:
            with suppress(Broken), seam("cache"):
                await keeper.keep(self.rendered, written.completion)

    def complete(self, query: Query, answer: Answer, trace: Trace) -> Answer:
        """The answer with what only the whole request knows."""
        rendered = self.rendered
        degraded = tuple(dict.fromkeys((*trace.degraded, *answer.degraded)))
        as_calibrated = rendered is None or rendered.sha256 == self.asker.renderer.prompt.sha256
        covered = answer.outcome.answers and not degraded and as_calibrated  # the whole way, no cheaper one
        bar = self.asker.answerability.bar(answer.language)
        certificate = bar.certificate_at(datetime.now(UTC)) if covered else ""
        return replace(
            answer,
            id=self.id,
            trace_id=trace.id,
            degraded=degraded,
            confidence=replace(answer.confidence, certificate=certificate),
            timing_ms=self._timing_ms(query, trace),
            prompt=(rendered.prompt_id, rendered.version, rendered.sha256) if rendered else None,
            arm=next((one.name for one in trace.arms if rendered and one.sha256 == rendered.sha256), ""),
            index=self.asker.retriever.embedder.model.key,
            usage=total(trace.calls) if trace.calls else answer.usage,
        )

    def _timing_ms(self, query: Query, trace: Trace) -> dict[str, float]:
        """By step, until the first sentence, and in all; with the time in a queue before, where there was one."""
        timing = trace.timing_ms()
        if self.first_text_ms is not None:
            timing["first_text"] = round(self.first_text_ms, 3)
        if query.queued_ms is not None:
            timing |= {"queued": round(query.queued_ms, 3), "total": round(timing["total"] + query.queued_ms, 3)}
        return timing
