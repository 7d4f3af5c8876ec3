"""A Pinecone for tests: the part of its REST protocol (2025-10) that answerable speaks, strict, in memory, exact.

From Pinecone's public API reference and list of limits. It refuses what it does not know, and what is over a
limit. With `lag_s` it is eventually consistent, as Pinecone is: a write is searched, listed and counted that much
later, and the log numbers in the headers say whether it is. It is not Pinecone: nothing is approximate or billed.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from answerable.testing.server import serving
from tests.services.faults import Faults

API_VERSION = "2025-10"
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,43}[a-z0-9])?")
_RECORDS, _REQUEST_BYTES, _METADATA_BYTES, _TOP_K, _LISTED = 1000, 2_000_000, 40_960, 10_000, 100


class RefusedError(Exception):
    """A request the service answers with 400."""


@dataclass(slots=True, kw_only=True)
class Record:
    """One vector with its metadata."""

    values: np.ndarray
    metadata: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Index:
    """Namespaces with their records, and writes that are not yet seen."""

    model: dict[str, Any]
    namespaces: dict[str, dict[str, Record]] = field(default_factory=dict)
    pending: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    committed: int = 0
    reconciled: int = 0

    def write(self, change: Callable[[], None], *, lag_s: float) -> int:
        self.committed += 1
        self.pending.append((time.monotonic() + lag_s, self.committed, change))
        return self.committed

    def settle(self) -> None:
        while self.pending and self.pending[0][0] <= time.monotonic():
            _, self.reconciled, change = self.pending.pop(0)
            change()


@dataclass(slots=True, kw_only=True)
class PineconeServer:
    """Start it with `async with serving_pinecone() as server`. Each index's host is a path of this one."""

    api_key: str
    lag_s: float = 0.0
    log_numbers: bool = True  # whether it sends them
    url: str = ""
    faults: Faults = field(default_factory=Faults)
    indexes: dict[str, Index] = field(default_factory=dict)

    def routes(self) -> list[Route]:
        data = "/i/{name}"
        return [
            Route("/indexes", self._guarded(self.list_indexes), methods=["GET"]),
            Route("/indexes", self._guarded(self.create), methods=["POST"]),
            Route("/indexes/{name}", self._guarded(self.describe), methods=["GET"]),
            Route(f"{data}/vectors/upsert", self._guarded(self.upsert), methods=["POST"]),
            Route(f"{data}/vectors/delete", self._guarded(self.delete), methods=["POST"]),
            Route(f"{data}/vectors/fetch", self._guarded(self.fetch), methods=["GET"]),
            Route(f"{data}/vectors/list", self._guarded(self.list), methods=["GET"]),
            Route(f"{data}/query", self._guarded(self.query), methods=["POST"]),
            Route(f"{data}/describe_index_stats", self._guarded(self.stats), methods=["POST"]),
        ]

    def _guarded(self, call: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            if fault := await self.faults.next(request.url.path):
                return Response(fault.body, status_code=fault.status or 504, headers=fault.headers)
            if request.headers.get("api-key") != self.api_key:
                return _error(401, "UNAUTHENTICATED", "Invalid API Key")
            if request.headers.get("x-pinecone-api-version") != API_VERSION:
                return _error(400, "INVALID_ARGUMENT", "unknown api version")
            try:
                said: Response = await call(request)
            except RefusedError as error:
                return _error(400, "INVALID_ARGUMENT", str(error))
            return said

        return answer

    # Control plane ------------------------------------------------------------------------------------------

    async def list_indexes(self, request: Request) -> Response:
        return JSONResponse({"indexes": [one.model for one in self.indexes.values()]})

    async def create(self, request: Request) -> Response:
        wanted = await _body(
            request, "name", "metric", "vector_type", "deletion_protection", "dimension", "tags", "spec"
        )
        name = wanted["name"]
        if not _NAME.fullmatch(name):
            raise RefusedError("Name must consist of lower case alphanumeric characters or '-', at most 45")
        if wanted["metric"] != "cosine" or set(wanted["spec"]) != {"serverless"}:
            raise RefusedError("this server has serverless cosine indexes only")
        if name in self.indexes:
            return _error(409, "ALREADY_EXISTS", "Resource already exists")
        status = {"ready": True, "state": "Ready"}
        model = {**wanted, "host": f"{self.url.removeprefix('http://')}/i/{name}", "status": status}
        self.indexes[name] = Index(model=model)
        return JSONResponse(model, status_code=201)

    async def describe(self, request: Request) -> Response:
        found = self.indexes.get(request.path_params["name"])
        return JSONResponse(found.model) if found else _error(404, "NOT_FOUND", "Resource not found")

    # Data plane ---------------------------------------------------------------------------------------------

    def _index(self, request: Request) -> Index:
        found = self.indexes.get(request.path_params["name"])
        if found is None:
            raise RefusedError("no such host")
        found.settle()
        return found

    def _reply(self, index: Index, said: dict[str, Any], *, lsn: int | None = None) -> Response:
        index.settle()
        headers = {"x-pinecone-lsn-reconciled": str(index.reconciled)}
        if lsn is not None:
            headers["x-pinecone-lsn-committed"] = str(lsn)
        return JSONResponse(said, headers=headers if self.log_numbers else {})

    async def upsert(self, request: Request) -> Response:
        index = self._index(request)
        sent = await _body(request, "vectors", "namespace")
        if not 0 < len(sent["vectors"]) <= _RECORDS:
            raise RefusedError(f"at most {_RECORDS} vectors in a request, not {len(sent['vectors'])}")
        records = dict(_record(one, index.model["dimension"]) for one in sent["vectors"])
        namespace = index.namespaces.setdefault(sent.get("namespace", ""), {})
        lsn = index.write(lambda: namespace.update(records), lag_s=self.lag_s)
        return self._reply(index, {"upsertedCount": len(records)}, lsn=lsn)

    async def delete(self, request: Request) -> Response:
        index = self._index(request)
        sent = await _body(request, "ids", "namespace")
        if not 0 < len(sent["ids"]) <= _RECORDS:
            raise RefusedError(f"at most {_RECORDS} ids in a request")
        if sent["namespace"] not in index.namespaces:
            return _error(404, "NOT_FOUND", "Namespace not found")
        namespace = index.namespaces[sent["namespace"]]

        def change() -> None:
            for one in sent["ids"]:
                namespace.pop(one, None)

        return self._reply(index, {}, lsn=index.write(change, lag_s=self.lag_s))

    async def fetch(self, request: Request) -> Response:
        index = self._index(request)
        _known(request.query_params, "ids", "namespace")
        held = index.namespaces.get(request.query_params.get("namespace", ""), {})
        ids = [one for one in request.query_params.getlist("ids") if one in held]
        found = {
            one: {"id": one, "values": held[one].values.tolist(), "metadata": held[one].metadata} for one in ids
        }
        return self._reply(index, {"vectors": found, "namespace": ""})

    async def list(self, request: Request) -> Response:
        index = self._index(request)
        asked = request.query_params
        _known(asked, "namespace", "limit", "prefix", "paginationToken")
        limit = int(asked.get("limit", _LISTED))
        if not 0 < limit <= _LISTED:
            raise RefusedError("limit must be between 1 and 100")
        held = sorted(index.namespaces.get(asked.get("namespace", ""), {}))
        rest = [one for one in held if one > asked.get("paginationToken", "")]
        page = rest[:limit]
        said: dict[str, Any] = {"vectors": [{"id": one} for one in page], "namespace": asked.get("namespace", "")}
        if len(rest) > limit:
            said["pagination"] = {"next": page[-1]}
        return self._reply(index, said)

    async def query(self, request: Request) -> Response:
        index = self._index(request)
        asked = await _body(request, "topK", "includeValues", "includeMetadata", "namespace", "vector", "filter")
        if not 0 < asked["topK"] <= _TOP_K:
            raise RefusedError("topK must be between 1 and 10000")
        vector = _vector(asked["vector"], index.model["dimension"])
        held = index.namespaces.get(asked.get("namespace", ""), {})
        allowed = [(key, one) for key, one in held.items() if _matches(asked.get("filter"), one.metadata)]
        scored = sorted(((float(one.values @ vector), key, one) for key, one in allowed), key=lambda it: -it[0])
        matches = [
            {"id": key, "score": score, **({"metadata": one.metadata} if asked["includeMetadata"] else {})}
            for score, key, one in scored[: asked["topK"]]
        ]
        return self._reply(index, {"matches": matches, "namespace": asked.get("namespace", "")})

    async def stats(self, request: Request) -> Response:
        index = self._index(request)
        await _body(request)
        counts = {name: {"vectorCount": len(held)} for name, held in index.namespaces.items() if held}
        total = sum(one["vectorCount"] for one in counts.values())
        return self._reply(
            index, {"namespaces": counts, "dimension": index.model["dimension"], "totalVectorCount": total}
        )


@asynccontextmanager
async def serving_pinecone(*, api_key: str = "key", lag_s: float = 0.0) -> AsyncIterator[PineconeServer]:
    """Control and data plane on one free loopback port, in this event loop."""
    server = PineconeServer(api_key=api_key, lag_s=lag_s)
    async with serving(Starlette(routes=server.routes())) as url:
        server.url = url
        yield server


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}, "status": status}, status_code=status)


