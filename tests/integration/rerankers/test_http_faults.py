"""A rerank API that fails, stalls or lies: always an error, never a lost or an invented passage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from answerable.adapters.models.provider import Provider, Times
from answerable.adapters.rerankers.http import HttpReranker
from answerable.adapters.rerankers.shapes import SHAPES
from answerable.core.deadline import Deadline
from answerable.core.errors import DeadlineExceeded, ModelError, PermanentModelError, TransientModelError
from answerable.core.passage import Passage
from answerable.testing.model_server import ModelServer
from answerable.testing.model_server.behaviors import Echo, Hang, Status
from answerable.testing.reranker import QUERY, candidates

PATHS = {"cohere": "cohere/v2", "jina": "jina/v1", "voyage": "voyage/v1", "tei": "tei"}
KEY = "sk-reranktestkey123456"


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer(api_key=KEY) as one:
        yield one


async def ask(
    server: ModelServer, shape: str = "cohere", *, model: str = "m", key: str = KEY, total_s: float = 5.0
) -> list[Passage]:
    provider = Provider(
        name="api",
        kind="openai-compatible",
        model=model,
        api_key=key,
        base_url=f"{server.url}/{PATHS[shape]}",
        times=Times(total_s=total_s),
    )
    client = HttpReranker.open(provider, SHAPES[shape])
    try:
        return await client.rerank(replace(QUERY, deadline=Deadline.after(20)), candidates(), limit=3)
    finally:
        await client.aclose()


async def test_each_shape_is_asked_as_its_vendor_says(server: ModelServer) -> None:
    keys = {}
    for shape in PATHS:
        found = await ask(server, shape)
        assert found[0].chunk.text.startswith("A laptop may be returned"), shape
        keys[shape] = set(server.requests[-1].body)
        assert server.requests[-1].headers["authorization"] == "***"
    common = {"model", "query", "documents"}
    assert keys == {
        "cohere": common | {"top_n"},
        "jina": common | {"top_n", "return_documents"},
        "voyage": common | {"return_documents", "truncation"},
        "tei": {"query", "texts", "raw_scores", "return_text", "truncate"},
    }


@pytest.mark.parametrize("shape", PATHS)
@pytest.mark.parametrize("fault", ["rank-short", "rank-twice", "rank-beyond", "rank-score", "garbage"])
async def test_a_reply_that_does_not_score_each_passage_once_is_refused(
    server: ModelServer, shape: str, fault: str
) -> None:
    if shape == "tei":  # it has no model name to choose a fault by
        server.script(Echo("[[0, 0.5]]"))
        fault = "m"
    with pytest.raises(PermanentModelError, match="its reply"):
        await ask(server, shape, model=f"scripted:{fault}" if fault != "m" else fault)
    server.script()


@pytest.mark.parametrize(
    ("status", "kind"), [(400, PermanentModelError), (401, PermanentModelError), (503, TransientModelError)]
)
async def test_a_status_is_translated_and_tried_once(
    server: ModelServer, status: int, kind: type[ModelError]
) -> None:
    server.script(Status(status))
    before = len(server.requests)
    with pytest.raises(kind) as error:
        await ask(server)
    server.script()
    assert error.value.status == status
    assert len(server.requests) == before + 1
    assert KEY not in str(error.value)


async def test_the_wish_of_a_429_is_told(server: ModelServer) -> None:
    server.script(Status(429, retry_after="7"))
    with pytest.raises(TransientModelError) as error:
        await ask(server)
    server.script()
    assert error.value.retry_after_s == 7.0


async def test_a_wrong_key_does_not_come_out(server: ModelServer) -> None:
    with pytest.raises(PermanentModelError) as error:
        await ask(server, key="sk-wrongwrongwrong")
    assert (error.value.status, "sk-wrong" in str(error.value)) == (401, False)


async def test_one_that_never_answers_ends_with_its_time(server: ModelServer) -> None:
    server.script(Hang())
    with pytest.raises(TransientModelError, match="no reply within"):
        await ask(server, total_s=0.05)
    server.script()


async def test_past_the_requests_own_time_it_is_the_deadline(server: ModelServer) -> None:
    provider = Provider(
        name="api", kind="openai-compatible", model="m", api_key=KEY, base_url=f"{server.url}/cohere/v2"
    )
    client = HttpReranker.open(provider, SHAPES["cohere"])
    with pytest.raises(DeadlineExceeded):
        await client.rerank(replace(QUERY, deadline=Deadline.after(0.0)), candidates(), limit=3)
    await client.aclose()


async def test_one_that_is_not_there_says_so() -> None:
    provider = Provider(name="api", kind="openai-compatible", model="m", base_url="http://127.0.0.1:9")
    client = HttpReranker.open(provider, SHAPES["tei"])
    with pytest.raises(TransientModelError, match="takes no connections"):
        await client.rerank(replace(QUERY, deadline=Deadline.after(5)), candidates(), limit=3)
    await client.aclose()


async def test_a_cosine_below_zero_orders_and_shows_as_zero(server: ModelServer) -> None:
    server.script(Echo("[[0,-0.3],[1,-0.1],[2,0.2],[3,-0.9],[4,-0.2],[5,0.0]]"))
    found = await ask(server, "jina")
    server.script()
    given = candidates()
    assert [(p.chunk.id, p.score) for p in found] == [
        (given[2].chunk.id, 0.2),
        (given[5].chunk.id, 0.0),
        (given[1].chunk.id, 0.0),
    ]
