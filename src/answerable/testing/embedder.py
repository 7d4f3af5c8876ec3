"""The contract of the Embedder port: subclass it, give an `embedder` fixture, and every test here must pass."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from answerable.core.ports import Embedder, Kind

TEXTS = (
    "How many days do I have to return a laptop?",
    "A laptop may be returned within thirty days of delivery.",
    "Employees accrue 1.75 days of vacation per month.",
    "Straße, naïve café, 笔记本电脑 🙂",
    "x",
)


class EmbedderContract:
    """What every Embedder keeps. `tolerance` is the largest difference that batching may make to one number."""

    tolerance = 1e-5

    @pytest.fixture
    def embedder(self) -> Embedder:
        """The embedder under test."""
        raise NotImplementedError("the subclass gives the embedder")

    @pytest.mark.parametrize("kind", ["query", "passage"])
    async def test_one_row_a_text_as_float32_of_the_models_dimension(self, embedder: Embedder, kind: Kind) -> None:
        vectors = await embedder.embed(TEXTS, kind=kind)
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(TEXTS), embedder.model.dim)

    @pytest.mark.parametrize("kind", ["query", "passage"])
    async def test_no_texts_give_no_rows(self, embedder: Embedder, kind: Kind) -> None:
        vectors = await embedder.embed([], kind=kind)
        assert vectors.dtype == np.float32
        assert vectors.shape == (0, embedder.model.dim)

    @pytest.mark.parametrize("kind", ["query", "passage"])
    async def test_every_row_has_unit_length_even_of_an_empty_text(self, embedder: Embedder, kind: Kind) -> None:
        texts = [*TEXTS, "", " \n", "?!", "\x00", "a\ud800b"]
        lengths = np.linalg.norm(await embedder.embed(texts, kind=kind), axis=1)
        assert np.allclose(lengths, 1.0, atol=1e-5)

    async def test_rows_stand_in_the_order_of_the_texts(self, embedder: Embedder) -> None:
        texts = [f"{TEXTS[number % 3]} {'and more ' * (number % 7)}({number})" for number in range(40)]
        together = await embedder.embed(texts, kind="passage")
        alone = np.concatenate([await embedder.embed([text], kind="passage") for text in texts])
        assert np.abs(together - alone).max() <= self.tolerance

    async def test_the_same_text_gives_the_same_vector_again(self, embedder: Embedder) -> None:
        first, second = [await embedder.embed(TEXTS, kind="passage") for _ in range(2)]
        assert np.array_equal(first, second)

    async def test_the_result_is_the_callers_own(self, embedder: Embedder) -> None:
        first = await embedder.embed(TEXTS[:1], kind="query")
        kept = first.copy()
        first[:] = 0.0
        assert np.array_equal(await embedder.embed(TEXTS[:1], kind="query"), kept)

    async def test_a_question_is_nearer_to_its_answer_than_to_another_text(self, embedder: Embedder) -> None:
        question = (await embedder.embed(TEXTS[:1], kind="query"))[0]
        answer, other = await embedder.embed(TEXTS[1:3], kind="passage")
        assert question @ answer > question @ other

    async def test_a_very_long_text_is_embedded(self, embedder: Embedder) -> None:
        vectors = await embedder.embed(["laptop return policy " * 2000], kind="passage")
        assert vectors.shape == (1, embedder.model.dim)
        assert np.isfinite(vectors).all()

    async def test_concurrent_calls_do_not_mix_their_rows(self, embedder: Embedder) -> None:
        alone = [(await embedder.embed([text], kind="query"))[0] for text in TEXTS]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(embedder.embed([text] * 3, kind="query")) for text in TEXTS]
        for expected, task in zip(alone, tasks, strict=True):
            assert np.abs(task.result() - expected).max() <= self.tolerance

    def test_the_model_says_which_space_it_is(self, embedder: Embedder) -> None:
        assert embedder.model.name
        assert embedder.model.revision
        assert embedder.model.dim > 0
        assert embedder.model == embedder.model
        assert embedder.model.name in embedder.model.key
