"""A Weaviate for tests: the part of its REST and gRPC protocol that answerable speaks, strict, in memory, exact.

From Weaviate's public documents (REST: schema, tenants, meta; gRPC: weaviate.proto v1) and with the messages that
the client carries. It refuses whatever it does not know: another field, property, filter or search is an error.
It is not Weaviate: no graph, no disk, no cluster, and only the words of errors that were read in the documents.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import numpy as np
from google.protobuf.json_format import MessageToDict
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from weaviate.proto.v1 import (
    aggregate_pb2,
    base_pb2,
    batch_delete_pb2,
    batch_pb2,
    properties_pb2,
    search_get_pb2,
    weaviate_pb2_grpc,
)

from answerable.testing.server import serving
from tests.services.faults import Fault, Faults

VERSION = "1.34.0"
_TENANT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CLASS = re.compile(r"[A-Z][_0-9A-Za-z]{0,254}")
_MOST_RESULTS = 10_000  # QUERY_MAXIMUM_RESULTS
_LARGEST = 104_858_000  # grpcMaxMessageSize
_CODES = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}
_CLASS_KEYS = {
    "class", "properties", "multiTenancyConfig", "vectorConfig", "invertedIndexConfig", "replicationConfig",
    "shardingConfig", "description", "moduleConfig",
}  # fmt: skip
_PROPERTY_KEYS = {
    "name", "dataType", "tokenization", "indexFilterable", "indexSearchable", "indexRangeFilters", "description",
    "moduleConfig", "nestedProperties",
    "skip_vectorization", "vectorize_property_name",  # the client sends them, the server overlooks them
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Entry:
    """One object."""

    properties: dict[str, Any]
    vector: np.ndarray


@dataclass(slots=True, kw_only=True)
class Collection:
    """A class with its tenants' objects, by id."""

    schema: dict[str, Any]
    dim: int | None = None
    tenants: dict[str, dict[str, Entry]] = field(default_factory=dict)

    def kind(self, name: str) -> str:
        return {one["name"]: one["dataType"][0] for one in self.schema["properties"]}.get(name, "")


class RefusedError(Exception):
    """A request the server does not take."""


