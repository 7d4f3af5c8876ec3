"""The vector index in Qdrant: one collection a model, tenants apart by an indexed field.

docs/decisions/0121-qdrant.md. Through qdrant-client's REST side; the optional extra `qdrant`.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from answerable.adapters.stores.service import Busy, batches, client_module, patiently, seconds
from answerable.core.errors import ConfigError, NotAuthorized, Unreachable
from answerable.core.identity import sha256_hex
from answerable.core.ports import Hit, PointKey, PointSet, Space, Vector

if TYPE_CHECKING:
    from qdrant_client import AsyncQdrantClient
    from qdrant_client import models as types

_POINTS_TOGETHER = 256  # a request of 256 vectors of 1,536 numbers is about 8 MB; the server takes 32
_EF = 128  # how many neighbors a walk of the graph keeps in view


def open_qdrant(
    *,
    url: str = "",
    path: str = "",
    api_key: str | None = None,
    prefix: str = "answerable",
    timeout_s: float = 10.0,
) -> Qdrant:
    """At a server's `url`; or without a server, in the client's local mode, in the folder `path` or `:memory:`.

    Raises ConfigError where the client is not installed.
    """
    client = client_module("qdrant_client", extra="qdrant").AsyncQdrantClient
    if path:
        local = client(":memory:") if path == ":memory:" else client(path=path)
        return Qdrant(local, name=f"qdrant {path} {prefix}", prefix=prefix, local=True)
    # The check of compatibility is a request and a warning when the object is made; `describe` asks instead.
    whole_s = max(1, round(timeout_s))
    remote = client(url=url, api_key=api_key, timeout=whole_s, port=None, check_compatibility=False)
    return Qdrant(remote, name=f"qdrant {url.rstrip('/')} {prefix}", prefix=prefix)


class Qdrant:
    """A VectorIndex. Searches walk the HNSW graph with the filter inside; a selective filter makes them exact."""

    def __init__(self, client: AsyncQdrantClient, *, name: str, prefix: str, local: bool = False) -> None:
        self._client = client
        self._models: Any = client_module("qdrant_client.models", extra="qdrant")
        self._prefix = prefix
        self._local = local
        self._made: set[str] = set()
        self._name = name

    @property
    def name(self) -> str:
        """The server and the prefix of its collections."""
        return self._name

    async def upsert(self, space: Space, sets: Sequence[PointSet]) -> None:
        """In requests of 256 points, each waited for until it is searched."""
        points = [point for one in sets for point in self._points(space, one)]
        collection = await patiently(lambda: self._make(space))
        for batch in batches(points, _POINTS_TOGETHER):
            with _translated():
                await patiently(lambda batch=batch: self._upsert(collection, batch))  # type: ignore[misc]

    async def delete(self, space: Space, keys: Sequence[PointKey]) -> None:
        """By id, waited for."""
        if not await self._exists(space):
            return
        for batch in batches(keys, _POINTS_TOGETHER * 4):
            await patiently(lambda batch=batch: self._delete(space, batch))  # type: ignore[misc]

    async def search(
        self, space: Space, vector: Vector, *, limit: int, conditions: Sequence[Sequence[str]]
    ) -> list[Hit]:
        """With the tenant and every condition as a filter of the search."""
        if limit <= 0 or not all(conditions) or not await self._exists(space):
            return []
        with _translated():
            found = await self._client.query_points(
                self._collection(space),
                query=vector.tolist(),
                query_filter=self._filter(space, conditions),
                search_params=self._depth(limit),
                limit=limit,
                with_payload=["stamp", "chunk"],
            )
            return [_hit(point) for point in found.points]

    async def count(self, space: Space) -> int:
        """Exact."""
        if not await self._exists(space):
            return 0
        with _translated():
            counted = await self._client.count(
                self._collection(space), count_filter=self._filter(space, ()), exact=True
            )
        return counted.count

    async def keys(self, space: Space) -> AsyncIterator[PointKey]:
        """By scrolling, a thousand at a time."""
        after: Any = None
        while await self._exists(space):
            with _translated():
                points, after = await self._client.scroll(
                    self._collection(space),
                    scroll_filter=self._filter(space, ()),
                    limit=1000,
                    offset=after,
                    with_payload=["stamp", "n"],
                )
                found = [_key(point) for point in points]
            for key in found:
                yield key
            if after is None:
                return

    async def describe(self) -> str:
        """The server's version, or that there is no server."""
        if self._local:
            return "qdrant in the client's local mode, without a server"
        with _translated():
            return f"qdrant {(await self._client.info()).version}"

    async def aclose(self) -> None:
        """Close the connections, or the local files."""
        await self._client.close()

    def _depth(self, limit: int) -> types.SearchParams | None:
        """The local mode compares every vector, and warns of whoever asks for anything else."""
        return None if self._local else self._models.SearchParams(hnsw_ef=max(_EF, limit))

    def _collection(self, space: Space) -> str:
        """Of one model: its vectors are compared with no other's."""
        return f"{self._prefix}-{space.dim}-{sha256_hex(space.model)[:16]}"

    async def _exists(self, space: Space) -> bool:
        name = self._collection(space)
        if name not in self._made:
            with _translated():
                if await self._client.collection_exists(name):
                    self._made.add(name)
        return name in self._made

    async def _make(self, space: Space) -> str:
        name, models = self._collection(space), self._models
        if not await self._exists(space):
            with _translated():
                await self._create(name, models.VectorParams(size=space.dim, distance=models.Distance.COSINE))
            self._made.add(name)
        return name

    async def _create(self, name: str, vectors: types.VectorParams) -> None:
        models = self._models
        try:
            await self._client.create_collection(name, vectors_config=vectors)
        except (ValueError, client_module("qdrant_client.http.exceptions", extra="qdrant").UnexpectedResponse):
            if not await self._client.collection_exists(name):  # else another was quicker
                raise
        if self._local:  # which has no such indexes and warns
            return
        keyword = models.PayloadSchemaType.KEYWORD
        tenant = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)
        for field, schema in (("tenant", tenant), ("facets", keyword)):
            await self._client.create_payload_index(name, field_name=field, field_schema=schema, wait=True)

    async def _upsert(self, collection: str, points: Sequence[types.PointStruct]) -> None:
        with _translated():
            await self._client.upsert(collection, points=list(points), wait=True)

    async def _delete(self, space: Space, keys: Sequence[PointKey]) -> None:
        selector = self._models.PointIdsList(points=[_point_id(space, key) for key in keys])
        with _translated():
            await self._client.delete(self._collection(space), points_selector=selector, wait=True)

    def _points(self, space: Space, one: PointSet) -> Iterator[types.PointStruct]:
        for key, chunk_id, vector in zip(one.keys, one.chunk_ids, one.vectors, strict=True):
            payload = {"tenant": space.tenant, "stamp": key.stamp, "n": key.n, "chunk": chunk_id}
            yield self._models.PointStruct(
                id=_point_id(space, key), vector=vector.tolist(), payload={**payload, "facets": list(one.facets)}
            )

    def _filter(self, space: Space, conditions: Sequence[Sequence[str]]) -> types.Filter:
        models = self._models
        tenant = models.FieldCondition(key="tenant", match=models.MatchValue(value=space.tenant))
        others = [
            models.FieldCondition(key="facets", match=models.MatchAny(any=list(facets))) for facets in conditions
        ]
        return models.Filter(must=[tenant, *others])  # type: ignore[no-any-return]


