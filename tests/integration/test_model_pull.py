"""Pulling a model from a hub on this machine: pinned, verified, whole or not at all."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from answerable.adapters.embedders.pull import pull
from answerable.adapters.embedders.weights import Pin, find_weights
from answerable.core.errors import IntegrityError, Unreachable

MODEL, TOKENIZER = b"w" * 3_000_000, b"{}"
PIN = Pin(
    name="tiny",
    repository="somebody/tiny",
    revision="0123456789abcdef",
    model_sha256=hashlib.sha256(MODEL).hexdigest(),
    tokenizer_sha256=hashlib.sha256(TOKENIZER).hexdigest(),
    heads=2,
    max_tokens=16,
)
PREFIX = f"/{PIN.repository}/resolve/{PIN.revision}"


class Hub(BaseHTTPRequestHandler):
    """Serves `files`; the model by a redirect, as hubs do; cuts short what is in `cut`."""

    files: ClassVar[dict[str, bytes]] = {}
    asked: ClassVar[list[str]] = []
    cut: ClassVar[set[str]] = set()

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == f"{PREFIX}/model.safetensors":
            self.send_response(302)
            self.send_header("Location", "/store/blob")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = self.files.get(self.path)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write((body or b"")[: 1000 if self.path in self.cut else None])

    def log_message(self, *args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def hub() -> Iterator[str]:
    Hub.files = {"/store/blob": MODEL, f"{PREFIX}/tokenizer.json": TOKENIZER}
    Hub.asked = []
    Hub.cut = set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


async def test_both_files_come_at_the_pinned_revision_and_are_found_afterwards(hub: str, tmp_path: Path) -> None:
    weights = await pull(tmp_path, pin=PIN, base_url=hub)
    weights.verify()
    assert find_weights(tmp_path, pin=PIN) == weights
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.safetensors", "tokenizer.json"]


async def test_pulling_again_downloads_nothing_but_mends_a_damaged_file(hub: str, tmp_path: Path) -> None:
    await pull(tmp_path, pin=PIN, base_url=hub)
    Hub.asked.clear()
    await pull(tmp_path, pin=PIN, base_url=hub)
    assert Hub.asked == []
    (tmp_path / "tokenizer.json").write_bytes(b"damaged")
    await pull(tmp_path, pin=PIN, base_url=hub)
    assert Hub.asked == [f"{PREFIX}/tokenizer.json"]
    assert (tmp_path / "tokenizer.json").read_bytes() == TOKENIZER


async def test_another_file_than_the_pinned_one_is_refused_and_not_kept(hub: str, tmp_path: Path) -> None:
    Hub.files["/store/blob"] = MODEL + b"!"
    with pytest.raises(IntegrityError, match=r"model\.safetensors.*not kept"):
        await pull(tmp_path, pin=PIN, base_url=hub)
    assert list(tmp_path.iterdir()) == []


async def test_a_download_that_breaks_off_leaves_nothing(hub: str, tmp_path: Path) -> None:
    Hub.cut = {"/store/blob"}
    with pytest.raises(Unreachable, match="cannot download"):
        await pull(tmp_path, pin=PIN, base_url=hub)
    assert list(tmp_path.iterdir()) == []


async def test_a_missing_file_and_a_dead_hub_are_unreachable(hub: str, tmp_path: Path) -> None:
    del Hub.files["/store/blob"]
    with pytest.raises(Unreachable, match="404"):
        await pull(tmp_path, pin=PIN, base_url=hub)
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1/") as error:
        await pull(tmp_path, pin=PIN, base_url="http://127.0.0.1:1")
    assert "pip install --no-deps" in error.value.hint


async def test_progress_is_told_in_bytes(hub: str, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    await pull(tmp_path, pin=PIN, base_url=hub, progress=lambda *step: told.append(step))
    assert told[-2] == ("model.safetensors", len(MODEL), len(MODEL))
    assert told[-1] == ("tokenizer.json", len(TOKENIZER), len(TOKENIZER))
    assert len(told) > 2