@dataclass(slots=True, kw_only=True)
class WeaviateServer:
    """Start it with `async with serving_weaviate() as server`."""

    api_key: str = ""
    url: str = ""
    grpc: str = ""
    faults: Faults = field(default_factory=Faults)
    collections: dict[str, Collection] = field(default_factory=dict)

    # REST ---------------------------------------------------------------------------------------------------

    def routes(self) -> list[Route]:
        return [
            Route("/v1/meta", self.meta),
            Route("/v1/schema", self.create, methods=["POST"]),
            Route("/v1/schema/{name}", self.describe, methods=["GET"]),
            Route("/v1/schema/{name}/tenants", self.add_tenants, methods=["POST"]),
            Route("/v1/schema/{name}/tenants/{tenant}", self.has_tenant, methods=["GET", "HEAD"]),
        ]

    async def guard(self, request: Request) -> Response | None:
        fault = await self.faults.next(request.url.path)
        if fault:
            return Response(fault.body, status_code=fault.status or 503, headers=fault.headers)
        if self.api_key and request.headers.get("authorization") != f"Bearer {self.api_key}":
            return JSONResponse({"error": [{"message": "anonymous access not enabled"}]}, status_code=401)
        return None

    async def meta(self, request: Request) -> Response:
        said = {"hostname": self.url, "version": VERSION, "modules": {}, "grpcMaxMessageSize": _LARGEST}
        return await self.guard(request) or JSONResponse(said)

    async def create(self, request: Request) -> Response:
        if refused := await self.guard(request):
            return refused
        schema = await request.json()
        try:
            _check_class(schema)
        except RefusedError as error:
            return _rest_error(422, str(error))
        if schema["class"] in self.collections:
            return _rest_error(422, f"class name {schema['class']} already exists")
        self.collections[schema["class"]] = Collection(schema=schema)
        return JSONResponse(schema)

    async def describe(self, request: Request) -> Response:
        if refused := await self.guard(request):
            return refused
        found = self.collections.get(request.path_params["name"])
        return JSONResponse(found.schema) if found else Response(status_code=404)

    async def add_tenants(self, request: Request) -> Response:
        if refused := await self.guard(request):
            return refused
        found = self.collections.get(request.path_params["name"])
        if found is None:
            return _rest_error(404, "no such class")
        tenants = await request.json()
        for one in tenants:
            if set(one) - {"name", "activityStatus"} or not _TENANT.fullmatch(one["name"]):
                return _rest_error(422, f"invalid tenant {one}")
            found.tenants.setdefault(one["name"], {})
        return JSONResponse(tenants)

    async def has_tenant(self, request: Request) -> Response:
        if refused := await self.guard(request):
            return refused
        found = self.collections.get(request.path_params["name"])
        known = found is not None and request.path_params["tenant"] in found.tenants
        return Response(status_code=200 if known else 404)

    # gRPC ---------------------------------------------------------------------------------------------------

    def objects(self, collection: str, tenant: str) -> tuple[Collection, dict[str, Entry]]:
        found = self.collections.get(collection)
        if found is None:
            raise RefusedError(f"could not find class {collection} in schema")
        if tenant not in found.tenants:
            raise RefusedError(f'tenant not found: "{tenant}"')
        return found, found.tenants[tenant]

    def batch(self, request: Any) -> Any:
        _only(request, "objects", "consistency_level")
        reply = batch_pb2.BatchObjectsReply(took=0.001)
        for n, one in enumerate(request.objects):
            try:
                self.insert(one)
            except RefusedError as error:
                reply.errors.append(batch_pb2.BatchObjectsReply.BatchError(index=n, error=str(error)))
        return reply

    def insert(self, one: Any) -> None:
        _only(one, "uuid", "properties", "collection", "tenant", "vector_bytes", "vectors")
        collection, objects = self.objects(one.collection, one.tenant)
        vector = np.frombuffer(one.vector_bytes or _default_vector(one), dtype="<f4")
        if collection.dim not in (None, len(vector)):
            raise RefusedError(f"vector lengths don't match: {collection.dim} vs {len(vector)}")
        properties = _properties(one.properties)
        for name, value in properties.items():
            _check_kind(collection.kind(name), name, value)
        collection.dim = len(vector)
        objects[str(uuid.UUID(one.uuid))] = Entry(properties=properties, vector=vector / np.linalg.norm(vector))

    def search(self, request: Any) -> Any:
        _only(
            request, "collection", "tenant", "properties", "metadata", "limit", "after", "filters", "near_vector",
            "uses_123_api", "uses_125_api", "uses_127_api", "consistency_level",
        )  # fmt: skip
        if request.limit > _MOST_RESULTS:
            raise RefusedError(f"query maximum results exceeded: {request.limit}")
        collection, objects = self.objects(request.collection, request.tenant)
        held = sorted((key, one) for key, one in objects.items() if _matches(request, key, one, collection))
        if not request.HasField("near_vector"):
            page = [(key, one, None) for key, one in held if key > request.after]
        else:
            if request.after:
                raise RefusedError("cursor api: not compatible with a search")
            page = _by_distance(held, _query_vector(request.near_vector), collection.dim)
        reply = search_get_pb2.SearchReply(took=0.001)
        for key, one, distance in page[: request.limit or 10]:
            reply.results.append(_result(request, key, one, distance))
        return reply

    def delete(self, request: Any) -> Any:
        _only(request, "collection", "filters", "tenant", "verbose", "dry_run", "consistency_level")
        collection, objects = self.objects(request.collection, request.tenant)
        gone = [key for key, one in objects.items() if _matches(request, key, one, collection)][:_MOST_RESULTS]
        for key in gone:
            del objects[key]
        return batch_delete_pb2.BatchDeleteReply(took=0.001, matches=len(gone), successful=len(gone))

    def aggregate(self, request: Any) -> Any:
        _only(request, "collection", "tenant", "objects_count")
        _, objects = self.objects(request.collection, request.tenant)
        single = aggregate_pb2.AggregateReply.Single(objects_count=len(objects))
        return aggregate_pb2.AggregateReply(took=0.001, single_result=single)


