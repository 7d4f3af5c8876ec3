"""Clients that leave, and many at once, over real sockets: what the scripted model server sees of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx2
import pytest
from scenes import Scene
from sse import ask_streaming, events

from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.models.openai_compatible import OpenAICompatible
from answerable.adapters.models.provider import Provider, Times
from answerable.answer.abstention import Answerability
from answerable.answer.ask import Asker
from answerable.answer.extractive import Extractive
from answerable.answer.guarding import Guards
from answerable.answer.nonanswer import NonAnswers
from answerable.answer.rendering import Renderer
from answerable.answer.retrieval import Retriever
from answerable.answer.rungs import HandOver
from answerable.answer.texts import Texts
from answerable.core.document import Chunk, Document, embedding_text
from answerable.llm.chain import Chain
from answerable.llm.run import Link
from answerable.prompts.collection import load_library
from answerable.testing.model_server import ModelServer
from answerable.testing.model_server.behaviors import Cite, Drip
from conftest import bearer, talking

MARKS = 20


@asynccontextmanager
async def answering(server: ModelServer, *tenants: str) -> AsyncIterator[Asker]:
    """The real path in memory, with a model behind a socket. Page n says something that only it says."""
    store, embedder = MemoryStore(), HashEmbedder()
    for tenant in tenants:
        for n in range(MARKS):
            text = f"Machine number {n} of {tenant} is called mark{n}{tenant} and weighs {n + 100} kilograms."
            one = Document(source="kb", uri=f"{n}.md", title=f"Machine {n}", text=text, tenant=tenant)
            chunk = Chunk(
                document_id=one.id, start=0, end=len(text), text=text, headings=(f"Machine {n}",), tokens=12
            )
            vectors = await embedder.embed([embedding_text(one, chunk)], kind="passage")
            await store.replace(one, [chunk], vectors, model=embedder.model)
    provider = Provider(
        name="scripted", kind="openai-compatible", model="m-1", base_url=server.openai_url, times=Times(total_s=20)
    )
    model = OpenAICompatible(provider)
    try:
        yield Asker(
            retriever=Retriever(embedder=embedder, store=store),
            reranker=_KeepOrder(),
            llm=Chain(links=(Link(llm=model, model="m-1"),), last_resort=HandOver()),
            renderer=Renderer(prompt=load_library("answer")),
            extractive=Extractive(),
            guards=Guards(),
            answerability=Answerability(threshold=0.0),
            non_answers=NonAnswers(texts=Texts()),
        )
    finally:
        await model.aclose()


class _KeepOrder:
    async def rerank(self, query, passages, *, limit):
        return list(passages[:limit])


def question(n: int, tenant: str) -> str:
    return f"How many kilograms does mark{n}{tenant} weigh?"


@pytest.mark.parametrize("streams", [True, False])
async def test_a_client_that_leaves_stops_its_call_of_the_provider_within_a_second(
    scene: Scene, web, streams: bool
) -> None:
    with ModelServer(Drip(chars=1, interval_s=0.2)) as server:
        async with (
            answering(server, "techcorp") as asker,
            talking(replace(scene.system, asker=asker), web, scene.people.ann) as client,
        ):
            left = await _leave(client, {"question": question(3, "techcorp"), "stream": streams}, server)
            while server.requests[0].ended is None and time.monotonic() < left + 5:
                await asyncio.sleep(0.01)
        (call,) = server.requests
    assert call.left
    assert not call.completed
    assert call.ended - left < 1.0


async def _leave(client: httpx2.AsyncClient, body: dict[str, object], server: ModelServer) -> float:
    """Ask, go away once the provider is asked, and say when that was."""

    async def asking() -> None:
        async with client.stream("POST", "/v1/answers", json=body) as reply:
            async for _ in events(reply):
                pass

    task = asyncio.create_task(asking())
    while not server.requests:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return time.monotonic()


async def test_twenty_streams_of_two_tenants_at_once_hear_nothing_of_each_other(scene: Scene, web) -> None:
    patient = replace(web, deadline_s=30.0)
    with ModelServer(Drip(chars=20, interval_s=0.01, say=Cite(limit=1))) as server:
        async with (
            answering(server, "techcorp", "rival") as asker,
            talking(replace(scene.system, asker=asker), patient) as client,
        ):
            asked = [(n, tenant) for n in range(MARKS // 2) for tenant in ("techcorp", "rival")]
            got = await asyncio.gather(*(_answer(client, scene, n, tenant) for n, tenant in asked))
        most = server.seen.most_at_once
    for (n, tenant), answer in zip(asked, got, strict=True):
        assert f"mark{n}{tenant}" in answer["text"]
        assert answer["text"].count("mark") == 1
        assert {"queued", "first_text", "total"} <= answer["timing_ms"].keys()
    assert most > 1
    assert len({answer["id"] for answer in got}) == len(asked)


async def _answer(client: httpx2.AsyncClient, scene: Scene, n: int, tenant: str) -> dict[str, object]:
    who = scene.people.ann if tenant == "techcorp" else scene.people.rita
    client = httpx2.AsyncClient(base_url=client.base_url, headers=bearer(who), timeout=30)
    async with client:
        sent = await ask_streaming(client, question(n, tenant))
    assert sent[-1].event == "done"
    return sent[-1].data
