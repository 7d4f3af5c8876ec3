"""The HTTP embedder asks in batches, retries what can help, and trusts nothing that comes back."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any

import httpx2
import numpy as np
import pytest

from answerable.adapters.embedders.http import Endpoint, HttpEmbedder
from answerable.core.errors import ModelMismatch, ModelUnreachable, PermanentModelError

Reply = httpx2.Response | Exception


class Script:
    """Answers each request by the next reply of a list, the last one again and again; keeps what was asked."""

    def __init__(self, *replies: Reply | Callable[[dict[str, Any]], Reply]) -> None:
        self.replies = list(replies)
        self.requests: list[httpx2.Request] = []
        self.waits: list[float] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        found = reply(json.loads(request.content)) if callable(reply) else reply
        if isinstance(found, Exception):
            raise found
        return found

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.requests]


def embedder(script: Script, *, dim: int = 2, **settings: Any) -> HttpEmbedder:
    endpoint = Endpoint(base_url="http://models.test/v1/", model="m", dim=dim, **settings)
    return HttpEmbedder(endpoint, transport=httpx2.MockTransport(script), sleep=script.sleep)


def lengths(body: dict[str, Any]) -> httpx2.Response:
    """[length, 1] of each text, last text first."""
    data = [{"index": n, "embedding": [float(len(text)), 1.0]} for n, text in enumerate(body["input"])]
    return httpx2.Response(200, json={"data": data[::-1]})


def vectors(*rows: Any) -> httpx2.Response:
    return httpx2.Response(200, json={"data": [{"index": n, "embedding": row} for n, row in enumerate(rows)]})


async def test_texts_go_in_batches_and_come_back_in_order() -> None:
    script = Script(lengths)
    texts = ["x" * n for n in range(1, 8)]
    found = await embedder(script, batch_size=3).embed(texts, kind="passage")
    assert np.allclose(found[:, 0] / found[:, 1], range(1, 8))
    assert [len(body["input"]) for body in script.bodies] == [3, 3, 1]
    assert {str(request.url) for request in script.requests} == {"http://models.test/v1/embeddings"}
    assert {body["model"] for body in script.bodies} == {"m"}


async def test_vectors_are_brought_to_unit_length() -> None:
    found = await embedder(Script(vectors([3, 4], [0, 0.1]))).embed(["a", "b"], kind="query")
    assert np.allclose(found, [[0.6, 0.8], [0, 1]])
    assert found.dtype == np.float32


async def test_base64_is_asked_for_and_read() -> None:
    script = Script(vectors(base64.b64encode(np.array([3, 4], dtype="<f4").tobytes()).decode()))
    found = await embedder(script, encoding="base64").embed(["a"], kind="query")
    assert np.allclose(found, [[0.6, 0.8]])
    assert script.bodies[0]["encoding_format"] == "base64"


async def test_prefixes_tell_queries_from_passages() -> None:
    script = Script(lengths)
    one = embedder(script, query_prefix="query: ", passage_prefix="passage: ")
    await one.embed(["a"], kind="query")
    await one.embed(["a"], kind="passage")
    assert [body["input"] for body in script.bodies] == [["query: a"], ["passage: a"]]


async def test_an_empty_text_is_sent_as_a_blank_because_providers_refuse_it() -> None:
    script = Script(lengths)
    await embedder(script).embed([""], kind="query")
    assert script.bodies[0]["input"] == [" "]


async def test_no_texts_ask_nobody() -> None:
    script = Script(lengths)
    assert (await embedder(script).embed([], kind="query")).shape == (0, 2)
    assert script.requests == []


async def test_the_dimension_is_asked_for_only_when_the_model_can_shorten() -> None:
    script = Script(lengths)
    await embedder(script).embed(["a"], kind="query")
    await embedder(script, send_dimensions=True).embed(["a"], kind="query")
    assert [body.get("dimensions") for body in script.bodies] == [None, 2]


@pytest.mark.parametrize(
    "failure",
    [
        httpx2.Response(503),
        httpx2.Response(429),
        httpx2.ConnectError("refused"),
        httpx2.ReadTimeout("slow"),
        httpx2.Response(200, text="<html>"),
        httpx2.Response(200, json={"error": "busy"}),
        vectors([1, 2], [3, 4]),
        vectors(),
        vectors("not base64!"),
    ],
)
async def test_what_may_pass_is_tried_again(failure: Reply) -> None:
    script = Script(failure, failure, vectors([3, 4]))
    found = await embedder(script).embed(["a"], kind="query")
    assert np.allclose(found, [[0.6, 0.8]])
    assert len(script.requests) == 3


async def test_waits_grow_at_random_and_heed_the_provider() -> None:
    asked = httpx2.Response(429, headers={"Retry-After": "7"})
    script = Script(httpx2.Response(503), httpx2.Response(503), asked, vectors([3, 4]))
    await embedder(script, first_wait_s=1.0).embed(["a"], kind="query")
    first, second, third = script.waits
    assert 0 <= first <= 1
    assert 0 <= second <= 2
    assert third == 7


async def test_a_provider_cannot_ask_for_an_endless_wait() -> None:
    script = Script(httpx2.Response(429, headers={"Retry-After": "86400"}), vectors([3, 4]))
    await embedder(script).embed(["a"], kind="query")
    assert script.waits == [30.0]


async def test_a_dead_endpoint_is_unreachable_after_the_last_attempt() -> None:
    script = Script(httpx2.ConnectError("refused"))
    with pytest.raises(ModelUnreachable, match=r"models\.test.*3 attempts.*refused") as error:
        await embedder(script, attempts=3).embed(["a"], kind="query")
    assert len(script.requests) == 3
    assert "base_url" in error.value.hint


@pytest.mark.parametrize(("status", "hint"), [(401, "key"), (403, "key"), (400, "model"), (404, "base_url")])
async def test_what_cannot_pass_is_not_tried_again(status: int, hint: str) -> None:
    script = Script(httpx2.Response(status, text="because"))
    with pytest.raises(PermanentModelError, match="because") as error:
        await embedder(script).embed(["a"], kind="query")
    assert len(script.requests) == 1
    assert error.value.status == status
    assert hint in error.value.hint


async def test_another_dimension_is_a_mismatch() -> None:
    script = Script(vectors([1, 2, 3]))
    with pytest.raises(ModelMismatch, match=r"3 numbers, configured are 2"):
        await embedder(script).embed(["a"], kind="query")
    assert len(script.requests) == 1


@pytest.mark.parametrize("row", [[0, 0], "AADAfwAAgD8="])  # the second is [NaN, 1]
async def test_a_vector_without_a_direction_is_refused(row: Any) -> None:
    with pytest.raises(PermanentModelError, match="direction"):
        await embedder(Script(vectors(row))).embed(["a"], kind="query")


async def test_the_first_failure_is_raised_bare_and_stops_the_rest() -> None:
    asked = 0

    async def refuse(request: httpx2.Request) -> httpx2.Response:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.001)
        return httpx2.Response(401)

    endpoint = Endpoint(base_url="http://models.test/v1", model="m", dim=2, batch_size=1, concurrency=2)
    with pytest.raises(PermanentModelError):
        await HttpEmbedder(endpoint, transport=httpx2.MockTransport(refuse)).embed(["a"] * 40, kind="passage")
    assert asked < 40


async def test_the_key_is_sent_and_never_shown() -> None:
    script = Script(lengths)
    await embedder(script, api_key="sk-secret").embed(["a"], kind="query")
    assert script.requests[0].headers["Authorization"] == "Bearer sk-secret"
    assert "sk-secret" not in repr(Endpoint(base_url="http://x/v1", model="m", dim=2, api_key="sk-secret"))


def test_the_model_is_known_by_name_revision_and_dimension() -> None:
    one = embedder(Script(lengths), revision="2026-01").model
    assert one.key == "m@2026-01/http"
    assert one.dim == 2
