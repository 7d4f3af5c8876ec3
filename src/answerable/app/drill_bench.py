"""A project as a drill uses it: its own index, guards and prompts, models that cost nothing, faults in between."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from answerable.adapters.embedders.remembered import RememberedEmbedder
from answerable.adapters.fakes.journal import MemoryJournal
from answerable.adapters.fakes.replies import MemoryReplies
from answerable.adapters.postgres.conflicts import PostgresConflicts
from answerable.adapters.postgres.journal import PostgresJournal
from answerable.adapters.rerankers.budget import Budgeted
from answerable.adapters.rerankers.proximity import Proximity
from answerable.answer.ask import Asker
from answerable.answer.extractive import NAME, Extractive
from answerable.answer.record import answer_record
from answerable.app.caching import without_cache
from answerable.app.gateway import open_gateway
from answerable.app.project import Project
from answerable.app.stores import index_of, store_over
from answerable.app.system import System
from answerable.config.gateway import ProviderSection, RouteSection
from answerable.core.answer import Answer
from answerable.llm.cache import Cached
from answerable.llm.cache_key import Ground
from answerable.testing.faults import Cell, Component, Fault
from answerable.testing.faults.database import EmptiedStore, FaultyDatabase
from answerable.testing.faults.harm import Harm
from answerable.testing.faults.injection import injected
from answerable.testing.faults.model import Reword, behavior
from answerable.testing.faults.replies import FaultyReplies
from answerable.testing.model_server import ModelServer
from answerable.testing.model_server.behaviors import Cite

STAND_IN = "drill"  # the provider of a route that has none
_CLOSE_S = 0.2
_PAID = ("http", "llm")  # kinds of rerankers that are asked over the network


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is left of a question: how many traces, and the newest where it can be read."""

    count: int
    trace: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An asker with a fault in it, and what its journal has kept of an answer when all is closed."""

    asker: Asker
    kept: Callable[[Answer], Awaitable[Kept]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What all cells share. Nothing of it writes to the project's database, or spends money unless `live`."""

    system: System
    server: ModelServer
    scripted: Project  # the project with every provider at the scripted server
    asker: Asker
    folder: Path  # for what would go to the disk
    deadline_s: float

    @asynccontextmanager
    async def site(self, cell: Cell) -> AsyncIterator[Site]:
        """The asker with the cell's fault."""
        self.server.script(Reword() if cell.component is Component.VERIFY else Cite())
        match cell.component:
            case Component.MODEL:
                self.server.script(behavior(cell.fault, slow_s=self.deadline_s))
                async with _route(self.scripted, self.asker) as asker:
                    yield self._in_memory(asker)
            case Component.CACHE:
                memory = self._cached(cell)
                yield self._in_memory(replace(self.asker, llm=memory, keeper=memory, earlier=memory))
            case Component.DATABASE:
                yield self._in_memory(self._on_a_faulty_database(cell))
            case Component.TELEMETRY:
                async with self._journaled(cell) as site:
                    yield site
            case component:
                yield self._in_memory(injected(self.asker, component, self._harm(cell)))

    def _in_memory(self, asker: Asker) -> Site:
        """With a journal that is forgotten."""
        tenant, journal = self.system.settings.project.tenant, MemoryJournal(answer_record)

        async def kept(answer: Answer) -> Kept:
            found = await journal.traces(tenant=tenant)
            trace = await journal.trace(tenant=tenant, reference="latest") if found else {}
            return Kept(count=sum(one["answer_id"] == answer.id for one in found), trace=trace)

        return Site(asker=replace(asker, journal=journal), kept=kept)

    def _harm(self, cell: Cell) -> Harm:
        return Harm(fault=cell.fault, slow_s=self.deadline_s)

    def _cached(self, cell: Cell) -> Cached:
        ground = Ground(use="answer", models=(STAND_IN,), index=self.system.embedder.model.key)
        replies = FaultyReplies(inner=MemoryReplies(), harm=self._harm(cell))
        return Cached(llm=self.asker.llm, replies=replies, ground=ground, ttl_s=60.0)

    def _on_a_faulty_database(self, cell: Cell) -> Asker:
        asker, system = self.asker, self.system
        if cell.fault is Fault.EMPTY:
            return replace(asker, retriever=replace(asker.retriever, store=EmptiedStore(inner=system.store)))
        faulty = FaultyDatabase(system.database, self._harm(cell))
        store = store_over(system.project, faulty, index_of(system.store))
        return replace(asker, retriever=replace(asker.retriever, store=store), conflicts=PostgresConflicts(faulty))

    @asynccontextmanager
    async def _journaled(self, cell: Cell) -> AsyncIterator[Site]:
        """A journal over a faulty database; what it could not write is in the folder when it has been closed."""
        faulty = FaultyDatabase(self.system.database, self._harm(cell), good=0)
        spool = self.folder / cell.id
        journal = PostgresJournal(faulty, record=answer_record, spool=spool, close_s=_CLOSE_S)
        async with AsyncExitStack() as stack:
            if cell.fault is not Fault.EMPTY:  # else nobody takes what is written
                await stack.enter_async_context(journal)

            async def kept(answer: Answer) -> Kept:
                await stack.aclose()
                return Kept(count=_waiting(spool).count(answer.trace_id))

            yield Site(asker=replace(self.asker, journal=journal), kept=kept)


