"""The vector index in Weaviate: one multi-tenant collection a model, one of its tenants a tenant.

docs/decisions/0122-weaviate.md. Through weaviate-client 4: REST for the schema, gRPC for everything else; the
optional extra `weaviate`.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from answerable.adapters.stores.service import Busy, batches, client_module, patiently
from answerable.core.errors import AnswerableError, ConfigError, NotAuthorized, Unreachable
from answerable.core.identity import sha256_hex
from answerable.core.ports import Hit, PointKey, PointSet, Space, Vector

if TYPE_CHECKING:
    from weaviate import WeaviateAsyncClient

_POINTS_TOGETHER = 500  # of 1,536 numbers: 3 MB; the server takes 100
_LISTED_TOGETHER = 1000
_ALREADY = "already exists"  # what the server says to the slower of two who make a collection
_DENIED = ("401", "403", "UNAUTHENTICATED", "PERMISSION_DENIED")
_BUSY = ("429", "500", "502", "503", "504", "UNAVAILABLE", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED", "INTERNAL")


def open_weaviate(
    *, url: str, grpc: str = "", api_key: str | None = None, prefix: str = "answerable", timeout_s: float = 10.0
) -> Weaviate:
    """At `url` for REST and `grpc` (host:port; the same host's port 50051 when empty, or 443 with https).

    Raises ConfigError where the client is not installed or the addresses cannot be read.
    """
    weaviate = client_module("weaviate", extra="weaviate")
    config = client_module("weaviate.classes.init", extra="weaviate")
    secure, host, port = _address(url)
    grpc_host, _, grpc_port = grpc.partition(":") if grpc else (host, "", "443" if secure else "50051")
    if not grpc_port.isdecimal():
        raise ConfigError(f"store.grpc {grpc!r} is no host:port", hint="for example localhost:50051")
    whole_s = max(1, round(timeout_s))
    client = weaviate.use_async_with_custom(
        http_host=host,
        http_port=port,
        http_secure=secure,
        grpc_host=grpc_host,
        grpc_port=int(grpc_port),
        grpc_secure=secure,
        auth_credentials=config.Auth.api_key(api_key) if api_key else None,
        additional_config=config.AdditionalConfig(
            timeout=config.Timeout(init=whole_s, query=whole_s, insert=whole_s * 3)
        ),
        skip_init_checks=True,  # they would ask a package index for a newer client
    )
    return Weaviate(client, name=f"weaviate {url.rstrip('/')} {prefix}", prefix=prefix)


class Weaviate:
    """A VectorIndex. Tenants lie in shards of their own; facets are compared whole, case and all."""

    def __init__(self, client: WeaviateAsyncClient, *, name: str, prefix: str) -> None:
        self._client = client
        self._classes: Any = client_module("weaviate.classes", extra="weaviate")
        self._prefix = "".join(part.capitalize() for part in prefix.replace("-", "_").split("_"))
        self._made: set[tuple[str, str]] = set()
        self._connecting = asyncio.Lock()
        self._name = name

    @property
    def name(self) -> str:
        """The server and the prefix of its collections."""
        return self._name

    async def upsert(self, space: Space, sets: Sequence[PointSet]) -> None:
        """In batches of 500 objects; an object that is refused is an error."""
        objects = [one for points in sets for one in self._objects(space, points)]
        if not objects:
            return
        await patiently(lambda: self._make(space))
        for batch in batches(objects, _POINTS_TOGETHER):
            await patiently(lambda batch=batch: self._insert(space, batch))  # type: ignore[misc]

    async def delete(self, space: Space, keys: Sequence[PointKey]) -> None:
        """By id."""
        if not await self._exists(space):
            return
        for batch in batches(keys, _POINTS_TOGETHER):
            await patiently(lambda batch=batch: self._delete(space, batch))  # type: ignore[misc]

    async def search(
        self, space: Space, vector: Vector, *, limit: int, conditions: Sequence[Sequence[str]]
    ) -> list[Hit]:
        """With every condition as a filter of the search."""
        if limit <= 0 or not all(conditions) or not await self._exists(space):
            return []
        query = self._classes.query
        filters = [query.Filter.by_property("facets").contains_any(list(one)) for one in conditions]
        with _translated():
            found = await self._tenant(space).query.near_vector(
                near_vector=vector.tolist(),
                limit=limit,
                filters=query.Filter.all_of(filters) if filters else None,
                return_metadata=query.MetadataQuery(distance=True),
                return_properties=["stamp", "chunk"],
            )
            return [_hit(one) for one in found.objects]

    async def count(self, space: Space) -> int:
        """Exact, of the tenant."""
        if not await self._exists(space):
            return 0
        with _translated():
            return int(await self._tenant(space).length())

    async def keys(self, space: Space) -> AsyncIterator[PointKey]:
        """By the cursor, a thousand at a time."""
        after: uuid.UUID | None = None
        while await self._exists(space):
            with _translated():
                found = await self._tenant(space).query.fetch_objects(
                    limit=_LISTED_TOGETHER, after=after, return_properties=["stamp", "n"]
                )
                page = [(one.uuid, _key(one)) for one in found.objects]
            for _, key in page:
                yield key
            if len(page) < _LISTED_TOGETHER:
                return
            if page[-1][0] == after:
                raise ConfigError("weaviate lists the same objects again and again", hint="check its version")
            after = page[-1][0]

    async def describe(self) -> str:
        """The server's version."""
        with _translated():
            await self._connect()
            return f"weaviate {(await self._client.get_meta())['version']}"

    async def aclose(self) -> None:
        """Close both connections."""
        await self._client.close()

    async def _connect(self) -> None:
        async with self._connecting:  # two at once would each open connections, and one pair be forgotten
            if not self._client.is_connected():
                await self._client.connect()

    def _collection(self, space: Space) -> str:
        """Of one model: its vectors are compared with no other's. Names begin with a capital."""
        return f"{self._prefix}_{space.dim}_{sha256_hex(space.model)[:16]}"

    def _tenant(self, space: Space) -> Any:
        return self._client.collections.use(self._collection(space)).with_tenant(_tenant_name(space))

    async def _exists(self, space: Space) -> bool:
        name, tenant = self._collection(space), _tenant_name(space)
        if (name, tenant) not in self._made:
            with _translated():
                await self._connect()
                known = await self._client.collections.exists(name)
                if known and await self._client.collections.use(name).tenants.exists(tenant):
                    self._made.add((name, tenant))
        return (name, tenant) in self._made

    async def _make(self, space: Space) -> None:
        if await self._exists(space):
            return
        name = self._collection(space)
        with _translated():
            if not await self._client.collections.exists(name):
                await self._create(name)
            await self._client.collections.use(name).tenants.create(_tenant_name(space))
        self._made.add((name, _tenant_name(space)))

    async def _create(self, name: str) -> None:
        config = self._classes.config
        whole = config.Tokenization.FIELD  # a text is one word, as it stands
        text, texts = config.DataType.TEXT, config.DataType.TEXT_ARRAY
        properties = [
            config.Property(name="stamp", data_type=text, tokenization=whole, index_searchable=False),
            config.Property(name="n", data_type=config.DataType.INT),
            config.Property(name="chunk", data_type=text, tokenization=whole, index_searchable=False),
            config.Property(name="facets", data_type=texts, tokenization=whole, index_searchable=False),
        ]
        cosine = config.Configure.VectorIndex.hnsw(distance_metric=config.VectorDistances.COSINE)
        errors = client_module("weaviate.exceptions", extra="weaviate")
        try:
            await self._client.collections.create(
                name,
                properties=properties,
                vector_config=config.Configure.Vectors.self_provided(vector_index_config=cosine),
                multi_tenancy_config=config.Configure.multi_tenancy(enabled=True),
            )
        except errors.UnexpectedStatusCodeError as error:
            if _ALREADY not in str(error):
                raise

    async def _insert(self, space: Space, objects: Sequence[Any]) -> None:
        with _translated():
            done = await self._tenant(space).data.insert_many(list(objects))
        if done.has_errors:
            raise _refused("; ".join(sorted({one.message for one in done.errors.values()})[:3]))

    async def _delete(self, space: Space, keys: Sequence[PointKey]) -> None:
        ids = [_object_id(space, key) for key in keys]
        with _translated():
            done = await self._tenant(space).data.delete_many(self._classes.query.Filter.by_id().contains_any(ids))
        if done.failed:
            raise Busy(f"weaviate could not delete {done.failed} of {len(ids)} objects")

    def _objects(self, space: Space, points: PointSet) -> Iterator[Any]:
        for key, chunk_id, vector in zip(points.keys, points.chunk_ids, points.vectors, strict=True):
            yield self._classes.data.DataObject(
                uuid=_object_id(space, key),
                vector=vector.tolist(),
                properties={"stamp": key.stamp, "n": key.n, "chunk": chunk_id, "facets": list(points.facets)},
            )


def _tenant_name(space: Space) -> str:
    """Letters and digits only, as Weaviate wants, whatever the tenant is called."""
    return f"t{sha256_hex(space.tenant)[:32]}"


def _object_id(space: Space, key: PointKey) -> uuid.UUID:
    """Another tenant's key is another object."""
    return uuid.uuid5(uuid.UUID(key.stamp), f"{space.tenant}/{key.n}")


def _hit(found: Any) -> Hit:
    said = found.properties
    return Hit(stamp=str(said["stamp"]), chunk_id=str(said["chunk"]), score=1.0 - float(found.metadata.distance))


def _key(found: Any) -> PointKey:
    return PointKey(str(found.properties["stamp"]), int(found.properties["n"]))


def _address(url: str) -> tuple[bool, str, int]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"store.url {url!r} is no address", hint="for example http://localhost:8080")
    secure = parts.scheme == "https"
    return secure, parts.hostname, parts.port or (443 if secure else 80)