class _Service(weaviate_pb2_grpc.WeaviateServicer):
    def __init__(self, server: WeaviateServer) -> None:
        self._server = server

    async def Search(self, request: Any, context: Any) -> Any:
        return await self._answer("Search", self._server.search, request, context)

    async def BatchObjects(self, request: Any, context: Any) -> Any:
        return await self._answer("BatchObjects", self._server.batch, request, context)

    async def BatchDelete(self, request: Any, context: Any) -> Any:
        return await self._answer("BatchDelete", self._server.delete, request, context)

    async def Aggregate(self, request: Any, context: Any) -> Any:
        return await self._answer("Aggregate", self._server.aggregate, request, context)

    async def _answer(self, name: str, call: Any, request: Any, context: Any) -> Any:
        fault = await self._server.faults.next(name)
        if fault:
            await context.abort(_code(fault), fault.body)
        metadata = dict(context.invocation_metadata())
        if self._server.api_key and metadata.get("authorization") != f"Bearer {self._server.api_key}":
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "anonymous access not enabled")
        try:
            return call(request)
        except RefusedError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))


@asynccontextmanager
async def serving_weaviate(*, api_key: str = "") -> AsyncIterator[WeaviateServer]:
    """Both protocols on free loopback ports, in this event loop."""
    server = WeaviateServer(api_key=api_key)
    rpc = grpc.aio.server()
    weaviate_pb2_grpc.add_WeaviateServicer_to_server(_Service(server), rpc)
    server.grpc = f"127.0.0.1:{rpc.add_insecure_port('127.0.0.1:0')}"
    await rpc.start()
    try:
        async with serving(Starlette(routes=server.routes())) as url:
            server.url = url
            yield server
    finally:
        await rpc.stop(grace=None)
        await asyncio.sleep(0)


def _rest_error(status: int, message: str) -> Response:
    return JSONResponse({"error": [{"message": message}]}, status_code=status)


def _code(fault: Fault) -> Any:
    return getattr(grpc.StatusCode, _CODES.get(fault.status, "INTERNAL"))


def _check_class(schema: dict[str, Any]) -> None:
    if unknown := set(schema) - _CLASS_KEYS:
        raise RefusedError(f"unknown field {sorted(unknown)[0]} in class")
    if not _CLASS.fullmatch(schema["class"]):
        raise RefusedError(f"'{schema['class']}' is not a valid class name")
    for one in schema["properties"]:
        _check_property(one)
    if not schema.get("multiTenancyConfig", {}).get("enabled"):
        raise RefusedError("this server has multi-tenant classes only")
    (vector,) = schema["vectorConfig"].values()
    if vector["vectorIndexConfig"].get("distance") != "cosine" or "none" not in vector["vectorizer"]:
        raise RefusedError("this server has own vectors with cosine distance only")


def _check_property(one: dict[str, Any]) -> None:
    if unknown := set(one) - _PROPERTY_KEYS:
        raise RefusedError(f"unknown field {sorted(unknown)[0]} in property")
    if one["dataType"] not in (["text"], ["text[]"], ["int"]):
        raise RefusedError(f"data type {one['dataType']}: not in this server")
    if one["dataType"][0].startswith("text") and one.get("tokenization") != "field":
        raise RefusedError("tokenization: only 'field' in this server")


