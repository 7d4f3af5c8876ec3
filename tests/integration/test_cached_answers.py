"""Whatever changes about a document, a reader, a prompt or an index: no reply of before is given again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.generations import PostgresGenerations
from answerable.adapters.postgres.replies import PostgresReplies
from answerable.adapters.postgres.store import PostgresStore
from answerable.adapters.rerankers.proximity import Proximity
from answerable.answer.abstention import Answerability
from answerable.answer.ask import Asker
from answerable.answer.extractive import Extractive
from answerable.answer.guarding import Guards
from answerable.answer.nonanswer import NonAnswers
from answerable.answer.rendering import Renderer
from answerable.answer.retrieval import Retriever
from answerable.answer.texts import Texts
from answerable.app.caching import leaks
from answerable.core.answer import Answer
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.outcome import Outcome
from answerable.core.prompt import Rendered
from answerable.core.query import Principal, Query
from answerable.llm.cache import Cached
from answerable.llm.cache_key import Ground
from answerable.llm.patience import Patience
from answerable.prompts.collection import load_library

QUESTION = "How long is the return window for headphones?"
OLD, NEW = "The return window for headphones is 30 days.", "The return window for headphones is 45 days."
EMBEDDER = HashEmbedder()


class World:
    """A main path over Postgres with a cache; the model quotes the first passage."""

    def __init__(self, database: Database) -> None:
        self.store = PostgresStore(database)
        self.replies = PostgresReplies(database)
        self.model = ScriptedLLM([Reply(write=quote)], name="main", model="m-1")
        self.asker = self.make()

    def make(self, *, models: tuple[str, ...] = ("main/m-1",), scope: str = "") -> Asker:
        cached = Cached(
            llm=self.model,
            replies=self.replies,
            ground=Ground(use="answer", models=models, index=EMBEDDER.model.key),
            ttl_s=3600.0,
            leaks=leaks,
            patience=Patience(wait_s=20.0),  # a busy machine is no failure
        )
        return Asker(
            retriever=Retriever(embedder=EMBEDDER, store=self.store),
            reranker=Proximity(),
            llm=cached,
            keeper=cached,
            renderer=Renderer(prompt=load_library("answer"), scope=scope),
            extractive=Extractive(embedder=EMBEDDER),
            guards=Guards(),
            answerability=Answerability(threshold=0.0, off_topic=-1.0),
            non_answers=NonAnswers(texts=Texts(), contact="help@example.com"),
        )

    async def put(self, text: str = OLD, *, store: PostgresStore | None = None, **changes: object) -> Document:
        plain = Document(tenant="acme", source="docs", uri="returns.md", title="Returns", text=text)
        document = replace(plain, **changes)  # type: ignore[arg-type]
        chunk = Chunk(document_id=document.id, start=0, end=len(text), text=text)
        vectors = await EMBEDDER.embed([embedding_text(document, chunk)], kind="passage")
        await (store or self.store).replace(document, [chunk], vectors, model=EMBEDDER.model)
        return document

    async def ask(
        self, *, tenant: str = "acme", groups: tuple[str, ...] = ("public",), asker: Asker | None = None
    ) -> Answer:
        query = Query(
            text=QUESTION,
            tenant=tenant,
            principal=Principal(id="p", groups=groups),
            language="en",
            deadline=Deadline.after(60),
        )
        return await (asker or self.asker).ask(query)


def quote(rendered: Rendered) -> str:
    return f"{rendered.blocks[0].passage.chunk.text} [1]"


def said(text: str) -> str:
    return f"{text.removesuffix('.')} [1]."


@pytest.fixture
async def world(database: Database) -> World:
    made = World(database)
    await made.put()
    first, second = await made.ask(), await made.ask()
    assert (first.cache, second.cache, len(made.model.calls)) == ("", "exact", 1)
    assert (first.text, first.outcome) == (said(OLD), Outcome.ANSWERED)
    assert (second.text, second.claims) == (first.text, first.claims)
    assert second.citations == first.citations
    assert second.usage.cost == 0
    return made


async def test_a_changed_document_is_answered_from_its_new_text_and_a_removed_one_not_at_all(world: World) -> None:
    document = await world.put(NEW)
    changed = await world.ask()
    assert (changed.text, changed.cache) == (said(NEW), "")
    assert (await world.ask()).cache == "exact"
    await world.put(NEW, title="Returns in 2027")
    assert (await world.ask()).cache == ""
    await world.put(NEW, status="archived")
    assert (await world.ask()).outcome is Outcome.ABSTAINED
    await world.put(NEW, acl=("hr",))
    assert (await world.ask()).outcome is Outcome.ABSTAINED
    assert (await world.ask(groups=("public", "hr"))).cache == ""
    assert (await world.ask(groups=("hr", "public"))).cache == "exact"
    await world.store.remove(tenant="acme", document_ids=[document.id])
    assert (await world.ask(groups=("public", "hr"))).outcome is Outcome.ABSTAINED
    assert (await world.replies.census(tenant="acme")).entries == 0


async def test_other_readers_models_and_prompts_get_replies_of_their_own(world: World) -> None:
    await world.put(tenant="rival")
    others: list[Callable[[], Awaitable[Answer]]] = [
        lambda: world.ask(tenant="rival"),
        lambda: world.ask(groups=("public", "staff")),
        lambda: world.ask(asker=world.make(models=("main/m-2",))),
        lambda: world.ask(asker=world.make(scope="A shop for music.")),
    ]
    for other in others:
        assert [(await other()).cache, (await other()).cache] == ["", "exact"]
    assert len(world.model.calls) == 1 + len(others)
    assert (await world.ask()).cache == "exact"


async def test_a_switch_of_the_index_switches_the_replies_too(world: World, database: Database) -> None:
    generations = PostgresGenerations(database)
    second = await generations.begin(tenant="acme", note="second", detail={})
    await world.put(store=PostgresStore(database, generation=second.name))
    await generations.switch(tenant="acme", name=second.name)
    assert [(await world.ask()).cache, (await world.ask()).cache] == ["", "exact"]
    await generations.switch(tenant="acme", name="acme")
    assert (await world.ask()).cache == "exact"
    assert await world.replies.forget(tenant="acme") == 2  # of every generation
    assert (await world.ask()).cache == ""
