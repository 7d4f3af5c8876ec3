"""What every TokenEncoder promises. Subclass TokenEncoderContract and override the fixture `encoder`."""

from __future__ import annotations

import numpy as np
import pytest

from answerable.adapters.token_signs import best_matches, is_readable
from answerable.core.ports import Embedder, TokenEncoder
from answerable.testing.embedder import TEXTS

QUESTION = TEXTS[0]


class TokenEncoderContract:
    """`tolerance` is the largest difference that batching may make to one number."""

    tolerance = 1e-5

    @pytest.fixture
    def encoder(self) -> TokenEncoder:
        """The encoder under test; an Embedder too."""
        raise NotImplementedError

    async def test_vectors_are_those_of_embedding(self, encoder: TokenEncoder) -> None:
        assert isinstance(encoder, TokenEncoder)
        vectors, codes = await encoder.encode(TEXTS)
        embedder: Embedder = encoder  # type: ignore[assignment]
        assert np.abs(vectors - await embedder.embed(TEXTS, kind="passage")).max() <= self.tolerance
        assert len(codes) == len(TEXTS)
        assert embedder.model.key in encoder.code

    async def test_no_texts_give_nothing(self, encoder: TokenEncoder) -> None:
        vectors, codes = await encoder.encode([])
        assert (len(vectors), codes) == (0, [])

    async def test_codes_stand_in_the_order_of_the_texts(self, encoder: TokenEncoder) -> None:
        texts = [f"{TEXTS[number % 3]} {'and more ' * (number % 7)}({number})" for number in range(40)]
        _, together = await encoder.encode(texts)
        alone = [(await encoder.encode([text]))[1][0] for text in texts]
        assert [len(one) for one in together] == [len(one) for one in alone]
        # a number near zero may have another sign in another batch
        bits = [
            np.unpackbits(np.frombuffer(a, np.uint8) ^ np.frombuffer(b, np.uint8)).mean()
            for a, b in zip(together, alone, strict=True)
        ]
        assert max(bits) < 0.001

    async def test_every_token_of_a_question_has_its_place_in_the_text(self, encoder: TokenEncoder) -> None:
        asked = await encoder.question(QUESTION)
        assert asked.vectors.dtype == np.float32
        assert len(asked.vectors) == len(asked.spans)
        assert "laptop" in [QUESTION[start:end] for start, end in asked.spans]

    async def test_a_word_finds_itself_best(self, encoder: TokenEncoder) -> None:
        _, codes = await encoder.encode(TEXTS[1:3])
        asked = await encoder.question(QUESTION)
        place = [QUESTION[start:end] for start, end in asked.spans].index("laptop")
        with_it, without = best_matches(asked.vectors[place : place + 1], codes)[:, 0]
        assert with_it > without + 0.2

    async def test_texts_without_words_break_nothing(self, encoder: TokenEncoder) -> None:
        vectors, codes = await encoder.encode(["", "?!", "the of", "a\ud800b", "laptop " * 5000])
        dim = vectors.shape[1]
        assert not any(is_readable(code, dim) for code in codes[:2])
        assert is_readable(codes[-1], dim)
        for text in ("", "?!", "a\ud800b"):
            asked = await encoder.question(text)
            assert asked.vectors.shape == (len(asked.spans), dim)