def _point_id(space: Space, key: PointKey) -> str:
    """A UUID, as Qdrant wants; another tenant's key is another point."""
    return str(uuid.uuid5(uuid.UUID(key.stamp), f"{space.tenant}/{key.n}"))


def _hit(point: types.ScoredPoint) -> Hit:
    payload = point.payload or {}
    return Hit(stamp=str(payload["stamp"]), chunk_id=str(payload["chunk"]), score=float(point.score))


def _key(point: types.Record) -> PointKey:
    payload = point.payload or {}
    return PointKey(str(payload["stamp"]), int(payload["n"]))


@contextmanager
def _translated() -> Iterator[None]:
    """The client's errors as ours."""
    http = client_module("qdrant_client.http.exceptions", extra="qdrant")
    limited = client_module("qdrant_client.common.client_exceptions", extra="qdrant")
    try:
        yield
    except limited.ResourceExhaustedResponse as error:
        raise Busy(f"qdrant is busy: {error}", retry_after_s=float(error.retry_after_s)) from error
    except http.UnexpectedResponse as error:
        raise _refused(error) from error
    except http.ResponseHandlingException as error:
        raise Unreachable(
            f"qdrant does not answer: {error.source or type(error).__name__}", hint="check store.url"
        ) from error
    except (KeyError, TypeError, ValueError) as error:  # a payload or a reply that is not ours
        raise ConfigError(
            f"qdrant holds or says what answerable did not write: {error}",
            hint="give it a store.prefix of its own",
        ) from error


def _refused(error: Any) -> Unreachable | NotAuthorized | ConfigError:
    status, said = error.status_code or 0, error.content[:200].decode(errors="replace")
    if status in (401, 403):
        return NotAuthorized(f"qdrant refuses the key ({status})", hint="check store.api_key")
    if status == 429 or status >= 500:
        return Busy(f"qdrant is busy ({status}): {said}", retry_after_s=seconds(error.headers.get("Retry-After")))
    return ConfigError(f"qdrant refuses the request ({status}): {said}", hint="check store.url and its version")
