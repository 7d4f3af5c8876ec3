"""all-MiniLM-L6-v2 in this process, without torch: tokenizer, onnxruntime graph and a small pool of threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from answerable.adapters.embedders.batches import batches
from answerable.adapters.embedders.cache import default_cache_folder
from answerable.adapters.embedders.engine import Engine
from answerable.adapters.embedders.graph import Precision, cached_graph
from answerable.adapters.embedders.tokenizer import WordPieceTokenizer
from answerable.adapters.embedders.weights import Weights, verify_file
from answerable.adapters.token_signs import FORM, pack
from answerable.core.ports import EmbeddingModel, Kind, QuestionTokens, Vectors

DIM = 384
URGENT_ROWS = 4  # so many queries at once still go before the passages
REMEMBERED = 256  # questions whose tokens are kept for the reranker: 20 kB each


class MiniLM:
    """The embedded default. Nothing is read until the first text; then the files are verified once.

    Passages share `workers` threads. Queries have threads of their own, so that one never waits in line behind
    a bulk load: the operating system shares the cores between them.
    """

    def __init__(
        self,
        weights: Weights,
        *,
        cache: Path | None = None,
        precision: Precision = "fp32",
        workers: int = 2,
    ) -> None:
        self._weights = weights
        self._cache = cache or default_cache_folder()
        self._precision = precision
        self._bulk = ThreadPoolExecutor(workers, thread_name_prefix="embed-bulk")
        self._urgent = ThreadPoolExecutor(2, thread_name_prefix="embed-query")
        self._lock = threading.Lock()
        self._loaded: Engine | None = None
        self._tokenizer: WordPieceTokenizer | None = None
        self._asked: dict[str, Vectors] = {}  # by question, the latest last: shape (tokens, 384)

    @property
    def model(self) -> EmbeddingModel:
        """The space's identity: the weights' hash, and the engine, since int8 vectors are other vectors."""
        pin = self._weights.pin
        revision = pin.model_sha256[:12]
        return EmbeddingModel(name=pin.name, revision=revision, dim=DIM, engine=f"onnx-{self._precision}")

    @property
    def tokenizer(self) -> WordPieceTokenizer:
        """The model's own tokenizer, without loading the model. Raises IntegrityError for another file."""
        pin = self._weights.pin
        with self._lock:
            if self._tokenizer is None:
                verify_file(self._weights.tokenizer, pin.tokenizer_sha256)
                self._tokenizer = WordPieceTokenizer(self._weights.tokenizer, max_tokens=pin.max_tokens)
            return self._tokenizer

    @property
    def code(self) -> str:
        """What the codes of `encode` hang on."""
        return f"{self.model.key}/{FORM}"

    async def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """One row a text, float32, unit length, shape (n, 384); what is past 256 tokens is not seen.

        Raises IntegrityError for files that are not the pinned ones, ConfigError when the graph cannot be built.
        """
        if kind == "query" and len(texts) <= URGENT_ROWS:
            return await asyncio.get_running_loop().run_in_executor(self._urgent, self._embed_now, list(texts))
        vectors = np.empty((len(texts), DIM), dtype=np.float32)

        def run(engine: Engine, rows: list[list[int]], batch: list[int]) -> None:
            vectors[batch] = engine.run(rows)

        await self._in_bulk(list(texts), run)
        return vectors

    async def encode(self, texts: Sequence[str]) -> tuple[Vectors, list[bytes]]:
        """As `embed` for passages, with a bit for each dimension of each telling token: 48 bytes a token."""
        vectors, codes = np.empty((len(texts), DIM), dtype=np.float32), [b""] * len(texts)

        def run(engine: Engine, rows: list[list[int]], batch: list[int]) -> None:
            vectors[batch], found = engine.run_tokens(rows)
            for position, row, tokens in zip(batch, rows, found, strict=True):
                codes[position] = pack(tokens[self.tokenizer.telling[row]])

        await self._in_bulk(list(texts), run)
        return vectors, codes

    async def question(self, text: str) -> QuestionTokens:
        """Of a question among the last few that were embedded, at no cost."""
        seen = self._asked.get(text)
        if seen is None:
            (seen,) = await asyncio.get_running_loop().run_in_executor(self._urgent, self._look, [text])
        tokens = seen[1:-1]  # without [CLS] and [SEP]
        return QuestionTokens(vectors=tokens, spans=tuple(self.tokenizer.offsets(text)[: len(tokens)]))

    def close(self) -> None:
        """Let the threads go; texts that are still waiting are not embedded."""
        self._bulk.shutdown(wait=False, cancel_futures=True)
        self._urgent.shutdown(wait=False, cancel_futures=True)

    def _embed_now(self, texts: list[str]) -> Vectors:
        if not texts:
            return np.empty((0, DIM), dtype=np.float32)
        vectors, tokens = self._engine().run_tokens(self._ids(texts))
        with self._lock:
            self._asked |= dict(zip(texts, (found.copy() for found in tokens), strict=True))
            for text in list(self._asked)[:-REMEMBERED]:
                del self._asked[text]
        return vectors

    def _look(self, texts: list[str]) -> list[Vectors]:
        return self._engine().run_tokens(self._ids(texts))[1]

    async def _in_bulk(self, texts: list[str], run: Callable[[Engine, list[list[int]], list[int]], None]) -> None:
        """`run` on batches of like length: an engine, the batch's rows and their places among the texts."""
        loop = asyncio.get_running_loop()
        engine = await loop.run_in_executor(self._bulk, self._engine)
        rows = await loop.run_in_executor(self._bulk, self._ids, texts)
        waiting = [
            loop.run_in_executor(self._bulk, run, engine, [rows[place] for place in batch], batch)
            for batch in batches([len(row) for row in rows])
        ]
        try:
            await asyncio.gather(*waiting)
        finally:  # after a failure or a cancellation, what has not begun does not begin
            for future in waiting:
                future.cancel()

    def _ids(self, texts: list[str]) -> list[list[int]]:
        tokenizer = self.tokenizer
        return [tokenizer.ids(text) for text in texts]

    def _engine(self) -> Engine:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> Engine:
        weights = self._weights
        with ThreadPoolExecutor(1) as beside:  # hashing frees the GIL: it costs no time beside the loading
            verified = beside.submit(verify_file, weights.model, weights.pin.model_sha256)
            engine = Engine(cached_graph(weights, cache=self._cache, precision=self._precision))
            verified.result()
        return engine
