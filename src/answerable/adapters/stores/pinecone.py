"""The vector index in Pinecone: one serverless index a model, one namespace a tenant.

docs/decisions/0123-pinecone.md. Through pinecone's asynchronous client; the optional extra `pinecone`. Pinecone is
eventually consistent: a write returns here when the service says that searches see it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from answerable.adapters.stores.service import Busy, batches, client_module, patiently, seconds
from answerable.core.errors import AnswerableError, ConfigError, NotAuthorized, Unreachable
from answerable.core.identity import sha256_hex
from answerable.core.ports import Hit, PointKey, PointSet, Space, Vector

if TYPE_CHECKING:
    from pinecone import AsyncIndex, AsyncPinecone

_REQUEST_BYTES = 1_800_000  # the service takes 2 MB
_REQUEST_POINTS = 500  # and 1,000 records
_NUMBER_BYTES = 24  # of one number of a vector as JSON
_LISTED_TOGETHER = 100  # the most that it lists
_MOST_HITS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Serverless:
    """Where an index is made that is not there, and how long a write may take until it is searched."""

    cloud: str = "aws"
    region: str = "us-east-1"
    fresh_s: float = 60.0


def open_pinecone(
    *,
    url: str = "",
    api_key: str | None = None,
    prefix: str = "answerable",
    timeout_s: float = 10.0,
    serverless: Serverless | None = None,
) -> Pinecone:
    """With the control plane at `url`; the service's own when empty.

    Raises ConfigError where the client is not installed or there is no key.
    """
    if not api_key:
        raise ConfigError("pinecone needs a key", hint="set store.api_key to env:NAME or file:PATH")
    module = client_module("pinecone", extra="pinecone")
    client = module.AsyncPinecone(api_key=api_key, host=url or None, timeout=timeout_s)
    name = f"pinecone {url.rstrip('/')} {prefix}" if url else f"pinecone {prefix}"
    return Pinecone(
        client,
        name=name,
        prefix=prefix,
        timeout_s=timeout_s,
        plain=url.startswith("http://"),
        serverless=serverless,
    )


class Pinecone:
    """A VectorIndex. Ids are `stamp#n`, so that listing them is enough to see what is there."""

    def __init__(
        self,
        client: AsyncPinecone,
        *,
        name: str,
        prefix: str,
        timeout_s: float,
        plain: bool = False,
        serverless: Serverless | None = None,
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._timeout_s = timeout_s
        self._plain = plain
        self._serverless = serverless or Serverless()
        self._indexes: dict[str, AsyncIndex] = {}
        self._making = asyncio.Lock()
        self._name = name

    @property
    def name(self) -> str:
        """The service and the prefix of its indexes."""
        return self._name

    async def upsert(self, space: Space, sets: Sequence[PointSet]) -> None:
        """In requests under the limits of size and number; returns when the last of them is searched.

        Raises Unreachable where it is not within `fresh_s`.
        """
        records = [record for one in sets for record in _records(one)]
        if not records:
            return
        index = await patiently(lambda: self._make(space))
        facets = max(sum(len(word) + 4 for word in one.facets) for one in sets)
        together = max(1, min(_REQUEST_POINTS, _REQUEST_BYTES // (space.dim * _NUMBER_BYTES + facets + 200)))
        lsn = None
        for batch in batches(records, together):
            lsn = await patiently(lambda batch=batch: self._upsert(index, space, batch))  # type: ignore[misc]
        await self._until_seen(index, space, lsn=lsn, present=records[-1]["id"])

    async def delete(self, space: Space, keys: Sequence[PointKey]) -> None:
        """By id; returns when searches see it."""
        index = await self._find(space)
        if index is None or not keys:
            return
        for batch in batches(keys, _REQUEST_POINTS):
            await patiently(lambda batch=batch: self._delete(index, space, batch))  # type: ignore[misc]
        await self._until_seen(index, space, absent=_record_id(keys[-1]))

    async def search(
        self, space: Space, vector: Vector, *, limit: int, conditions: Sequence[Sequence[str]]
    ) -> list[Hit]:
        """With every condition as a filter on metadata; at most 10,000."""
        index = await self._find(space) if limit > 0 and all(conditions) else None
        if index is None:
            return []
        wanted = [{"facets": {"$in": list(one)}} for one in conditions]
        with _translated():
            async with asyncio.timeout(self._timeout_s):  # the client's own retries would outlast any question
                found = await index.query(
                    vector=vector.tolist(),
                    top_k=min(limit, _MOST_HITS),
                    namespace=_namespace(space),
                    filter={"$and": wanted} if wanted else None,
                    include_metadata=True,
                )
            return [_hit(one) for one in found.matches]

    async def count(self, space: Space) -> int:
        """As the service's statistics have it, which follow writes after a while."""
        index = await self._find(space)
        if index is None:
            return 0
        with _translated():
            stats = await index.describe_index_stats()
        summary = stats.namespaces.get(_namespace(space))
        return summary.vector_count if summary else 0

    async def keys(self, space: Space) -> AsyncIterator[PointKey]:
        """A hundred at a time."""
        index, after = await self._find(space), None
        while index is not None:
            with _translated():
                page = await index.list_paginated(
                    namespace=_namespace(space), limit=_LISTED_TOGETHER, pagination_token=after
                )
                found = [_key(str(one.id)) for one in page.vectors]
            for key in found:
                yield key
            after = page.pagination.next if page.pagination else None
            if not after:
                return

    async def describe(self) -> str:
        """That the control plane answers, and how many indexes it has."""
        with _translated():
            async with asyncio.timeout(self._timeout_s):
                found = await self._client.indexes.list()
        return f"pinecone with {len(list(found))} indexes"

    async def aclose(self) -> None:
        """Close all connections."""
        for index in self._indexes.values():
            await index.close()
        await self._client.close()

    def _index_name(self, space: Space) -> str:
        """Of one model. Small letters, digits and hyphens, at most 45."""
        return f"{self._prefix[:24]}-{space.dim}-{sha256_hex(space.model)[:12]}"

    async def _find(self, space: Space) -> AsyncIndex | None:
        name = self._index_name(space)
        if name not in self._indexes:
            with _translated():
                if not await self._client.indexes.exists(name):
                    return None
                await self._open(name)
        return self._indexes[name]

    async def _make(self, space: Space) -> AsyncIndex:
        async with self._making:
            name = self._index_name(space)
            if await self._find(space) is None:
                with _translated():
                    await self._create(name, space)
                    await self._open(name)
            return self._indexes[name]

    async def _create(self, name: str, space: Space) -> None:
        place = self._serverless
        errors = client_module("pinecone.errors.exceptions", extra="pinecone")
        try:
            await self._client.indexes.create(
                name=name,
                dimension=space.dim,
                metric="cosine",
                spec={"serverless": {"cloud": place.cloud, "region": place.region}},
                timeout=round(place.fresh_s),
            )
        except errors.ConflictError:  # another was quicker
            await self._client.indexes.describe(name)

    async def _open(self, name: str) -> None:
        host = (await self._client.indexes.describe(name)).host or ""
        if self._plain:  # a local service without TLS names its hosts bare, and the client takes that for https
            host = f"http://{host.removeprefix('https://').removeprefix('http://')}"
        self._indexes[name] = await self._client.index(host=host)

    async def _upsert(self, index: AsyncIndex, space: Space, records: Sequence[dict[str, Any]]) -> int | None:
        with _translated():
            done = await index.upsert(vectors=list(records), namespace=_namespace(space))
        return done.response_info.lsn_committed if done.response_info else None

    async def _delete(self, index: AsyncIndex, space: Space, keys: Sequence[PointKey]) -> None:
        errors = client_module("pinecone.errors.exceptions", extra="pinecone")
        with _translated():
            try:
                await index.delete(ids=[_record_id(key) for key in keys], namespace=_namespace(space))
            except errors.NotFoundError:  # the namespace was never written to
                return

    async def _until_seen(
        self, index: AsyncIndex, space: Space, *, lsn: int | None = None, present: str = "", absent: str = ""
    ) -> None:
        """Wait for the write: by the log numbers of the service, or, without them, by the record itself.

        The client drops the reply of a deletion, and the number with it.
        """
        pause, until = 0.02, time.monotonic() + self._serverless.fresh_s
        while not await self._seen(index, space, lsn, present, absent):
            if time.monotonic() > until:
                raise Unreachable(
                    f"pinecone does not show a write after {self._serverless.fresh_s:g} s",
                    hint="what was to be sent stays in Postgres and is found there; the next sync sends it again",
                )
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2.0)

    async def _seen(self, index: AsyncIndex, space: Space, lsn: int | None, present: str, absent: str) -> bool:
        namespace = _namespace(space)
        with _translated():
            if lsn is None:
                held = (await index.fetch(ids=[present or absent], namespace=namespace)).vectors
                return bool(held) == bool(present)
            probe = [1.0] + [0.0] * (space.dim - 1)
            asked = await index.query(vector=probe, top_k=1, namespace=namespace)
        return asked.response_info is not None and asked.response_info.is_reconciled(lsn)


