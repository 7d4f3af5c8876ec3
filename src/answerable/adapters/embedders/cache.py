"""The folder for what can be made again: model graphs and pulled models."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def default_cache_folder() -> Path:
    """The user's cache folder for answerable: XDG_CACHE_HOME, or the platform's own place."""
    if configured := os.environ.get("XDG_CACHE_HOME"):
        return Path(configured) / "answerable"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "answerable" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "answerable"
    return Path.home() / ".cache" / "answerable"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` to write to; it takes the path's place when the block ends well.

    Readers and other writers never see half a file: the last writer wins, with the same content.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
