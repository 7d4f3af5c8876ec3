"""Every embedder keeps the contract; MiniLM also equals the reference implementation."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from answerable.adapters.embedders.engine import Engine
from answerable.adapters.embedders.http import Endpoint, HttpEmbedder
from answerable.adapters.embedders.minilm import REMEMBERED, MiniLM
from answerable.adapters.embedders.weights import Weights, find_weights
from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.core.errors import IntegrityError
from answerable.core.ports import Vectors
from answerable.testing.embedder import EmbedderContract
from answerable.testing.token_encoder import TokenEncoderContract

DATA = Path(__file__).parent / "data"
REFERENCE: list[str] = json.loads((DATA / "minilm_reference.json").read_text(encoding="utf-8"))["texts"]
VECTORS = np.load(DATA / "minilm_reference.npz")["vectors"]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def minilm(cache: Path) -> Iterator[MiniLM]:
    one = MiniLM(find_weights(), cache=cache)
    yield one
    one.close()


@pytest.fixture(scope="module")
def int8(cache: Path) -> Iterator[MiniLM]:
    one = MiniLM(find_weights(), cache=cache, precision="int8")
    yield one
    one.close()


class TestHashEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> HashEmbedder:
        return HashEmbedder()


class TestHashTokens(TokenEncoderContract):
    @pytest.fixture
    def encoder(self) -> HashEmbedder:
        return HashEmbedder()


class TestMiniLMTokens(TokenEncoderContract):
    @pytest.fixture
    def encoder(self, minilm: MiniLM) -> MiniLM:
        return minilm

    async def test_a_question_that_was_embedded_costs_no_other_pass(
        self, minilm: MiniLM, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = await minilm.question("Is a laptop returnable?")
        await minilm.embed(["Is a laptop returnable?"], kind="query")
        monkeypatch.setattr(minilm, "_look", None)
        again = await minilm.question("Is a laptop returnable?")
        assert np.abs(first.vectors - again.vectors).max() < 1e-4

    async def test_only_the_latest_questions_are_remembered(self, minilm: MiniLM) -> None:
        for number in range(REMEMBERED + 3):
            await minilm.embed([f"question {number}"], kind="query")
        assert len(minilm._asked) == REMEMBERED
        assert f"question {REMEMBERED + 2}" in minilm._asked


class TestMiniLM(EmbedderContract):
    @pytest.fixture
    def embedder(self, minilm: MiniLM) -> MiniLM:
        return minilm

    async def test_vectors_equal_the_reference_implementation(self, minilm: MiniLM) -> None:
        found = await minilm.embed(REFERENCE, kind="passage")
        cosines = (found * VECTORS).sum(axis=1)
        assert cosines.min() >= 0.999999
        assert np.abs(found - VECTORS).max() <= 1e-6

    async def test_queries_and_passages_are_the_same_space(self, minilm: MiniLM) -> None:
        query, passage = [await minilm.embed(REFERENCE[7:9], kind=kind) for kind in ("query", "passage")]
        assert np.abs(query - passage).max() <= 1e-6

    def test_the_model_is_named_by_its_weights_and_engine(self, minilm: MiniLM) -> None:
        assert minilm.model.key == "all-MiniLM-L6-v2@53aa51172d14/onnx-fp32"
        assert minilm.model.dim == 384

    async def test_the_graph_is_built_once_and_used_again(self, minilm: MiniLM, cache: Path) -> None:
        expected = await minilm.embed(["hello"], kind="query")
        (graph,) = (cache / "graphs").glob("*fp32.onnx")
        before = graph.stat().st_mtime_ns
        again = MiniLM(find_weights(), cache=cache)
        assert np.array_equal(await again.embed(["hello"], kind="query"), expected)
        assert graph.stat().st_mtime_ns == before
        again.close()

    @pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
    async def test_other_files_are_refused_though_a_graph_is_cached(
        self, minilm: MiniLM, cache: Path, tmp_path: Path, name: str
    ) -> None:
        await minilm.embed(["hello"], kind="query")
        real = find_weights()
        (tmp_path / "tokenizer.json").write_bytes(real.tokenizer.read_bytes())
        (tmp_path / "model.safetensors").symlink_to(real.model)
        (tmp_path / name).unlink()
        (tmp_path / name).write_bytes(b"another file")
        changed = MiniLM(Weights(folder=tmp_path, pin=real.pin), cache=cache)
        for kind in ("query", "passage"):
            with pytest.raises(IntegrityError, match=name):
                await changed.embed(["hello"], kind=kind)
        changed.close()


class GatedEngine(Engine):
    """Batches of several rows wait at a gate; what ran is counted."""

    def __init__(self) -> None:
        self.entered, self.gate = threading.Event(), threading.Event()
        self.batches = 0

    def run(self, rows: Sequence[Sequence[int]]) -> Vectors:
        if len(rows) > 1:
            self.batches += 1
            self.entered.set()
            self.gate.wait()
        return np.full((len(rows), 384), 384**-0.5, dtype=np.float32)

    def run_tokens(self, rows: Sequence[Sequence[int]]) -> tuple[Vectors, list[Vectors]]:
        return self.run(rows), [np.ones((len(row), 384), dtype=np.float32) for row in rows]


class TestMiniLMBesideABulkLoad:
    @pytest.fixture
    def engine(self) -> GatedEngine:
        return GatedEngine()

    @pytest.fixture
    def gated(self, engine: GatedEngine, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MiniLM]:
        one = MiniLM(find_weights(), cache=cache)
        monkeypatch.setattr(one, "_load", lambda: engine)
        yield one
        engine.gate.set()
        one.close()

    async def test_a_query_is_embedded_while_every_worker_is_busy(
        self, gated: MiniLM, engine: GatedEngine
    ) -> None:
        bulk = asyncio.create_task(gated.embed(["a passage"] * 160, kind="passage"))
        await asyncio.to_thread(engine.entered.wait)
        assert (await gated.embed(["a question"], kind="query")).shape == (1, 384)
        assert not bulk.done()
        engine.gate.set()
        assert (await bulk).shape == (160, 384)
        assert engine.batches == 10

    async def test_what_has_not_begun_when_a_load_is_cancelled_never_begins(
        self, gated: MiniLM, engine: GatedEngine
    ) -> None:
        bulk = asyncio.create_task(gated.embed(["a passage"] * 160, kind="passage"))
        await asyncio.to_thread(engine.entered.wait)
        bulk.cancel()
        with pytest.raises(asyncio.CancelledError):
            await bulk
        engine.gate.set()
        assert (await gated.embed(["next"], kind="passage")).shape == (1, 384)
        assert engine.batches <= 2  # one in each worker


class TestMiniLMTokenizer:
    @pytest.mark.parametrize("text", REFERENCE)
    def test_offsets_are_in_order_and_inside_the_text(self, minilm: MiniLM, text: str) -> None:
        offsets = minilm.tokenizer.offsets(text)
        assert all(0 <= start <= end <= len(text) for start, end in offsets)
        assert sorted(offsets) == list(offsets)

    def test_offsets_have_neither_special_tokens_nor_a_limit(self, minilm: MiniLM) -> None:
        assert minilm.tokenizer.offsets("") == []
        assert minilm.tokenizer.offsets("hello world!") == [(0, 5), (6, 11), (11, 12)]
        assert len(minilm.tokenizer.offsets("word " * 1000)) == 1000

    def test_ids_have_both_special_tokens_and_the_limit(self, minilm: MiniLM) -> None:
        assert minilm.tokenizer.ids("") == [101, 102]
        ids = minilm.tokenizer.ids("word " * 1000)
        assert len(ids) == 256
        assert (ids[0], ids[-1]) == (101, 102)

    def test_a_lone_surrogate_keeps_the_places(self, minilm: MiniLM) -> None:
        assert minilm.tokenizer.offsets("ab \ud800 cd") == [(0, 2), (3, 4), (5, 7)]


class TestMiniLMInt8(EmbedderContract):
    tolerance = 0.05  # dynamic quantization scales by the batch: docs/decisions/0020-embedding-engine.md

    @pytest.fixture
    def embedder(self, int8: MiniLM) -> MiniLM:
        return int8

    async def test_vectors_are_near_the_reference_and_under_another_key(self, int8: MiniLM) -> None:
        cosines = ((await int8.embed(REFERENCE, kind="passage")) * VECTORS).sum(axis=1)
        assert cosines.mean() >= 0.98
        assert cosines.min() >= 0.95
        assert int8.model.key == "all-MiniLM-L6-v2@53aa51172d14/onnx-int8"


class EmbeddingServer(BaseHTTPRequestHandler):
    """/v1/embeddings by hashed words, three times too long so that the client has to normalize."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        rows = asyncio.run(HashEmbedder(dim=32).embed(asked["input"], kind="passage")) * 3
        data = [{"index": number, "embedding": row.tolist()} for number, row in enumerate(rows)]
        body = json.dumps({"data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), EmbeddingServer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


class TestHttpEmbedder(EmbedderContract):
    @pytest.fixture
    async def embedder(self, server_url: str) -> AsyncIterator[HttpEmbedder]:
        one = HttpEmbedder(Endpoint(base_url=server_url, model="hash", dim=32, batch_size=3))
        yield one
        await one.aclose()