def _only(message: Any, *known: str) -> None:
    """Whatever is set beyond these would be ignored here: refuse it."""
    present = {descriptor.name for descriptor, _ in message.ListFields()}
    if unknown := present - set(known):
        raise RefusedError(f"{message.DESCRIPTOR.name}.{sorted(unknown)[0]}: not in this server")


def _default_vector(one: Any) -> bytes:
    if len(one.vectors) != 1 or one.vectors[0].name != "default":
        raise RefusedError("an object needs the vector 'default'")
    return bytes(one.vectors[0].vector_bytes)


def _properties(sent: Any) -> dict[str, Any]:
    _only(sent, "non_ref_properties", "text_array_properties")
    found: dict[str, Any] = MessageToDict(sent.non_ref_properties)
    return found | {one.prop_name: list(one.values) for one in sent.text_array_properties}


def _check_kind(kind: str, name: str, value: Any) -> None:
    fits = {
        "text": lambda: isinstance(value, str),
        "int": lambda: isinstance(value, float) and value.is_integer(),
        "text[]": lambda: isinstance(value, list) and all(isinstance(one, str) for one in value),
    }
    if kind not in fits:
        raise RefusedError(f"no such prop with name '{name}' found in class")
    if not fits[kind]():
        raise RefusedError(f"invalid {kind} property '{name}'")


def _matches(request: Any, key: str, one: Entry, collection: Collection) -> bool:
    return not request.HasField("filters") or _holds(request.filters, key, one, collection)


def _holds(node: Any, key: str, one: Entry, collection: Collection) -> bool:
    operators = base_pb2.Filters
    if node.operator == operators.OPERATOR_AND:
        _only(node, "operator", "filters")
        return all(_holds(child, key, one, collection) for child in node.filters)
    if node.operator != operators.OPERATOR_CONTAINS_ANY:
        raise RefusedError(f"operator {node.operator}: not in this server")
    _only(node, "operator", "target", "value_text_array")
    wanted = [word.strip() for word in node.value_text_array.values]  # the tokenization `field` trims
    if node.target.property == "_id":
        return key in {str(uuid.UUID(word)) for word in wanted}
    if collection.kind(node.target.property) != "text[]":
        raise RefusedError(f"no such prop with name '{node.target.property}' found in class")
    return not set(wanted).isdisjoint(word.strip() for word in one.properties[node.target.property])


def _query_vector(near: Any) -> np.ndarray:
    _only(near, "vector_bytes", "vectors", "targets", "target_vectors")
    return np.frombuffer(near.vector_bytes or near.vectors[0].vector_bytes, dtype="<f4")


def _by_distance(
    held: list[tuple[str, Entry]], vector: np.ndarray, dim: int | None
) -> list[tuple[str, Entry, float]]:
    if dim is not None and len(vector) != dim:
        raise RefusedError(f"vector lengths don't match: {dim} vs {len(vector)}")
    if not held:
        return []
    cosines = np.stack([one.vector for _, one in held]) @ (vector / np.linalg.norm(vector))
    order = np.argsort(-cosines, kind="stable")
    return [(*held[n], float(1.0 - cosines[n])) for n in order]


def _result(request: Any, key: str, one: Entry, distance: float | None) -> Any:
    _only(request.metadata, "uuid", "distance")
    _only(request.properties, "non_ref_properties")
    metadata = search_get_pb2.MetadataResult(id=key, id_as_bytes=uuid.UUID(key).bytes)
    if distance is not None and request.metadata.distance:
        metadata.distance, metadata.distance_present = distance, True
    fields = {name: _value(one.properties[name]) for name in request.properties.non_ref_properties}
    properties = search_get_pb2.PropertiesResult(
        target_collection=request.collection, non_ref_props=properties_pb2.Properties(fields=fields)
    )
    return search_get_pb2.SearchResult(metadata=metadata, properties=properties)


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return properties_pb2.Value(text_value=value)
    return properties_pb2.Value(int_value=int(value))
