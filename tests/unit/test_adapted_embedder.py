"""An embedder with a learned change: where it is applied, what keeps its vectors apart, which file is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from answerable.adapters.embedders.adapted import AdaptedEmbedder
from answerable.adapters.embedders.change_file import ChangeNote, read_change, write_change
from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.core.errors import ConfigError, IntegrityError, ModelMismatch
from answerable.testing.embedder import EmbedderContract

INNER = HashEmbedder()
DIM = INNER.model.dim


def note(at: Literal["query", "both"] = "query", model: str = INNER.model.key) -> ChangeNote:
    return ChangeNote(
        model=model,
        at=at,
        pairs_sha256="0" * 64,
        n=40,
        clusters=9,
        before=0.8,
        after=0.85,
        difference=0.05,
        low=0.01,
        high=0.09,
        p=0.02,
        made=date(2026, 11, 22),
    )


def written(path: Path, *, at: Literal["query", "both"] = "query", model: str = INNER.model.key) -> Path:
    random = np.random.default_rng(2)
    left, right = (0.3 * random.standard_normal((DIM, 4)).astype(np.float32) for _ in range(2))
    write_change(path, left, right, note(at, model))
    return path


@pytest.mark.parametrize("at", ["query", "both"])
class TestAdaptedEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, tmp_path: Path, at: Literal["query", "both"]) -> AdaptedEmbedder:
        return AdaptedEmbedder.load(written(tmp_path / "a.safetensors", at=at), INNER, at=at)


async def test_at_the_query_passages_and_their_key_stay(tmp_path: Path) -> None:
    one = AdaptedEmbedder.load(written(tmp_path / "a"), INNER, at="query")
    assert one.model == INNER.model
    for kind, same in (("passage", True), ("query", False)):
        mine, theirs = await one.embed(["a laptop"], kind=kind), await INNER.embed(["a laptop"], kind=kind)  # type: ignore[arg-type]
        assert np.allclose(mine, theirs) is same


async def test_at_both_ends_it_is_another_space(tmp_path: Path) -> None:
    one = AdaptedEmbedder.load(written(tmp_path / "a", at="both"), INNER, at="both")
    assert one.model.key == f"{INNER.model.key}+adapter-{one.sha256[:12]}" or one.sha256[:12] in one.model.key
    assert one.model.key != INNER.model.key
    passages, inner = await one.embed(["a"], kind="passage"), await INNER.embed(["a"], kind="passage")
    assert not np.allclose(passages, inner)
    assert np.allclose(passages, one.moved(inner))


def test_one_learned_on_another_model_or_for_the_other_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelMismatch, match="was learned on other"):
        AdaptedEmbedder.load(written(tmp_path / "a", model="other@1"), INNER, at="query")
    with pytest.raises(ModelMismatch) as error:
        AdaptedEmbedder.load(written(tmp_path / "b", at="both"), INNER, at="query")
    assert error.value.hint == 'set embedding.adapter_at = "both"'


def cut(data: bytes) -> bytes:
    return data[:-8]


def turned(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def praised(data: bytes) -> bytes:
    return data.replace(b"0.85", b"0.99")


@pytest.mark.parametrize("change", [cut, turned, praised])
def test_a_file_that_was_changed_is_refused(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    path = written(tmp_path / "a")
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(IntegrityError):
        read_change(path)


def test_one_that_is_not_there_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        read_change(tmp_path / "none")
    assert "lab embedding --adapt" in error.value.hint