def _records(one: PointSet) -> Iterator[dict[str, Any]]:
    for key, chunk_id, vector in zip(one.keys, one.chunk_ids, one.vectors, strict=True):
        metadata = {"chunk": chunk_id, "facets": list(one.facets)}
        yield {"id": _record_id(key), "values": vector.tolist(), "metadata": metadata}


def _record_id(key: PointKey) -> str:
    return f"{key.stamp}#{key.n}"


def _key(record: str) -> PointKey:
    stamp, _, n = record.rpartition("#")
    return PointKey(stamp, int(n))


def _hit(found: Any) -> Hit:
    return Hit(stamp=_key(found.id).stamp, chunk_id=str(found.metadata["chunk"]), score=float(found.score))


def _namespace(space: Space) -> str:
    """Plain letters, whatever the tenant is called."""
    return f"t{sha256_hex(space.tenant)[:32]}"


@contextmanager
def _translated() -> Iterator[None]:
    """The client's errors as ours."""
    errors = client_module("pinecone.errors.exceptions", extra="pinecone")
    try:
        yield
    except (errors.PineconeTimeoutError, errors.PineconeConnectionError, TimeoutError) as error:
        said = str(error) or type(error).__name__
        raise Unreachable(f"pinecone does not answer: {said}", hint="check store.url") from error
    except errors.ApiError as error:
        raise _refused(error) from error
    except (errors.PineconeError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"pinecone holds or says what answerable did not write: {error}",
            hint="give it a store.prefix of its own",
        ) from error


def _refused(error: Any) -> AnswerableError:
    status, said = int(error.status_code), str(error.message)[:200]
    if status in (401, 403):
        return NotAuthorized(f"pinecone refuses the key ({status})", hint="check store.api_key")
    if status == 429 or status >= 500:
        wish = (error.headers or {}).get("retry-after")
        return Busy(f"pinecone is busy ({status}): {said}", retry_after_s=seconds(wish))
    return ConfigError(f"pinecone refuses the request ({status}): {said}", hint="check store.url and store.prefix")
