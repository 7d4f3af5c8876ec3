"""Requests on disk until the collector takes them: a file each, the oldest dropped when the folder is full.

Several processes may share a folder. A file is sent by whoever gets to it, twice if need be: spans keep their ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from answerable.adapters.exporters.wire import Signal
from answerable.adapters.waiting import bytes_of, put_whole, waiting_name

_SIGNALS = get_args(Signal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The body of one request, and how many spans or records are in it."""

    signal: Signal
    many: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """A folder of at most `most_bytes`. All of it may wait for a disk: call it in a thread."""

    folder: Path
    most_bytes: int

    def put(self, request: Request) -> tuple[int, list[tuple[Signal, int]]]:
        """Keep it; tells how many bytes wait now, and what was dropped to make room: itself where it has none.

        Raises OSError.
        """
        if len(request.body) > self.most_bytes:
            return self.size(), [(request.signal, request.many)]
        size, dropped = self._make_room(len(request.body))
        name = f"{waiting_name()}-{request.signal}-{request.many}.pb"
        put_whole(self.folder / name, request.body)
        return size, dropped

    def oldest(self, signal: Signal) -> tuple[Path, Request] | None:
        """The one to be sent next; None where none can be read. What is not ours is left alone."""
        for path in self._waiting():
            kind, many = _told(path)
            if kind != signal:
                continue
            try:
                return path, Request(signal=kind, many=many, body=path.read_bytes())
            except OSError:  # another process was faster, or the disk is ill: it stays, and counts in `size`
                continue
        return None

    def remove(self, path: Path) -> None:
        """It was taken. Raises OSError."""
        path.unlink(missing_ok=True)

    def size(self) -> int:
        """Bytes that wait. Raises OSError."""
        return sum(bytes_of(path) for path in self._waiting())

    def _make_room(self, wanted: int) -> tuple[int, list[tuple[Signal, int]]]:
        """How full it is with `wanted` more, and what was dropped for that."""
        waiting = [(path, bytes_of(path)) for path in self._waiting()]
        left, dropped = self.most_bytes - wanted - sum(size for _, size in waiting), []
        for path, size in waiting:
            if left >= 0:
                break
            path.unlink(missing_ok=True)
            dropped.append(_told(path))
            left += size
        return self.most_bytes - left, dropped

    def _waiting(self) -> list[Path]:
        """Oldest first."""
        if not self.folder.is_dir():
            return []
        return sorted(path for path in self.folder.glob("*-*-*-*.pb") if _is_ours(path))


def _told(path: Path) -> tuple[Signal, int]:
    _, _, signal, many = path.stem.split("-")
    return cast(Signal, signal), int(many)


def _is_ours(path: Path) -> bool:
    parts = path.stem.split("-")
    return len(parts) == 4 and parts[2] in _SIGNALS and parts[3].isdecimal()
