"""A small world in which one thing at a time goes wrong: the whole path over fakes, with real guards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.adapters.fakes.journal import MemoryJournal
from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.rerankers.budget import Budgeted
from answerable.adapters.rerankers.proximity import Proximity
from answerable.answer.ask import Asker
from answerable.answer.deadlines import SHARES, Plan
from answerable.answer.extractive import Extractive
from answerable.answer.record import answer_record
from answerable.app.asking import make_asker
from answerable.app.gateway import open_gateway
from answerable.app.project import Project
from answerable.config import Settings
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.errors import NotFound
from answerable.core.ports import Store
from answerable.core.query import Query
from answerable.testing.faults.observed import Observed, Watcher

TENANT = "acme"
QUESTION = "Within how many days of delivery can items be returned?"
PAGES = {
    "policies/returns.md": (
        "Returns policy",
        "Items can be returned within 30 days of delivery. Sale items are final.",
    ),
    "policies/coupons.md": ("Coupons", "Orders with SUMMER20 are refunded as store credit."),
    "shipping/times.md": ("Shipping", "Parcels within Europe arrive after three working days."),
}
DEADLINE_S = 4.0
# Little patience with what hangs, and the usual time for all the rest: no test waits for long.
HURRIED = {"embed": 0.15, "dense": 0.15, "lexical": 0.15, "search": 0.6, "rerank": 0.15, "verify": 0.15}
GUARDS_S = 0.4  # half of it for the first, a quarter for the second …
PLAN = Plan(
    shares=tuple(
        replace(one, at_most={**HURRIED, "guard_question": GUARDS_S}.get(one.step, one.at_most)) for one in SHARES
    )
)


async def fill(store: Store) -> None:
    """Put the pages in."""
    embedder = HashEmbedder()
    for uri, (title, text) in PAGES.items():
        one = Document(source="kb", uri=uri, title=title, text=text, tenant=TENANT)
        chunk = Chunk(document_id=one.id, start=0, end=len(text), text=text, headings=(title,), tokens=20)
        vectors = await embedder.embed([embedding_text(one, chunk)], kind="passage")
        await store.replace(one, [chunk], vectors, model=embedder.model)


def project_of(folder: Path, *, base_url: str = "") -> Project:
    """A project whose route has one provider behind `base_url` before the quotes; without one, quotes alone."""
    given: Mapping[str, object] = {"project": {"tenant": TENANT, "contact": "help@example.com"}}
    if base_url:
        one = {
            "kind": "openai-compatible",
            "base_url": base_url,
            "model": "scripted-1",
            "timeout": "400ms",
            "first_token": "200ms",
        }
        given = {**given, "provider": {"one": one}, "route": [{"use": "answer", "chain": ["one", "extractive"]}]}
    return Project(settings=Settings.model_validate(given), base=folder)


@asynccontextmanager
async def asker_of(project: Project, store: Store) -> AsyncIterator[Asker]:
    """The whole path, with a journal in memory."""
    extractive = Extractive()
    async with open_gateway(project) as gateway:
        asker = make_asker(
            project,
            embedder=HashEmbedder(),
            store=store,
            reranker=Budgeted(reranker=Proximity(), seconds=0.2),
            llm=gateway.answers(extractive),
            extractive=extractive,
            journal=MemoryJournal(answer_record),
        )
        yield replace(asker, plan=PLAN, retriever=replace(asker.retriever, plan=PLAN))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A question, and how long it may take."""

    text: str = QUESTION
    deadline_s: float = DEADLINE_S

    async def of(self, asker: Asker) -> Observed:
        """Ask, and look at all that came of it."""
        watch = Watcher()
        query = Query(text=self.text, tenant=TENANT, deadline=Deadline.after(self.deadline_s))
        since, answer, raised = time.monotonic(), None, ""
        try:
            answer = await asker.ask(query, listen=watch)
        except Exception as error:  # noqa: BLE001 - the very thing that is tested: `ask` gives answers only
            raised = repr(error)
        took = time.monotonic() - since
        trace = await _trace(asker)
        return Observed(
            answer=answer,
            events=tuple(watch.events),
            seconds=took,
            deadline_s=self.deadline_s,
            recorded=len(trace),
            raised=raised,
            trace=trace,
        )


async def _trace(asker: Asker) -> dict[str, object]:
    if not isinstance(asker.journal, MemoryJournal):
        return {}
    try:
        return await asker.journal.trace(tenant=TENANT, reference="latest")
    except NotFound:
        return {}


def filled_memory() -> MemoryStore:
    """The pages in memory."""
    store = MemoryStore()
    asyncio.run(fill(store))
    return store


def fresh(asker: Asker) -> Asker:
    """The same with an empty journal."""
    return replace(asker, journal=MemoryJournal(answer_record))
