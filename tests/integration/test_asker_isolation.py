"""Whoever asks whatever: nothing that is not theirs comes out anywhere, and all that is can be found."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, Phase, event, example, given, settings
from hypothesis import strategies as st

from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.journal import PostgresJournal
from answerable.adapters.postgres.ledger import PostgresLedger
from answerable.adapters.postgres.store import PostgresStore
from answerable.adapters.rerankers.proximity import KeepOrder, Proximity
from answerable.answer.abstention import Answerability
from answerable.answer.ask import Asker
from answerable.answer.extractive import Extractive
from answerable.answer.guarding import Guards
from answerable.answer.nonanswer import NonAnswers
from answerable.answer.record import answer_record
from answerable.answer.rendering import Renderer
from answerable.answer.retrieval import Retriever
from answerable.answer.texts import Texts
from answerable.core.answer import Answer
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.events import Event, Sources
from answerable.core.events import Text as TextEvent
from answerable.core.identity import sha256_hex
from answerable.core.outcome import Outcome
from answerable.core.ports import EmbeddingModel
from answerable.core.query import Filter, Principal, Query
from answerable.prompts.collection import load_library
from answerable.testing.postgres import in_thread

TENANTS = ("acme", "rival")
SOURCES = ("pages", "wiki")
URIS = ("a.md", "b.md", "c.md")
GROUPS = ("public", "hr", "legal")
MEMBERSHIPS = (("public",), ("hr", "public"), ("hr", "legal", "public"), ("legal",), ())
STATUSES = ("published", "draft", "archived")
LANGUAGES = ("en", "de", "es")
THINGS = ("headphones", "laptops")
QUICK = [one for one in Phase if one is not Phase.explain]  # minutes of database for a hint
SETTINGS = settings(max_examples=25, deadline=None, phases=QUICK, suppress_health_check=list(HealthCheck))
PATIENT_S = 60.0  # a busy machine is no failure


@st.composite
def documents(draw) -> Document:
    return Document(
        tenant=draw(st.sampled_from(TENANTS)),
        source=draw(st.sampled_from(SOURCES)),
        uri=draw(st.sampled_from(URIS)),
        title=draw(st.sampled_from(THINGS)),
        text="",  # written when its place in the list, and so its secret, is known
        status=draw(st.sampled_from(("published", *STATUSES))),
        language=draw(st.sampled_from(("en", "en", *LANGUAGES))),
        acl=tuple(sorted(draw(st.sets(st.sampled_from(GROUPS), min_size=1)))),
    )


@st.composite
def filters(draw) -> Filter:
    listed = [
        Document(tenant=t, source=s, uri=u, title="", text="").id for t in TENANTS for s in SOURCES for u in URIS
    ]
    some = {"documents": tuple(listed[::2])} if draw(st.integers(0, 3)) == 0 else {}
    return Filter(
        status=draw(st.sampled_from([("published",), ("published",), ("published", "archived"), ("draft",), ()])),
        sources=draw(st.sampled_from([(), (), ("pages",), ("wiki",)])),
        languages=draw(st.sampled_from([(), (), ("en",), ("de", "es")])),
        **some,
    )


@st.composite
def questions(draw) -> Query:
    return Query(
        text=f"How many euros do returned {draw(st.sampled_from(THINGS))} cost?",
        tenant=draw(st.sampled_from(TENANTS)),
        principal=Principal(id="ann", groups=draw(st.sampled_from(MEMBERSHIPS))),
        filter=draw(filters()),
        language=draw(st.sampled_from(("", *LANGUAGES))),
    )


def allowed(document: Document, query: Query) -> bool:
    """The rule in words: the tenant's, published or as asked for, in one of the groups, within every filter."""
    wanted = query.filter
    return (
        document.tenant == query.tenant
        and document.status in (wanted.status or STATUSES)
        and bool(set(document.acl) & set(query.principal.groups))
        and document.source in (wanted.sources or SOURCES)
        and document.language in (wanted.languages or LANGUAGES)
        and document.id in (wanted.documents or (document.id,))
    )


@dataclass(frozen=True, kw_only=True)
class World:
    """Every version that was ever written, the last ones, and what each one alone says."""

    written: Sequence[Document]
    last: dict[str, Document]
    chunks: dict[str, str]  # chunk id -> document id

    def visible(self, query: Query) -> set[str]:
        return {one.id for one in self.last.values() if allowed(one, query)}

    def secrets_kept_from(self, query: Query) -> list[str]:
        open_ = [self.last[one].text for one in self.visible(query)]
        return [secret_of(one) for one in self.written if one.text not in open_]


def secret_of(document: Document) -> str:
    return document.text.split(" cost ")[1].split(" ")[0]


async def write(store: PostgresStore, embedder: HashEmbedder, drawn: Sequence[Document]) -> World:
    every = [
        Document(tenant=t, source=s, uri=u, title="", text="") for t in TENANTS for s in SOURCES for u in URIS
    ]
    for tenant in TENANTS:  # what an earlier example left
        await store.remove(tenant=tenant, document_ids=[one.id for one in every])
    written = [
        replace(one, text=f"Returned {one.title} cost {(place + 2) * 1111}.77 euros to send back. All arrive.")
        for place, one in enumerate(drawn)
    ]
    chunks = {}
    for one in written:
        chunk = Chunk(
            document_id=one.id, start=0, end=len(one.text), text=one.text, headings=(one.title,), tokens=12
        )
        vectors = await embedder.embed([embedding_text(one, chunk)], kind="passage")
        await store.replace(one, [chunk], vectors, model=embedder.model)
        chunks[chunk.id] = one.id
    return World(written=written, last={one.id: one for one in written}, chunks=chunks)


