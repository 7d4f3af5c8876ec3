"""Diagnosing on the running system: the experiments behind `trace diagnose`, each one a variant that is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from answerable.adapters.entry import unmasked
from answerable.adapters.hiding import HidingStore
from answerable.adapters.rerankers.proximity import KeepOrder
from answerable.answer.ask import Asker
from answerable.answer.conflict import find_conflict
from answerable.answer.context import build_context
from answerable.answer.followup import standalone
from answerable.answer.frozen import FrozenRetriever, passage_of
from answerable.answer.retrieval import Found
from answerable.app.evidence import look_for_evidence
from answerable.app.gold_pages import Gold, bare, embedded, holds, look_up, passages_of
from answerable.app.library import Library
from answerable.app.repairs import deviations, put_back, taken_out
from answerable.app.replaying import DEADLINE_S, day_of, query_of, traced
from answerable.app.reranking import SHIPPED
from answerable.app.system import System
from answerable.core.answer import Answer
from answerable.core.deadline import Deadline
from answerable.core.evaluation import EvalCase, GoldSpan
from answerable.core.passage import Passage
from answerable.core.ports import DocumentView, Snapshot
from answerable.core.prompt import ContextBlock
from answerable.core.query import Filter, Query
from answerable.evals.diagnosis.bench import Other, Page, Part, Place, Tried, Variant
from answerable.evals.diagnosis.checking import wrong_by
from answerable.evals.diagnosis.diagnose import Wrong, diagnose
from answerable.evals.diagnosis.diagnosis import Diagnosis
from answerable.evals.diagnosis.freezing import Wanted, case_of
from answerable.evals.metrics.gold import gold_of
from answerable.evals.metrics.suite import model_free
from answerable.guards.documents import scan_document

WIDE = 200  # how far down the rankings a gold passage is looked for
_NAMED = frozenset({"status", "source", "language"})


async def diagnose_case(
    system: System, case: EvalCase, answer: Answer | None = None, *, wrong: Wrong | None = None
) -> Diagnosis:
    """Why the case fails on this system; without an answer it is asked first. Nothing is written anywhere."""
    async with open_bench(system) as bench:
        given = answer or (await bench.ask(case, Variant())).answer
        return await diagnose(case, given, bench, wrong=wrong or wrong_by(model_free()))


async def diagnose_trace(
    system: System, reference: str, *, wanted: Wanted, quotes: Sequence[GoldSpan] = ()
) -> Diagnosis:
    """Why the answer of a trace is not what a person wants. Without a wish, what the trace and the corpus tell.

    Raises NotFound, and ConfigError for a trace that keeps too little.
    """
    trace = await system.journal.trace(tenant=system.settings.project.tenant, reference=reference)
    if not (wanted.says_what_is_right or quotes):
        return await look_for_evidence(system, trace)
    query_of(trace)  # tells a trace that keeps too little
    case = case_of(trace, wanted, mask=unmasked, today=day_of(trace, system.settings.project.timezone))
    expect = replace(case.expect, spans=tuple(quotes))
    return await diagnose_case(system, replace(case, id=trace["id"], expect=expect))


@asynccontextmanager
async def open_bench(system: System) -> AsyncIterator[SystemBench]:
    """The experiments on one system; what they look up is looked up once."""
    async with Library(system=system) as library:
        yield SystemBench(system=system, library=library)


def case_query(system: System, case: EvalCase, *, seconds: float = DEADLINE_S) -> Query:
    """The case's question: its groups, and its filters beside the configured ones."""
    query = system.query(case.question, groups=case.groups, language=case.language)
    given, always = case.filters, query.filter
    narrowed = Filter(
        status=tuple(given.get("status", always.status)),
        sources=tuple(given.get("source", always.sources)),
        languages=tuple(given.get("language", always.languages)),
        documents=always.documents,
        meta={**{key: one[0] for key, one in given.items() if key not in _NAMED and one}, **always.meta},
    )
    return replace(query, filter=narrowed, history=case.history, deadline=Deadline.after(seconds))


