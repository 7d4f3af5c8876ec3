"""Every reranker keeps the contract."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.unit.rerankers.graphs import save_graph

from answerable.adapters.embedders.weights import find_weights
from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.models.openai_compatible import OpenAICompatible
from answerable.adapters.models.provider import Provider
from answerable.adapters.rerankers.budget import Budgeted
from answerable.adapters.rerankers.cross_encoder import CrossEncoder
from answerable.adapters.rerankers.features import FEATURES
from answerable.adapters.rerankers.function import FunctionReranker
from answerable.adapters.rerankers.http import HttpReranker
from answerable.adapters.rerankers.late import LateInteraction
from answerable.adapters.rerankers.learned import Learned
from answerable.adapters.rerankers.llm import LLMReranker
from answerable.adapters.rerankers.onnx_pairs import OnnxPairs
from answerable.adapters.rerankers.proximity import KeepOrder, Proximity
from answerable.adapters.rerankers.shapes import SHAPES
from answerable.app.project import Project
from answerable.app.rerank_prompt import rerank_renderer
from answerable.config import Settings
from answerable.core.document import Document
from answerable.testing.model_server import ModelServer
from answerable.testing.reranker import QUERY, RerankerContract, candidates


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer() as one:
        yield one


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_graph(tmp_path_factory.mktemp("tiny") / "model.onnx")


class TestKeepOrder(RerankerContract):
    @pytest.fixture
    def reranker(self) -> KeepOrder:
        return KeepOrder()

    async def test_nothing_changes(self, reranker: KeepOrder) -> None:
        assert await reranker.rerank(QUERY, candidates(), limit=100) == candidates()


class TestProximity(RerankerContract):
    @pytest.fixture
    def reranker(self) -> Proximity:
        return Proximity()


class TestLateInteraction(RerankerContract):
    @pytest.fixture
    async def reranker(self) -> LateInteraction:
        """Half of the passages have codes."""
        encoder, store = HashEmbedder(), MemoryStore()
        for one in candidates()[::2]:
            document = Document(source="s", uri=one.chunk.text, title="", text=one.chunk.text, tenant=QUERY.tenant)
            vectors, codes = await encoder.encode([one.chunk.text])
            await store.replace(document, [one.chunk], vectors, model=encoder.model, tokens=codes)
        return LateInteraction(encoder=encoder, codes=store)


class TestProximityOfAShortDepth(RerankerContract):
    @pytest.fixture
    def reranker(self) -> Proximity:
        return Proximity(depth=2)


class TestCrossEncoder(RerankerContract):
    @pytest.fixture
    def reranker(self, model: Path) -> Iterator[CrossEncoder]:
        encoder = CrossEncoder(scorer=OnnxPairs(model=model, tokenizer=find_weights().tokenizer))
        yield encoder
        encoder.close()


class TestHttpReranker(RerankerContract):
    @pytest.fixture(params=["cohere/v2", "jina/v1", "voyage/v1", "tei"])
    async def reranker(self, server: ModelServer, request: pytest.FixtureRequest) -> AsyncIterator[HttpReranker]:
        shape = SHAPES[request.param.partition("/")[0]]
        provider = Provider(
            name="api", kind="openai-compatible", model="m", base_url=f"{server.url}/{request.param}"
        )
        client = HttpReranker.open(provider, shape)
        yield client
        await client.aclose()


class TestLLMReranker(RerankerContract):
    @pytest.fixture
    async def reranker(self, server: ModelServer) -> AsyncIterator[LLMReranker]:
        provider = Provider(
            name="llm", kind="openai-compatible", model="scripted:sort", base_url=server.openai_url
        )
        llm = OpenAICompatible(provider)
        render = rerank_renderer(Project(settings=Settings(), base=Path()), None)
        yield LLMReranker(llm=llm, render=render)
        await llm.aclose()


class TestLearned(RerankerContract):
    @pytest.fixture
    def reranker(self) -> Learned:
        weights = dict.fromkeys(FEATURES, 0.0) | {"base": 1.0, "length": -0.5, "coverage": 0.7}
        return Learned(base=KeepOrder(), weights=weights)


class TestLearnedOfAShortDepth(RerankerContract):
    @pytest.fixture
    def reranker(self) -> Learned:
        return Learned(base=Proximity(), weights=dict.fromkeys(FEATURES, 0.3), depth=2)


class TestFunctionReranker(RerankerContract):
    @pytest.fixture
    def reranker(self) -> FunctionReranker:
        return FunctionReranker(name="by length", function=lambda _, texts: [1 / len(text) for text in texts])


class TestBudgeted(RerankerContract):
    @pytest.fixture
    def reranker(self) -> Budgeted:
        return Budgeted(reranker=Proximity(), seconds=5.0)


class TestBudgetedWithoutTime(RerankerContract):
    @pytest.fixture
    def reranker(self) -> Budgeted:
        return Budgeted(reranker=FunctionReranker(name="slow", function=_never), seconds=0.001)


async def _never(question: str, texts: list[str]) -> list[float]:
    await asyncio.Event().wait()
    return []