async def _body(request: Request, *known: str) -> dict[str, Any]:
    raw = await request.body()
    if len(raw) > _REQUEST_BYTES:
        raise RefusedError(f"message length too large: {len(raw)} bytes, the limit is {_REQUEST_BYTES}")
    sent: dict[str, Any] = json.loads(raw)
    _known(sent, *known)
    return sent


def _known(sent: Any, *known: str) -> None:
    if unknown := set(sent) - set(known):
        raise RefusedError(f"unknown field {sorted(unknown)[0]}")


def _record(sent: dict[str, Any], dim: int) -> tuple[str, Record]:
    _known(sent, "id", "values", "metadata")
    if not 0 < len(sent["id"]) <= 512 or not sent["id"].isascii():
        raise RefusedError("an id is ASCII of at most 512 characters")
    if len(json.dumps(sent["metadata"])) > _METADATA_BYTES:
        raise RefusedError("metadata size is larger than 40960 bytes")
    for value in sent["metadata"].values():
        if not isinstance(value, str | int | float) and not all(isinstance(one, str) for one in value):
            raise RefusedError("metadata value must be a string, number, boolean or list of strings")
    return sent["id"], Record(values=_vector(sent["values"], dim), metadata=sent["metadata"])


def _vector(sent: list[float], dim: int) -> np.ndarray:
    if len(sent) != dim:
        raise RefusedError(f"Vector dimension {len(sent)} does not match the dimension of the index {dim}")
    vector = np.asarray(sent, dtype=np.float32)
    length = float(np.linalg.norm(vector))
    if not length:
        raise RefusedError("dense vectors must contain at least one non-zero value")
    return vector / length


def _matches(node: dict[str, Any] | None, metadata: dict[str, Any]) -> bool:
    if node is None:
        return True
    if len(node) != 1:
        raise RefusedError("a filter has one operator or field")
    ((key, value),) = node.items()
    if key == "$and":
        if not value:
            raise RefusedError("$and needs at least one filter")
        return all(_matches(one, metadata) for one in value)
    if key.startswith("$") or set(value) != {"$in"} or not value["$in"]:
        raise RefusedError(f"filter {node}: not in this server")
    held = metadata.get(key, [])
    return not set(value["$in"]).isdisjoint(held if isinstance(held, list) else [held])
