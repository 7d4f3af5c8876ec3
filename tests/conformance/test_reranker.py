"""Every reranker keeps the contract."""

from __future__ import annotations

import pytest

from answerable.adapters.rerankers.proximity import KeepOrder, Proximity
from answerable.testing.reranker import QUERY, RerankerContract, candidates


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


class TestProximityOfAShortDepth(RerankerContract):
    @pytest.fixture
    def reranker(self) -> Proximity:
        return Proximity(depth=2)
