"""The asker: a question in, a checked answer or an honest non-answer out. Its steps are those of request.py."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from answerable.answer.abstention import Answerability
from answerable.answer.checking import Check, by_words
from answerable.answer.deadlines import SHIPPED, Plan
from answerable.answer.extractive import Extractive
from answerable.answer.guarding import Guards
from answerable.answer.nonanswer import NonAnswers
from answerable.answer.phrasing import BY_RULES, Phraser, Phrasing
from answerable.answer.ranking import Ranked, keep, rank
from answerable.answer.reception import Reception
from answerable.answer.rendering import Renderer
from answerable.answer.request import Request
from answerable.answer.retrieval import Found, Retriever
from answerable.answer.rungs import Rungs
from answerable.answer.trial import Choose, as_configured
from answerable.core import trace as tracing
from answerable.core.answer import Answer
from answerable.core.degraded import NO_RERANK
from answerable.core.errors import DeadlineExceeded, ModelError, Unreachable
from answerable.core.events import Accepted, Done, Listener, ignore
from answerable.core.identity import random_id
from answerable.core.passage import Passage
from answerable.core.ports import LLM, Conflicts, Earlier, Journal, Keeper, Reranker
from answerable.core.query import Query
from answerable.core.trace import Trace, skip, step
from answerable.text.language import detect_language


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
    two_sources: str = "public"  # or off: pages that nobody vouches for answer like any other
    check: Check = by_words  # of each sentence against what it cites
    earlier: Earlier | None = None  # what was said to the same question before, for when no model answers
    keeper: Keeper | None = None  # where replies are kept that passed every check
    quotes: bool = True  # below the models, the sources' own sentences answer
    phraser: Phraser = BY_RULES  # how a question is searched for
    choose: Choose = as_configured  # which version of the answer prompt a question is asked with
    plan: Plan = SHIPPED  # how the time of a request is shared
    day: date | None = None  # that counts as today, for a replay; None: the calendar's

    async def ask(self, query: Query, *, listen: Listener = ignore) -> Answer:
        """Answer the question; every refusal and failure is an Answer with its outcome. Leaves a trace."""
        trace = Trace(tenant=query.tenant, key=query.key)
        token = tracing.current.set(trace)
        request = Request(asker=self, listen=listen, id=random_id("an"))
        try:
            await listen(
                Accepted(id=request.id, trace_id=trace.id, deadline_ms=round(query.deadline.remaining_s * 1000))
            )
            query = self.settled(query)
            answer = await request.answer_in_time(query)
        finally:
            tracing.current.reset(token)
        answer = request.complete(query, answer, trace)
        request.write_down(query, answer, trace)
        await listen(Done(answer=answer))
        after = replace(trace, steps=[], degraded=[], calls=[])  # the trace is written; who pays is the same
        token = tracing.current.set(after)
        try:
            await request.keep(answer)
        finally:
            tracing.current.reset(token)
        return answer

    async def search(self, query: Query, *, limit: int) -> list[Passage]:
        """Retrieval alone, best first."""
        return list((await self.explain(query, limit=limit)).passages)

    async def explain(self, query: Query, *, limit: int) -> Found:
        """Retrieval alone, with how the question was read; passages and each part's best as they were ranked.

        Raises DeadlineExceeded and Unreachable where nothing can be searched.
        """
        query = self.settled(query)
        phrasing = await self._phrased(query)
        try:
            found = await self.retriever.find(query, phrasing.text, phrasing.parts)
        except TimeoutError as exc:
            raise DeadlineExceeded("the search took longer than its time", hint="raise answer.deadline") from exc
        ranked = await self.ranked(query, found, limit=limit)
        kept = keep(ranked, limit=limit, per_document=self.limits.per_document)
        return replace(found, passages=tuple(kept), groups=ranked.groups)

    async def _phrased(self, query: Query) -> Phrasing:
        """What a model reads of a search has passed the guards, as of a question; rules phrase what they block."""
        if self.phraser.asks_nobody:
            return await self.phraser.phrase(query)
        checked = await self.guards.question(query)
        phraser = BY_RULES if checked.blocked else self.phraser
        return await phraser.phrase(replace(query, text=checked.text))

    async def ranked(self, query: Query, found: Found, *, limit: int) -> Ranked:
        """The best `limit` in the reranker's order; in the order in which they were found, where it gives none."""
        try:
            ranking = rank(self.reranker, query, found, limit=limit)
            return await self.plan.within("rerank", query.deadline, ranking)
        except (Unreachable, ModelError, DeadlineExceeded, TimeoutError) as error:
            skip(NO_RERANK)
            with step("rerank_skipped") as one:
                one.status = "skipped"
                one.detail["why"] = str(error) or "it took longer than its share"
            return Ranked(passages=found.passages[:limit])

    def today(self) -> date:
        """The day it is where the project is."""
        return self.day or datetime.now(ZoneInfo(self.timezone)).date()

    @property
    def rungs(self) -> Rungs:
        """What answers when no model does."""
        return Rungs(
            store=self.retriever.store,
            earlier=self.earlier,
            extractive=self.extractive if self.quotes else None,
            plan=self.plan,
        )

    @property
    def reception(self) -> Reception:
        """What meets a question first."""
        return Reception(
            guards=self.guards,
            non_answers=self.non_answers,
            plan=self.plan,
            input_chars=self.limits.input_chars,
        )

    def renderer_for(self, query: Query) -> Renderer:
        """With the prompt that this question is asked with; a rollout that decides so is in the trace."""
        return replace(self.renderer, prompt=self.choose(self.renderer.prompt, query))

    def settled(self, query: Query) -> Query:
        """The query with its language decided."""
        if query.language:
            return query
        language = detect_language(query.text[:2000], self.languages, default=self.default_language)
        return replace(query, language=language)
