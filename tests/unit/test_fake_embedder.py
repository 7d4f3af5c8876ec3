"""The fake embedder orders texts by the words they share; the fake tokenizer splits at blanks."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from answerable.adapters.fakes.embedder import HashEmbedder, WhitespaceTokenizer
from answerable.core.errors import ConfigError


async def test_shared_words_make_texts_near() -> None:
    query, near, far = await HashEmbedder().embed(
        ["return a laptop", "laptops are returned within thirty days", "pension plan contributions"],
        kind="passage",
    )
    assert query @ near > 0.3
    assert abs(query @ far) < 0.35
    assert query @ near > query @ far


async def test_stop_words_count_for_nothing() -> None:
    with_stop_words, without = await HashEmbedder().embed(["what is the laptop", "laptop"], kind="query")
    assert np.allclose(with_stop_words, without)


async def test_a_repeated_word_weighs_more_but_not_linearly() -> None:
    embedder = HashEmbedder(dim=512)
    once, often, word = await embedder.embed(
        ["apple pear", "apple apple apple apple pear", "apple"], kind="passage"
    )
    assert once @ word < often @ word < 0.99
    assert often @ word == pytest.approx(2 / 5**0.5, abs=0.1)


async def test_the_vector_is_the_same_in_another_process() -> None:
    program = (
        "import asyncio; from answerable.adapters.fakes.embedder import HashEmbedder; "
        "print(asyncio.run(HashEmbedder(dim=8).embed(['laptop stand'], kind='query')).tolist())"
    )
    here = (await HashEmbedder(dim=8).embed(["laptop stand"], kind="query")).tolist()
    there = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert there.strip() == str(here)


def test_the_language_and_the_dimension_are_part_of_the_model() -> None:
    keys = {HashEmbedder().model, HashEmbedder(dim=128).model, HashEmbedder(language="de").model}
    assert len(keys) == 3
    assert HashEmbedder(dim=128).model.dim == 128


@pytest.mark.parametrize("dim", [0, -8, 4, 65])
def test_a_dimension_that_is_no_multiple_of_eight_is_refused(dim: int) -> None:
    with pytest.raises(ConfigError, match=str(dim)):
        HashEmbedder(dim=dim)


def test_whitespace_tokens_are_runs_of_non_blanks() -> None:
    text = "  zwei\tWörter,\n\ndann 12 "
    assert [text[a:b] for a, b in WhitespaceTokenizer().offsets(text)] == ["zwei", "Wörter,", "dann", "12"]
    assert WhitespaceTokenizer().offsets(" \n") == []
