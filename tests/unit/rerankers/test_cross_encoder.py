"""A local cross-encoder: what graphs it runs, what it refuses, and what it says of what it cut."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from answerable.adapters.embedders.weights import find_weights
from answerable.adapters.rerankers.cross_encoder import CrossEncoder, Judged, sigmoid
from answerable.adapters.rerankers.onnx_pairs import OnnxPairs
from answerable.adapters.rerankers.transformer_pairs import TransformerPairs
from answerable.core import trace as tracing
from answerable.core.errors import ConfigError, IntegrityError
from answerable.core.trace import Trace
from answerable.testing.reranker import QUERY, candidate, candidates
from tests.unit.rerankers.graphs import save_graph

TOKENIZER = find_weights().tokenizer
TEXTS = ["A laptop may be returned.", "Many days pass.", "laptop " * 400]


async def judged(model: Path, texts: Sequence[str] = TEXTS, *, max_tokens: int = 512) -> Judged:
    pairs = OnnxPairs(model=model, tokenizer=TOKENIZER, max_tokens=max_tokens)
    try:
        return await pairs.judge(QUERY.text, texts)
    finally:
        pairs.close()


async def test_two_classes_say_what_one_number_says(tmp_path: Path) -> None:
    one = await judged(save_graph(tmp_path / "1.onnx"))
    two = await judged(save_graph(tmp_path / "2.onnx", outputs=2))
    assert two.logits == pytest.approx(one.logits, rel=1e-5)
    assert len(set(one.logits)) == 3


async def test_a_graph_without_token_types_is_run_without_them(tmp_path: Path) -> None:
    found = await judged(save_graph(tmp_path / "m.onnx", inputs=2))
    assert len(found.logits) == 3


async def test_a_batch_gives_what_each_text_alone_gives(tmp_path: Path) -> None:
    model = save_graph(tmp_path / "m.onnx")
    texts = [f"Text number {n} " * (n % 7 + 1) for n in range(40)]
    alone = [(await judged(model, [text])).logits[0] for text in texts[:5]]
    assert (await judged(model, texts)).logits[:5] == pytest.approx(alone, abs=1e-4)


async def test_what_is_cut_to_the_models_length_is_counted(tmp_path: Path) -> None:
    model = save_graph(tmp_path / "m.onnx")
    assert (await judged(model)).truncated == 0
    assert (await judged(model, max_tokens=32)).truncated == 1


async def test_the_trace_tells_the_cuts(tmp_path: Path) -> None:
    model = save_graph(tmp_path / "m.onnx")
    encoder = CrossEncoder(scorer=OnnxPairs(model=model, tokenizer=TOKENIZER, max_tokens=32))
    trace = Trace(tenant="t")
    token = tracing.current.set(trace)
    try:
        await encoder.rerank(QUERY, [candidate("laptop " * 300, 0.5), candidate("laptop", 0.4)], limit=2)
    finally:
        tracing.current.reset(token)
        encoder.close()
    assert [(one.name, one.detail) for one in trace.steps] == [("cross_encode", {"pairs": 2, "truncated": 1})]


@pytest.mark.parametrize("constant", [1e4, -1e4])
async def test_logits_that_all_round_to_one_or_zero_still_order(tmp_path: Path, constant: float) -> None:
    plain = CrossEncoder(scorer=OnnxPairs(model=save_graph(tmp_path / "a.onnx"), tokenizer=TOKENIZER))
    far = save_graph(tmp_path / "b.onnx", constant=constant)
    shifted = CrossEncoder(scorer=OnnxPairs(model=far, tokenizer=TOKENIZER))
    orders = [
        [one.chunk.id for one in await each.rerank(QUERY, candidates(), limit=9)] for each in (plain, shifted)
    ]
    plain.close()
    shifted.close()
    assert orders[0] == orders[1]


async def test_a_graph_for_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="3 numbers a pair"):
        await judged(save_graph(tmp_path / "m.onnx", outputs=3))


async def test_a_file_that_is_no_graph_is_an_integrity_error(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"no graph")
    with pytest.raises(IntegrityError, match="cannot be loaded"):
        await judged(tmp_path / "m.onnx")


async def test_a_pinned_file_that_was_changed_is_not_run(tmp_path: Path) -> None:
    model = save_graph(tmp_path / "m.onnx")
    right = sha256(model.read_bytes()).hexdigest()
    for digest, refused in ((right, False), ("0" * 64, True)):
        pairs = OnnxPairs(model=model, tokenizer=TOKENIZER, sha256={model: digest})
        if refused:
            with pytest.raises(IntegrityError, match="SHA-256"):
                await pairs.judge("q", ["a"])
        else:
            assert len((await pairs.judge("q", ["a"])).logits) == 1
        pairs.close()


def test_files_that_are_not_there_are_named_with_the_way_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"m\.onnx") as error:
        OnnxPairs(model=tmp_path / "m.onnx", tokenizer=TOKENIZER)
    assert "model pull --reranker" in error.value.hint


async def test_a_score_that_is_no_number_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(IntegrityError, match="no number"):
        await judged(save_graph(tmp_path / "m.onnx", constant=float("nan")))


def test_sigmoid_at_its_ends() -> None:
    assert (sigmoid(0), sigmoid(1e4), sigmoid(-1e4)) == (0.5, 1.0, 0.0)
    assert sigmoid(2.0) + sigmoid(-2.0) == pytest.approx(1.0)


class StandIn:
    """What sentence-transformers' CrossEncoder is asked for, by its documentation."""

    def __init__(self, name: str, *, max_length: int, local_files_only: bool) -> None:
        assert local_files_only
        self.max_length = max_length

    def predict(self, pairs: list[tuple[str, str]], *, activation_fn: Any, convert_to_numpy: bool) -> Any:
        return activation_fn(np.array([[float(len(text))] for _, text in pairs]))


async def test_sentence_transformers_gives_its_logits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module = ModuleType("sentence_transformers")
    module.CrossEncoder = StandIn  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    found = await TransformerPairs(tmp_path).judge("q", ["ab", "abcd"])
    assert found == Judged(logits=(2.0, 4.0), truncated=None)


async def test_a_score_of_sentence_transformers_that_is_no_number_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    module = ModuleType("sentence_transformers")
    module.CrossEncoder = StandIn  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    monkeypatch.setattr(StandIn, "predict", lambda *_, **__: np.array([[0.1], [float("nan")]]))
    with pytest.raises(IntegrityError, match="no number"):
        await TransformerPairs(tmp_path).judge("q", ["ab", "abcd"])


def test_without_sentence_transformers_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ConfigError) as error:
        TransformerPairs(tmp_path)
    assert "pip install sentence-transformers" in error.value.hint
