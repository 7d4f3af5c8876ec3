"""Files that wait in a folder until somebody takes them: written whole or not at all, in order of their names."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path


def waiting_name() -> str:
    """Of a file: sorts by time, and no other process takes the same."""
    return f"{time.time_ns():020d}-{secrets.token_hex(4)}"


def put_whole(path: Path, body: bytes) -> None:
    """It appears under its name at once, readable by its owner alone; nothing is left of half of it.

    Raises OSError. Its folder is made.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(".part")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
        fresh.replace(path)
    except OSError:  # a full disk: half a file takes room that others need
        fresh.unlink(missing_ok=True)
        raise


def bytes_of(path: Path) -> int:
    """None, as 0, of one that another process took meanwhile. Raises OSError."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
