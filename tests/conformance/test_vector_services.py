"""What the adapters of the vector services make of a service that refuses, is busy, is slow, or talks nonsense."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.services.faults import Fault, Faults
from tests.services.pinecone import serving_pinecone
from tests.services.weaviate import serving_weaviate

from answerable.adapters.stores.pinecone import Serverless, open_pinecone
from answerable.adapters.stores.qdrant import open_qdrant
from answerable.adapters.stores.service import Busy, client_module, patiently, seconds
from answerable.adapters.stores.weaviate import open_weaviate
from answerable.core.errors import ConfigError, NotAuthorized, Unreachable
from answerable.core.ports import VectorIndex
from answerable.testing.server import serving
from answerable.testing.vector_index import HERE, a_set, nearest, unit_vectors

Opened = AsyncIterator[tuple[VectorIndex, Faults]]


@asynccontextmanager
async def pinecone_at_fault() -> Opened:
    async with serving_pinecone() as server:
        index = open_pinecone(url=server.url, api_key="key", timeout_s=0.5)
        await index.upsert(HERE, [a_set(unit_vectors(1))])
        yield index, server.faults
        await index.aclose()


@asynccontextmanager
async def weaviate_at_fault() -> Opened:
    async with serving_weaviate() as server:
        index = open_weaviate(url=server.url, grpc=server.grpc, timeout_s=1.0)
        await index.upsert(HERE, [a_set(unit_vectors(1))])
        yield index, server.faults
        await index.aclose()


@asynccontextmanager
async def qdrant_at_fault() -> Opened:
    """Only enough of a server to be asked: what it answers well is tested in the client's local mode."""
    faults = Faults()

    async def answer(request: Request) -> Response:
        if fault := await faults.next(request.url.path):
            return Response(fault.body, status_code=fault.status or 504, headers=fault.headers)
        if request.url.path.endswith("/exists"):
            return JSONResponse({"result": {"exists": True}, "status": "ok", "time": 0.0})
        if request.url.path.endswith("/query"):
            return JSONResponse({"result": {"points": []}, "status": "ok", "time": 0.0})
        return JSONResponse({"result": {"operation_id": 1, "status": "completed"}, "status": "ok", "time": 0.0})

    routes = [Route("/{path:path}", answer, methods=["GET", "PUT", "POST"])]
    async with serving(Starlette(routes=routes)) as url:
        index = open_qdrant(url=url, timeout_s=1.0)
        assert await nearest(index) == []
        yield index, faults
        await index.aclose()


EACH = pytest.mark.parametrize("at_fault", [pinecone_at_fault, weaviate_at_fault, qdrant_at_fault])


@EACH
async def test_a_refused_key_is_told_as_such(at_fault: Callable[[], Opened]) -> None:
    async with at_fault() as (index, faults):  # type: ignore[attr-defined]
        for status in (401, 403):
            faults.planned = [Fault(status=status)]
            with pytest.raises(NotAuthorized, match="refuses the key"):
                await nearest(index)


@EACH
async def test_a_write_waits_as_long_as_a_busy_service_asks_for(at_fault: Callable[[], Opened]) -> None:
    async with at_fault() as (index, faults):  # type: ignore[attr-defined]
        faults.planned = [Fault(status=429, headers={"Retry-After": "0"})]
        before = len(faults.requests)
        await index.upsert(HERE, [a_set(unit_vectors(1))])
        assert not faults.planned
        assert len(faults.requests) >= before + 2


@EACH
async def test_a_broken_service_is_unreachable_and_the_index_usable_afterwards(
    at_fault: Callable[[], Opened],
) -> None:
    async with at_fault() as (index, faults):  # type: ignore[attr-defined]
        faults.planned = [Fault(status=500, headers={"Retry-After": "0"})] * 4
        with pytest.raises(Unreachable):
            await nearest(index)
        faults.planned = []
        await nearest(index)


@pytest.mark.parametrize("at_fault", [pinecone_at_fault, qdrant_at_fault, weaviate_at_fault])
async def test_a_silent_service_is_unreachable(at_fault: Callable[[], Opened]) -> None:
    async with at_fault() as (index, faults):  # type: ignore[attr-defined]
        faults.planned = [Fault(delay_s=1.5)]
        with pytest.raises(Unreachable):
            await nearest(index)


@pytest.mark.parametrize("at_fault", [pinecone_at_fault, qdrant_at_fault])
@pytest.mark.parametrize("body", ["not json", '{"matches": 7, "result": 7}'])
async def test_nonsense_is_no_answer(at_fault: Callable[[], Opened], body: str) -> None:
    async with at_fault() as (index, faults):  # type: ignore[attr-defined]
        faults.planned = [Fault(status=200, body=body)]
        with pytest.raises((ConfigError, Unreachable)):
            await nearest(index)


async def test_nobody_there_is_unreachable() -> None:
    away = "http://127.0.0.1:1"
    for index in (
        open_qdrant(url=away, timeout_s=1.0),
        open_weaviate(url=away, timeout_s=1.0),
        open_pinecone(url=away, api_key="key", timeout_s=0.5),
    ):
        with pytest.raises(Unreachable):
            await index.describe()
        await index.aclose()


async def test_a_pinecone_that_never_shows_a_write_is_an_error_in_time() -> None:
    async with serving_pinecone(lag_s=1000.0) as server:
        for server.log_numbers in (True, False):
            patience = Serverless(fresh_s=0.05)
            index = open_pinecone(url=server.url, api_key="key", serverless=patience)
            with pytest.raises(Unreachable, match="does not show a write"):
                await index.upsert(HERE, [a_set(unit_vectors(1))])
            await index.aclose()


async def test_a_wrong_dimension_is_refused() -> None:
    async with pinecone_at_fault() as (index, _), weaviate_at_fault() as (other, _):
        for one in (index, other):
            with pytest.raises(ConfigError, match=r"dimension|lengths"):
                await one.upsert(HERE, [a_set(unit_vectors(1, dim=5))])


async def test_writes_are_tried_again_and_give_up() -> None:
    calls: list[int] = []

    async def busy() -> None:
        calls.append(1)
        raise Busy("busy", retry_after_s=0.0)

    with pytest.raises(Busy):
        await patiently(busy)
    assert len(calls) == 4


def test_a_missing_client_names_its_extra() -> None:
    with pytest.raises(ConfigError, match="not installed") as raised:
        client_module("no_such_client", extra="qdrant")
    assert raised.value.hint == "pip install 'answerable[qdrant]'"


def test_a_retry_after_is_seconds_or_nothing() -> None:
    assert [seconds(one) for one in ("2", "0.5", "-1", "Wed, 21 Oct 2026 07:28:00 GMT", "", None)] == [
        2.0, 0.5, 0.0, None, None, None,
    ]  # fmt: skip


def test_addresses_that_cannot_be_read_are_refused() -> None:
    for url, grpc in (("localhost:8080", ""), ("http://localhost:8080", "localhost")):
        with pytest.raises(ConfigError):
            open_weaviate(url=url, grpc=grpc)
    with pytest.raises(ConfigError, match="needs a key"):
        open_pinecone()
