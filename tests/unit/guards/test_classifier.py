"""The classifier: hashed n-grams, shipped weights, windows."""

from __future__ import annotations

import json
from hashlib import sha256
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from answerable.core.errors import ConfigError
from answerable.guards import ngrams
from answerable.guards.classifier import Linear, classifier
from answerable.testing.guard import ANY_TEXT


def tiny(text: str, weight: float = 1.0) -> Linear:
    """A model whose coefficient is `weight` for every n-gram of the text and 0 elsewhere."""
    size = 2**ngrams.BITS
    coefficients = np.zeros(size, dtype=np.float32)
    coefficients[ngrams.grams(text).ids] = weight
    return Linear(idf=np.ones(size, dtype=np.float32), coefficients=coefficients, bias=-2.0)


@given(ANY_TEXT)
def test_ids_and_starts_are_in_range_and_the_same_every_time(text: str) -> None:
    found, again = ngrams.grams(text), ngrams.grams(text)
    assert np.array_equal(found.ids, again.ids)
    assert len(found.ids) == len(found.starts)
    if len(found.ids):
        assert 0 <= found.ids.min() <= found.ids.max() < 2**ngrams.BITS
        assert 0 <= found.starts.min() <= found.starts.max() < found.length


def test_the_hash_is_what_the_weights_were_trained_with() -> None:
    found = ngrams.grams("ab 7")
    assert found.length == 6
    assert sorted(found.ids.tolist()) == sorted(ngrams.grams("ab  9").ids.tolist())  # digits and blanks fold
    assert int(found.ids.sum()) == 1972732


def test_counts_weigh_logarithmically() -> None:
    ids, weights = ngrams.counted(ngrams.grams("no no no"))
    word = ngrams.grams("no").ids[-1]
    assert weights[list(ids).index(word)] == pytest.approx(1 + np.log(3))


def test_an_empty_text_is_no_attack() -> None:
    assert classifier("question").probability(" ") == 0.0
    assert classifier("document").peak("", window=60) == 0.0


def test_the_probability_is_the_logistic_of_the_normalized_sum() -> None:
    model = tiny("attack")
    ids, weights = ngrams.counted(ngrams.grams("attack"))
    logit = weights.sum() / np.linalg.norm(weights) - 2.0
    assert model.probability("attack") == pytest.approx(1 / (1 + np.exp(-logit)), abs=1e-5)
    assert len(ids) == len(weights)


def test_a_window_finds_what_the_whole_text_drowns() -> None:
    model = tiny("take over now")
    text = "zzz qqq vvv kkk " * 20 + "take over now " + "zzz qqq vvv kkk " * 20
    assert model.peak(text, window=16, step=4) > model.probability(text)
    assert model.peak("take over now", window=1000) == pytest.approx(model.probability("take over now"), abs=0.05)


@pytest.mark.parametrize("name", ["question", "document"])
def test_the_weights_are_small_and_plain_numbers(name: str) -> None:
    path = resources.files("answerable.guards").joinpath("weights", f"{name}.npz")
    assert len(path.read_bytes()) < 1_000_000
    with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
        assert set(data) == {"idf", "idf_scale", "coefficients", "coefficient_scale", "bias"}
        assert data["coefficients"].shape == data["idf"].shape == (2**ngrams.BITS,)


@pytest.mark.parametrize("name", ["question", "document"])
def test_the_weights_are_those_that_were_trained(name: str) -> None:
    folder = resources.files("answerable.guards").joinpath("weights")
    said = json.loads(folder.joinpath("weights.json").read_text("utf-8"))
    assert sha256(folder.joinpath(f"{name}.npz").read_bytes()).hexdigest() == said[name]


def test_other_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "question.npz").write_bytes(b"other")
    (tmp_path / "weights" / "weights.json").write_text('{"question": "0"}')
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    with pytest.raises(ConfigError, match="not the file that was trained"):
        classifier.__wrapped__("question")
