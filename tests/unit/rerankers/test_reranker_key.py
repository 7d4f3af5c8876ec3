"""Whatever a reranker orders by is in its key: a change of it is another system."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from answerable.adapters.rerankers.features import FEATURES
from answerable.adapters.rerankers.weights_file import HeldOut, WeightsFile
from answerable.app.project import Project
from answerable.app.reranker_key import reranker_key

OWN = '[retrieval]\nreranker = "own"\n[reranker.own]\n'
LISTWISE = (
    OWN
    + """kind = "llm"
[[route]]
use = "rerank"
chain = ["small"]
[provider.small]
kind = "openai-compatible"
base_url = "http://127.0.0.1:1"
model = "%s"
"""
)
LEARNED = (
    OWN
    + """kind = "learned"
path = "weights.json"
[reranker.base]
kind = "function"
target = "rerank.py:rerank"
"""
)


def key(folder: Path, config: str) -> str:
    (folder / "answerable.toml").write_text(config)
    return reranker_key(Project.open(folder / "answerable.toml"))


def test_another_model_behind_the_listwise_reranker_is_another_system(tmp_path: Path) -> None:
    assert key(tmp_path, LISTWISE % "a-1") == key(tmp_path, LISTWISE % "a-1")
    assert key(tmp_path, LISTWISE % "a-1") != key(tmp_path, LISTWISE % "a-2")


def test_other_weights_in_a_cross_encoders_folder_are_another_system(tmp_path: Path) -> None:
    config = OWN + 'kind = "cross-encoder"\npath = "model"\n'
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.onnx").write_bytes(b"one")
    before = key(tmp_path, config)
    assert key(tmp_path, config) == before
    (tmp_path / "model" / "model.onnx").write_bytes(b"another")
    assert key(tmp_path, config) != before


def test_another_base_below_learned_weights_is_another_system(tmp_path: Path) -> None:
    held = HeldOut(n=50, clusters=50, base=0.5, learned=0.6, difference=0.1, low=0.05, high=0.15, p=0.001)
    weights = dict.fromkeys(FEATURES, 0.1)
    made = WeightsFile(base="base", weights=weights, pairs_sha256="0" * 64, held_out=held, made=date(2026, 1, 1))
    made.write(tmp_path / "weights.json")
    (tmp_path / "rerank.py").write_text("one")
    before = key(tmp_path, LEARNED)
    (tmp_path / "rerank.py").write_text("another")
    assert key(tmp_path, LEARNED) != before


@pytest.mark.parametrize("name", ["late", "none"])
def test_a_shipped_one_is_its_name(tmp_path: Path, name: str) -> None:
    assert key(tmp_path, f'[retrieval]\nreranker = "{name}"\n') == name
