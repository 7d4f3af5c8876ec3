"""Embeddings from any endpoint that speaks OpenAI's /v1/embeddings: OpenAI, vLLM, Ollama, TEI and others."""

from __future__ import annotations

import asyncio
import base64
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import httpx2
import numpy as np
from numpy.typing import NDArray

from answerable.adapters.account import Account
from answerable.core.completion import Usage
from answerable.core.deadline import Deadline
from answerable.core.errors import (
    ModelMismatch,
    ModelUnreachable,
    PermanentModelError,
    TransientModelError,
)
from answerable.core.ports import EmbeddingModel, Kind, Vectors
from answerable.text.tokens import token_count

_RETRY_STATUS = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_LONGEST_WAIT_S = 30.0

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where the model is and how to ask it."""

    base_url: str  # up to and with /v1
    model: str  # the provider's name
    dim: int
    revision: str = "served"  # raise it by hand when the provider changes the model behind the name
    api_key: str = ""
    batch_size: int = 64  # texts a request
    concurrency: int = 4  # requests at once
    timeout_s: float = 30.0
    attempts: int = 4
    first_wait_s: float = 0.5  # doubles with each attempt
    encoding: Literal["float", "base64"] = "float"
    query_prefix: str = ""  # e.g. `query: ` for E5
    passage_prefix: str = ""
    send_dimensions: bool = False  # ask a model that can shorten its vectors for `dim` numbers

    def __repr__(self) -> str:  # a key must not reach a log
        return f"Endpoint(base_url={self.base_url!r}, model={self.model!r}, dim={self.dim})"


class HttpEmbedder:
    """An Embedder behind HTTP. Requests are retried with jittered waits when that can help."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
        account: Account | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._account = account or Account(use="embed", provider="embedding", model=endpoint.model)
        self._sleep = sleep
        headers = {"Authorization": f"Bearer {endpoint.api_key}"} if endpoint.api_key else {}
        self._client = httpx2.AsyncClient(timeout=endpoint.timeout_s, headers=headers, transport=transport)
        self._slots = asyncio.Semaphore(endpoint.concurrency)

    @property
    def model(self) -> EmbeddingModel:
        """The space's identity, as far as an endpoint lets one know it."""
        one = self._endpoint
        return EmbeddingModel(name=one.model, revision=one.revision, dim=one.dim, engine="http")

    async def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """One row a text, float32, unit length, shape (n, dim), whatever lengths the endpoint gives.

        Raises ModelUnreachable after the last attempt, PermanentModelError when another attempt cannot help,
        ModelMismatch when the vectors have another dimension.
        """
        one = self._endpoint
        prefix = one.query_prefix if kind == "query" else one.passage_prefix
        sent = [prefix + text.encode("utf-8", "replace").decode() or " " for text in texts]  # empty input: refused
        groups = [sent[start : start + one.batch_size] for start in range(0, len(sent), one.batch_size)]
        parts = await self._all(groups)
        return np.concatenate([np.empty((0, one.dim), dtype=np.float32), *parts])

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _all(self, groups: list[list[str]]) -> list[Vectors]:
        """All groups at once; the first failure stops the others and is raised bare."""
        tasks = [asyncio.create_task(self._group(group)) for group in groups]
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _group(self, texts: list[str]) -> Vectors:
        async with self._slots:
            for attempt in range(1, self._endpoint.attempts):
                try:
                    return await self._once(texts)
                except TransientModelError as exc:
                    await self._sleep(self._wait_s(attempt, at_least_s=exc.retry_after_s or 0.0))
            try:
                return await self._once(texts)
            except TransientModelError as exc:
                raise ModelUnreachable(
                    f"{self._endpoint.base_url} gave no embeddings in {self._endpoint.attempts} attempts: {exc}",
                    hint="check embedding.base_url and that the server runs",
                ) from exc

    def _wait_s(self, attempt: int, *, at_least_s: float) -> float:
        """Full jitter (Brooker 2015, "Exponential backoff and jitter"); the provider's own wish is the least."""
        jittered = random.uniform(0.0, self._endpoint.first_wait_s * 2 ** (attempt - 1))
        return min(_LONGEST_WAIT_S, max(at_least_s, jittered))

    async def _once(self, texts: list[str]) -> Vectors:
        one = self._endpoint
        body: dict[str, Any] = {"model": one.model, "input": texts, "encoding_format": one.encoding}
        if one.send_dimensions:
            body["dimensions"] = one.dim
        expected = Usage(input=sum(map(token_count, texts)), estimated=True)
        async with self._account.call(expected, deadline=Deadline.after(one.timeout_s)) as bill:
            try:
                response = await self._client.post(f"{one.base_url.rstrip('/')}/embeddings", json=body)
            except httpx2.HTTPError as exc:
                raise TransientModelError(f"{type(exc).__name__}: {exc}") from exc
            _check_status(response)
            bill.usage, bill.reported = _used(response)
            return _unit(_rows(response, len(texts)), one)


def _used(response: httpx2.Response) -> tuple[Usage | None, str]:
    """The tokens and the model that the reply tells; None where it does not count."""
    try:
        reply = response.json()
        return Usage(input=int(reply["usage"]["prompt_tokens"])), str(reply.get("model") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None, ""


def _check_status(response: httpx2.Response) -> None:
    if response.is_success:
        return
    status, said = response.status_code, f"HTTP {response.status_code}: {response.text[:300]}"
    if status in _RETRY_STATUS:
        wish = response.headers.get("Retry-After", "")
        retry_after_s = float(wish) if wish.isdecimal() else None
        raise TransientModelError(said, status=status, retry_after_s=retry_after_s)
    hint = "check the API key" if status in (401, 403) else "check embedding.base_url and embedding.model"
    raise PermanentModelError(said, hint=hint, status=status)


def _rows(response: httpx2.Response, n: int) -> list[NDArray[np.float32]]:
    """The vectors in the order of the texts. A malformed reply may be better next time: it is transient."""
    try:
        data = sorted(response.json()["data"], key=lambda entry: int(entry["index"]))
        rows = [_decode(entry["embedding"]) for entry in data]
        numbers = [int(entry["index"]) for entry in data]
    except (ValueError, KeyError, TypeError) as exc:
        raise TransientModelError(f"the reply is not a list of embeddings: {exc}") from exc
    if numbers != list(range(n)):
        raise TransientModelError(f"{n} texts were sent, embeddings came for {numbers[:5]}…")
    return rows


def _decode(embedding: str | list[float]) -> NDArray[np.float32]:
    if isinstance(embedding, str):  # little-endian float32; some servers give it though floats were asked for
        return np.frombuffer(base64.b64decode(embedding, validate=True), dtype="<f4")
    return np.array(embedding, dtype=np.float32)


def _unit(rows: list[NDArray[np.float32]], endpoint: Endpoint) -> Vectors:
    for row in rows:
        if row.shape != (endpoint.dim,):
            raise ModelMismatch(
                f"{endpoint.model} gives vectors of {row.size} numbers, configured are {endpoint.dim}",
                hint=f"set embedding.dim to {row.size} and re-index, or name the model the index was made with",
            )
    vectors = np.stack(rows)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths == 0.0).any():
        raise PermanentModelError(f"{endpoint.model} gave a vector without a direction", hint="try another model")
    return np.asarray(vectors / lengths, dtype=np.float32)
