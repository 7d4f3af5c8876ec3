"""Which processes use the embedded server: each holds a lock on a file of its own, as long as it lives.

The kernel lets go of the lock whatever way a process ends, so a killed client is seen at once, a recycled process
number means nothing, and it works across containers that share the folder.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from answerable.adapters.postgres.account import Account

if sys.platform != "win32":  # `binaries.check_platform` comes before any use
    import fcntl


class Clients:
    """The register in one folder. Every change happens while `exclusive` is held."""

    def __init__(self, folder: Path, account: Account) -> None:
        self._folder = folder
        self._account = account

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """One process at a time, among all that share the folder; waits."""
        descriptor = self._account.open_private(self._folder / "lock", os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def join(self) -> int:
        """Enter ourselves; the returned descriptor is the membership: to be kept open, and given to `leave`."""
        register = self._account.make_folder(self._folder / "clients")
        path = register / f"{os.getpid()}-{secrets.token_hex(4)}"
        descriptor = self._account.open_private(path, os.O_RDWR | os.O_EXCL)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return descriptor

    def leave(self, descriptor: int) -> None:
        """End the membership; the next `sweep` removes its file."""
        os.close(descriptor)

    def sweep(self) -> int:
        """Remove the entries of those who are gone; returns how many processes are left."""
        register = self._folder / "clients"
        entries = list(register.iterdir()) if register.is_dir() else []
        return sum(not _gone(entry) for entry in entries)


def _gone(entry: Path) -> bool:
    descriptor = os.open(entry, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        entry.unlink()
        return True
    finally:
        os.close(descriptor)
