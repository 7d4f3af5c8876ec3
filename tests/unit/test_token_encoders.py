"""Which embedders give tokens, and what is put in the place of late interaction where one does not."""

from __future__ import annotations

from typing import Literal

import httpx2
import numpy as np
import pytest

from answerable.adapters.embedders.adapted import AdaptedEmbedder
from answerable.adapters.embedders.http import Endpoint, HttpEmbedder
from answerable.adapters.embedders.remembered import RememberedEmbedder
from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.rerankers.late import LateInteraction
from answerable.adapters.rerankers.proximity import Proximity
from answerable.app.embedding import token_encoder
from answerable.app.reranking import SHIPPED, make_shipped
from answerable.core.ports import Embedder


def behind_an_endpoint() -> HttpEmbedder:
    endpoint = Endpoint(base_url="http://127.0.0.1:1/v1", model="m", dim=8)
    return HttpEmbedder(endpoint, transport=httpx2.MockTransport(lambda _: httpx2.Response(500)))


def adapted(inner: Embedder, at: str) -> AdaptedEmbedder:
    left = np.random.default_rng(1).standard_normal((64, 2)) / 4
    return AdaptedEmbedder(
        inner=inner, left=left, right=left, at="both" if at == "both" else "query", sha256="0" * 64
    )


def test_late_interaction_ships_where_there_are_tokens_and_words_alone_where_there_are_none() -> None:
    local = make_shipped(SHIPPED, embedder=HashEmbedder(), codes=MemoryStore())
    remote = make_shipped(SHIPPED, embedder=behind_an_endpoint(), codes=MemoryStore())
    assert isinstance(local, LateInteraction)
    assert isinstance(remote, Proximity)


def test_an_adapter_or_a_memory_around_an_endpoint_gives_no_tokens() -> None:
    assert token_encoder(adapted(behind_an_endpoint(), "query")) is None
    assert token_encoder(RememberedEmbedder(behind_an_endpoint())) is None


@pytest.mark.parametrize("at", ["query", "both"])
async def test_an_adapted_embedders_vectors_are_moved_and_its_codes_are_not(
    at: Literal["query", "both"],
) -> None:
    inner = HashEmbedder()
    embedder = adapted(inner, at)
    encoder = token_encoder(RememberedEmbedder(embedder))
    assert encoder is not None
    vectors, codes = await encoder.encode(["the laptop", "a garden"])
    plain, same = await inner.encode(["the laptop", "a garden"])
    assert codes == same
    assert np.allclose(vectors, await embedder.embed(["the laptop", "a garden"], kind="passage"))
    assert np.allclose(vectors, plain) == (at == "query")
    assert (await encoder.question("laptop")).spans == ((0, 6),)
    assert encoder.code == inner.code
