"""Embeddings of the scripted server."""

from __future__ import annotations

import base64
import math
import struct

import pytest

from answerable.testing.model_server.embeddings import embeddings_reply, hashed_vector


def cosine(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("text", ["", "returns", "Können wir das zurückgeben?", "a b c " * 200])
def test_vectors_have_unit_length(text):
    assert math.isclose(cosine(hashed_vector(text), hashed_vector(text)), 1.0)


def test_texts_with_common_words_are_nearer():
    question = hashed_vector("return of headphones")
    assert cosine(question, hashed_vector("headphones return policy")) > cosine(
        question, hashed_vector("gift cards")
    )


def test_base64_holds_the_same_numbers_as_float32():
    plain = embeddings_reply({"input": ["a text"], "model": "m", "dimensions": 8})
    packed = embeddings_reply({"input": "a text", "model": "m", "dimensions": 8, "encoding_format": "base64"})
    vector = struct.unpack("<8f", base64.b64decode(packed["data"][0]["embedding"]))
    assert vector == pytest.approx(plain["data"][0]["embedding"])
    assert plain["usage"] == {"prompt_tokens": 2, "total_tokens": 2}
    assert plain["model"] == "m"