@contextmanager
def _translated() -> Iterator[None]:
    """The client's errors as ours."""
    errors = client_module("weaviate.exceptions", extra="weaviate")
    rpc = client_module("grpc.aio", extra="weaviate")
    try:
        yield
    except (errors.WeaviateConnectionError, errors.WeaviateStartUpError, errors.WeaviateTimeoutError) as error:
        raise Unreachable(f"weaviate does not answer: {error}", hint="check store.url and store.grpc") from error
    except (errors.WeaviateBaseError, rpc.AioRpcError) as error:
        raise _refused(str(error), _code(error)) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # a property or a reply that is not ours
        raise ConfigError(
            f"weaviate holds or says what answerable did not write: {error}",
            hint="give it a store.prefix of its own",
        ) from error


def _code(error: BaseException | None) -> str:
    """HTTP's status or the name of gRPC's code, which the client keeps in the errors behind its own at best."""
    while error is not None:
        if (status := getattr(error, "status_code", 0)) >= 100:  # below are gRPC's, which come with their names
            return str(status)
        if callable(code := getattr(error, "code", None)):
            return str(code().name)
        error = error.__cause__ or error.__context__
    return ""


def _refused(said: str, code: str = "") -> AnswerableError:
    if code in _DENIED:
        return NotAuthorized(f"weaviate refuses the key ({code})", hint="check store.api_key")
    if code in _BUSY:
        return Busy(f"weaviate is busy or away ({code}): {said[:300]}", hint="check store.url and store.grpc")
    return ConfigError(f"weaviate refuses the request: {said[:300]}", hint="check store.url and its version")
