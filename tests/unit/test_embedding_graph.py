"""The graph computes BERT: compared with a plain float64 forward pass on small random weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from answerable.adapters.embedders.engine import Engine
from answerable.adapters.embedders.graph import build_graph
from answerable.core.errors import IntegrityError

HIDDEN, INNER, HEADS, LAYERS, WORDS, PLACES = 16, 32, 4, 2, 50, 12
Tensors = dict[str, NDArray[np.float32]]


def random_weights() -> Tensors:
    random = np.random.default_rng(7)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (WORDS, HIDDEN),
        "embeddings.position_embeddings.weight": (PLACES, HIDDEN),
        "embeddings.token_type_embeddings.weight": (2, HIDDEN),
        "embeddings.LayerNorm.weight": (HIDDEN,),
        "embeddings.LayerNorm.bias": (HIDDEN,),
    }
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        for part in ("query", "key", "value"):
            shapes |= _dense(f"{at}.attention.self.{part}", HIDDEN, HIDDEN)
        shapes |= _dense(f"{at}.attention.output.dense", HIDDEN, HIDDEN)
        shapes |= _dense(f"{at}.intermediate.dense", INNER, HIDDEN)
        shapes |= _dense(f"{at}.output.dense", HIDDEN, INNER)
        for norm in ("attention.output", "output"):
            shapes[f"{at}.{norm}.LayerNorm.weight"] = shapes[f"{at}.{norm}.LayerNorm.bias"] = (HIDDEN,)
    return {name: random.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()}


def _dense(name: str, out: int, into: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (out, into), f"{name}.bias": (out,)}


def forward(weights: Mapping[str, NDArray[np.float32]], ids: list[int]) -> NDArray[np.float64]:
    """One text through BERT (Devlin et al. 2019) and mean pooling, written after the papers, in float64."""
    tensors = {name: value.astype(np.float64) for name, value in weights.items()}

    def norm(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        centered = x - x.mean(axis=-1, keepdims=True)
        scaled = centered / np.sqrt((centered**2).mean(axis=-1, keepdims=True) + 1e-12)
        return scaled * tensors[f"{name}.LayerNorm.weight"] + tensors[f"{name}.LayerNorm.bias"]

    def dense(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        return x @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]

    def heads(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return x.reshape(len(ids), HEADS, -1).swapaxes(0, 1)

    x = (
        tensors["embeddings.word_embeddings.weight"][ids]
        + tensors["embeddings.position_embeddings.weight"][: len(ids)]
    )
    x = norm(x + tensors["embeddings.token_type_embeddings.weight"][0], "embeddings")
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        query, key, value = (heads(dense(x, f"{at}.attention.self.{part}")) for part in ("query", "key", "value"))
        scores = query @ key.swapaxes(1, 2) / math.sqrt(HIDDEN / HEADS)
        weight = np.exp(scores - scores.max(axis=-1, keepdims=True))
        attended = (weight / weight.sum(axis=-1, keepdims=True)) @ value
        attended = attended.swapaxes(0, 1).reshape(len(ids), HIDDEN)
        x = norm(x + dense(attended, f"{at}.attention.output.dense"), f"{at}.attention.output")
        inner = dense(x, f"{at}.intermediate.dense")
        inner = 0.5 * inner * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
        x = norm(x + dense(inner, f"{at}.output.dense"), f"{at}.output")
    pooled = x.mean(axis=0)
    return pooled / np.linalg.norm(pooled)


@pytest.fixture(scope="module")
def weights() -> Tensors:
    return random_weights()


@pytest.fixture(scope="module")
def engine(weights: Tensors, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    path = tmp_path_factory.mktemp("graph") / "tiny.onnx"
    onnx.save_model(build_graph(weights, heads=HEADS), str(path))
    return Engine(path)


@pytest.mark.parametrize("ids", [[1, 2], [5, 9, 9, 41, 7], list(range(PLACES)), [0, 0, 0]])
def test_one_row_equals_the_formulas(engine: Engine, weights: Tensors, ids: list[int]) -> None:
    assert np.abs(engine.run([ids])[0] - forward(weights, ids)).max() < 2e-6


def test_padding_changes_nothing(engine: Engine, weights: Tensors) -> None:
    rows = [[3], [4, 5, 6, 7], list(range(PLACES)), [8, 9]]
    expected = np.stack([forward(weights, row) for row in rows])
    assert np.abs(engine.run(rows) - expected).max() < 2e-6


def test_missing_weights_are_named(weights: Tensors) -> None:
    name = "encoder.layer.1.output.dense.bias"
    with pytest.raises(IntegrityError, match=name):
        build_graph({key: value for key, value in weights.items() if key != name}, heads=HEADS)


def test_a_damaged_graph_file_is_named_with_the_fix(tmp_path: Path) -> None:
    path = tmp_path / "graph.onnx"
    path.write_bytes(b"garbage")
    with pytest.raises(IntegrityError, match=r"graph\.onnx") as error:
        Engine(path)
    assert "remove" in error.value.hint