def an_asker(store: PostgresStore, embedder: HashEmbedder, journal: PostgresJournal) -> Asker:
    """The whole path; with a threshold of 0 nothing is held back for being a weak find."""
    extractive = Extractive(embedder=embedder)
    return Asker(
        retriever=Retriever(embedder=embedder, store=store),
        reranker=Proximity(),
        llm=extractive,
        renderer=Renderer(prompt=load_library("answer")),
        extractive=extractive,
        guards=Guards(),
        answerability=Answerability(threshold=0.0, off_topic=-1.0),
        non_answers=NonAnswers(texts=Texts(), contact="help@example.com"),
        journal=journal,
        languages=LANGUAGES,
    )


async def check_searches(asker: Asker, world: World, query: Query) -> None:
    for mode in ("dense", "lexical", "hybrid"):
        searcher = replace(asker, retriever=replace(asker.retriever, mode=mode), reranker=KeepOrder())
        found = {passage.chunk.document_id for passage in await searcher.search(query, limit=100)}
        assert found <= world.visible(query), mode
        if mode != "lexical":  # the nearest of all that may be seen, however far
            assert found == world.visible(query), mode


async def check_answer(asker: Asker, world: World, query: Query) -> Outcome:
    told: list[Event] = []

    async def listen(one: Event) -> None:
        told.append(one)

    answer = await asker.ask(query, listen=listen)
    visible = world.visible(query)
    assert documents_of(answer, told) <= visible
    shown = answer.text + json.dumps([repr(one) for one in told])
    trace = await asker.journal.trace(tenant=query.tenant, reference=answer.trace_id)
    candidates = {row["chunk"] for step in trace["steps"] for row in step["detail"].get("candidates", ())}
    assert {world.chunks[chunk] for chunk in candidates} <= visible
    kept = json.dumps(trace, default=str)
    for secret in world.secrets_kept_from(query):
        assert secret not in shown
        assert secret not in kept
    if visible:
        assert answer.passages
    return answer.outcome


def documents_of(answer: Answer, told: Sequence[Event]) -> set[str]:
    """Every document that the answer or an event on its way names."""
    citations = [*answer.citations]
    for one in told:
        if isinstance(one, Sources | TextEvent):
            citations.extend(one.citations)
    return {
        *(one.document_id for one in citations),
        *(passage.chunk.document_id for passage in answer.passages),
        *(step.target for step in answer.next_steps if step.kind == "source"),
    }


async def play(
    url: str, spool: Path, drawn: Sequence[Document], asked: Sequence[tuple[Query, str]]
) -> list[Outcome]:
    embedder, outcomes = HashEmbedder(), []
    async with (
        Database(url) as database,
        PostgresJournal(database, record=answer_record, spool=spool) as journal,
    ):
        store = PostgresStore(database)
        world = await write(store, embedder, drawn)
        asker = an_asker(store, embedder, journal)
        for drawn_query, on_conflict in asked:
            query = replace(drawn_query, deadline=Deadline.after(PATIENT_S))
            await check_searches(asker, world, query)
            outcomes.append(await check_answer(replace(asker, on_conflict=on_conflict), world, query))
    return outcomes


OPEN = Document(tenant="acme", source="pages", uri="a.md", title="headphones", text="")
OTHERS = (replace(OPEN, uri="c.md", acl=("hr",)), replace(OPEN, status="draft"), replace(OPEN, tenant="rival"))
ASKED = Query(text="How many euros do returned headphones cost?", tenant="acme")


@SETTINGS
@example(drawn=[*OTHERS, OPEN, replace(OPEN, uri="b.md")], asked=[(ASKED, "show_both"), (ASKED, "newest")])
@given(
    drawn=st.lists(documents(), min_size=4, max_size=14),
    asked=st.lists(st.tuples(questions(), st.sampled_from(["show_both", "newest"])), min_size=2, max_size=4),
)
def test_nothing_foreign_draft_forbidden_or_filtered_out_comes_out_anywhere(clone, tmp_path, drawn, asked):
    for outcome in in_thread(play(clone.service_url, tmp_path, drawn, asked)):
        event(f"outcome {outcome.value}")


MODEL = EmbeddingModel(name="hash", revision="1", dim=4)
names = st.lists(st.sampled_from("abcdef"), max_size=5)
rounds = itertools.count()


async def share_no_cache(url: str, mine: Sequence[str], theirs: Sequence[str]) -> None:
    place = next(rounds)  # what is cached stays: each example has tenants of its own
    kept = {f"acme-{place}": (mine, 1.0), f"rival-{place}": (theirs, -1.0)}
    everything = [sha256_hex(name) for name in "abcdef"]
    async with Database(url) as database:
        ledger = PostgresLedger(database)
        for tenant, (keys, value) in kept.items():
            vectors = {sha256_hex(key): np.full(4, value / 2, dtype=np.float32) for key in keys}
            await ledger.cache(tenant=tenant, model=MODEL, vectors=vectors)
        for tenant, (keys, value) in kept.items():
            found = await ledger.cached(tenant=tenant, model=MODEL, keys=everything)
            assert set(found) == {sha256_hex(key) for key in keys}
            assert all((vector == value / 2).all() for vector in found.values())


@SETTINGS
@given(mine=names, theirs=names)
def test_what_one_tenant_has_embedded_is_not_cached_for_another(clone, mine, theirs):
    in_thread(share_no_cache(clone.service_url, mine, theirs))