@dataclass(slots=True, kw_only=True)
class SystemBench:
    """A Bench. Every experiment is `replace(asker, …)`, asked as any question is, with a journal nobody keeps."""

    system: System
    library: Library
    _gold: dict[str, tuple[Gold, ...]] = field(default_factory=dict)  # by case

    @property
    def keep(self) -> int:
        """How many passages an answer may use."""
        return self.system.asker.limits.keep

    @property
    def deviations(self) -> frozenset[Part]:
        """The parts that are not as they ship."""
        return deviations(self.system.asker, self.system.settings.guard, reranker=self.system.reranker(SHIPPED))

    async def gold(self, case: EvalCase) -> tuple[Page, ...]:
        """One for each gold span, or for each page that is to be cited where there are no spans."""
        return tuple(one.page for one in await self._look_up(case))

    async def places(self, case: EvalCase) -> tuple[Place, ...]:
        """Of the gold pages that the asker could find, in the order of the case."""
        query, asker = case_query(self.system, case), self.system.asker
        kept = _kept(await self.ask(case, Variant()))
        context = [block.passage for block in build_context(kept, budget=asker.limits.context_tokens)]
        found = await asker.retriever.find(query, standalone(query))
        query = replace(query, text=found.text or query.text)  # as it was read
        ranked = await asker.reranker.rerank(query, found.passages, limit=WIDE)
        orders = (found.passages, ranked, kept, context)
        gold = [one for one in await self._look_up(case) if one.searchable]
        async with asker.retriever.store.snapshot(query.scope) as view:
            return tuple([await self._place(one, query, view, orders) for one in gold])

    async def others(self, case: EvalCase, tried: Tried) -> tuple[Other, ...]:
        """Cited ones first, then those that were in the context."""
        gold = {one.page.document for one in await self._look_up(case)}
        cited = {one.document_id: one.uri for one in tried.answer.citations}
        used = {**cited, **{one.chunk.document_id: one.uri for one in _kept(tried)}}
        return tuple(
            Other(document=document, uri=uri, cited=document in cited)
            for document, uri in used.items()
            if document not in gold
        )

    async def examine(self, case: EvalCase, other: Other) -> Other:
        """With what source and index say of it."""
        view = await self.library.indexed(other.document)
        if view is None:
            return other
        shelf, groups = await self.library.shelf(other.uri), await self.library.groups_of(other.document)
        meant = shelf.document.acl if shelf.document else groups
        marks = [mark for chunk in view.chunks for mark in chunk.meta.get("suspicion", "").split(",") if mark]
        return replace(
            other,
            status=view.status,
            widened=", ".join(sorted(set(groups) - set(meant))),
            planted=tuple(dict.fromkeys([*marks, *scan_document(bare(view))])),
            current=shelf.document is not None and shelf.document.text == view.text,
            contradicts=await self._contradicts(case, view),
        )

    async def ask(self, case: EvalCase, variant: Variant) -> Tried:
        """The case's question, asked of a variant."""
        asker = await self._asker(case, variant)
        trace, answer = await traced(self.system, asker, case_query(self.system, case))
        return Tried(answer=answer, steps={one["name"]: one["detail"] for one in trace["steps"]})

    async def says(self, case: EvalCase, wanted: str) -> bool:
        """Whether a gold page has these words anywhere."""
        for one in await self._look_up(case):
            view = await self.library.indexed(one.page.document) if one.page.document else None
            texts = [view.text] if view else [said.chunk.text for said in one.shipped]
            if any(holds(text, wanted) for text in texts):
                return True
        return False

    async def _asker(self, case: EvalCase, variant: Variant) -> Asker:
        asker = self.system.asker
        for part in variant.shipped:
            asker = put_back(asker, part, reranker=self.system.reranker(SHIPPED))
        for part in variant.without:
            asker = taken_out(asker, part)
        if variant.hide:
            store = HidingStore(store=asker.retriever.store, hidden=frozenset(variant.hide))
            asker = replace(asker, retriever=replace(asker.retriever, store=store))
        if variant.given:
            asker = await self._given(asker, case, variant.given)
        return asker

    async def _given(self, asker: Asker, case: EvalCase, how: str) -> Asker:
        """The asker that finds the gold, whoever asks; alone, or before what it would have found."""
        query, gold = case_query(self.system, case), await self._look_up(case)
        said = [
            one for each in gold for one in (each.indexed if how == "indexed" else each.shipped or each.indexed)
        ]
        own = [_unmarked(one) for one in {one.chunk.id: one for one in said}.values()]
        passages = await self._scored(query, own)
        if how == "added":
            known = {one.chunk.id for one in own}
            kept = _kept(await self.ask(case, Variant()))
            passages += [one for one in kept if one.chunk.id not in known][: max(0, self.keep - len(own))]
        found = Found(passages=tuple(passages), weights=await self._weights(query))
        retriever = FrozenRetriever(embedder=asker.retriever.embedder, store=asker.retriever.store, found=found)
        enough = max(len(passages), asker.limits.keep)
        limits = replace(asker.limits, top_k=max(enough, asker.limits.top_k), keep=enough)
        return replace(asker, retriever=retriever, reranker=KeepOrder(), limits=limits)

    async def _scored(self, query: Query, passages: Sequence[Passage]) -> list[Passage]:
        """With the cosine that each would have, for the estimate of answerability looks at it."""
        if not passages:
            return []
        vectors = await self.system.embedder.embed([embedded(one) for one in passages], kind="passage")
        asked = await self.system.embedder.embed([standalone(query)], kind="query")
        likeness = [float(one) for one in vectors @ asked[0]]
        return [
            replace(one, score=max(0.0, like), found_by=("dense",), scores={"dense": like})
            for one, like in zip(passages, likeness, strict=True)
        ]

    async def _weights(self, query: Query) -> dict[str, float]:
        async with self.system.asker.retriever.store.snapshot(query.scope) as view:
            return await view.idf(standalone(query), language=query.language)

    async def _look_up(self, case: EvalCase) -> tuple[Gold, ...]:
        if case.id not in self._gold:
            query = case_query(self.system, case)
            self._gold[case.id] = tuple(
                [
                    await look_up(self.library, query, uri=one.place.partition("#")[0], quote=one.quote)
                    for one in gold_of(case)
                ]
            )
        return self._gold[case.id]

    async def _place(
        self, gold: Gold, query: Query, view: Snapshot, orders: tuple[Sequence[Passage], ...]
    ) -> Place:
        text, wanted = query.text, gold.ids()
        fused, ranked, kept, context = orders
        vector = (await self.system.asker.retriever.embedder.embed([text], kind="query"))[0]
        dense = await view.dense(vector, limit=WIDE)
        lexical = await view.lexical(text, limit=WIDE, language=query.language)
        place = Place(
            uri=gold.page.uri,
            dense=_rank(dense, wanted),
            lexical=_rank(lexical, wanted),
            fused=_rank(fused, wanted),
            reranked=_rank(ranked, wanted),
            kept=gold.is_in(kept),
            fits=gold.is_in(context),
        )
        return await self._doubted(place, gold, query, view, dense)

    async def _doubted(
        self, place: Place, gold: Gold, query: Query, view: Snapshot, dense: Sequence[Passage]
    ) -> Place:
        """Is the page found by its own words, and would it be found if it were cut as it ships?"""
        own, wanted, recut = gold.indexed[0], gold.ids(), None
        vector = (await self.system.embedder.embed([embedded(own)], kind="passage"))[0]
        if not gold.page.cut_as_shipped:
            best = max(one.scores["dense"] for one in await self._scored(query, gold.shipped))
            recut = 1 + sum(one.score > best for one in dense)
        by_words = await view.lexical(own.chunk.text, limit=WIDE, language=own.language)
        return replace(
            place,
            dense_by_itself=_rank(await view.dense(vector, limit=WIDE), wanted),
            lexical_by_itself=_rank(by_words, wanted),
            recut=recut,
        )

    async def _contradicts(self, case: EvalCase, view: DocumentView) -> bool:
        """Whether the page and a gold page say opposite things of what is asked."""
        gold = [said for one in await self._look_up(case) for said in (one.indexed or one.shipped)]
        passages = [*gold, *passages_of(view)]
        blocks = [ContextBlock(n=n, passage=one) for n, one in enumerate(passages, start=1)]
        conflict = find_conflict(blocks, await self._weights(case_query(self.system, case)))
        sides = (conflict.first, conflict.second) if conflict else ()
        return any(side.block.passage.uri == view.uri for side in sides)


def _unmarked(one: Passage) -> Passage:
    """Without the suspicion that ingestion had: what would be if the page had been trusted?"""
    kept = {key: value for key, value in one.chunk.meta.items() if key != "suspicion"}
    return replace(one, chunk=replace(one.chunk, meta=kept))


def _kept(tried: Tried) -> list[Passage]:
    """The passages that an answer could use, best first."""
    return [passage_of(row) for row in tried.steps.get("answerable", {}).get("passages", ())]


def _rank(passages: Sequence[Passage], wanted: frozenset[str]) -> int | None:
    return next((rank for rank, one in enumerate(passages, start=1) if one.chunk.id in wanted), None)