@asynccontextmanager
async def open_bench(system: System, *, live: bool, deadline_s: float, folder: Path) -> AsyncIterator[Bench]:
    """The bench of a running system. `live`: models, rerankers and embedders are the configured ones."""
    with ModelServer(Cite()) as server:
        scripted = _scripted(system.project, server.openai_url)
        asker = without_cache(replace(system.asker, journal=None, earlier=None))
        async with AsyncExitStack() as stack:
            if not live:
                asker = await stack.enter_async_context(_route(scripted, _free(system, asker)))
            yield Bench(
                system=system, server=server, scripted=scripted, asker=asker, folder=folder, deadline_s=deadline_s
            )


def stands_in(system: System) -> bool:
    """Whether another reranker takes the place of one that is asked over the network."""
    section = system.settings.reranker.get(system.settings.retrieval.reranker)
    return section is not None and section.kind in _PAID


def _free(system: System, asker: Asker) -> Asker:
    """Without calls that cost: a question is embedded once, and rerankers behind an endpoint are stood in for."""
    retriever = replace(asker.retriever, embedder=RememberedEmbedder(asker.retriever.embedder))
    budget_s = system.settings.retrieval.rerank_budget
    reranker = Budgeted(reranker=Proximity(), seconds=budget_s) if stands_in(system) else asker.reranker
    return replace(asker, retriever=retriever, reranker=reranker, extractive=Extractive())


@asynccontextmanager
async def _route(scripted: Project, asker: Asker) -> AsyncIterator[Asker]:
    """With a route of its own: no circuit that another cell opened, and no book is kept."""
    async with open_gateway(scripted) as gateway:
        yield replace(asker, llm=gateway.answers(asker.extractive))


def _scripted(project: Project, url: str) -> Project:
    """Every provider of the route for answers at the scripted server; a route without a model gets one."""
    settings = project.settings
    here = {
        "kind": "openai-compatible",
        "base_url": url,
        "base_urls": (),
        "api_key": None,
        "api_keys": (),
        "weights": (),
    }
    providers = {name: one.model_copy(update=here) for name, one in settings.provider.items()}
    providers[STAND_IN] = ProviderSection.model_validate({**here, "model": "scripted"})
    own = settings.routed("answer") or RouteSection()
    chain = own.chain if own.chain != (NAME,) else (STAND_IN, NAME)
    answers = own.model_copy(update={"chain": chain})
    return replace(project, settings=settings.model_copy(update={"provider": providers, "route": (answers,)}))


def _waiting(spool: Path) -> list[str]:
    files = [*spool.glob("*.jsonl"), *spool.glob("rejected/*.jsonl")]
    return [json.loads(line)["trace_id"] for file in files for line in file.read_text("utf-8").splitlines()]
