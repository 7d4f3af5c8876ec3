"""Entries on disk until the database takes them: one file a batch, written once, never changed.

Several processes may share a folder. A file is read by whoever gets to it, twice if need be: an entry written
twice is there once. It survives the process, not a loss of power: there is no fsync.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from answerable.adapters.waiting import bytes_of, put_whole, waiting_name
from answerable.core.errors import IntegrityError

T = TypeVar("T")
_COUNT_S = 5.0  # between two counts of what waits: one takes milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Form(Generic[T]):
    """How an entry stands on disk, as values of JSON. `load` raises ValueError, KeyError or TypeError."""

    dump: Callable[[T], Mapping[str, Any]]
    load: Callable[[Mapping[str, Any]], T]


class SpoolFullError(OSError):
    """No more may wait."""


class Spool(Generic[T]):
    """A folder of batches, oldest first. What the database refuses for good is set aside in `rejected`.

    `most_bytes` of batches may wait, those of other processes included; None: as many as the disk holds.
    """

    def __init__(self, folder: Path, form: Form[T], *, most_bytes: int | None = None) -> None:
        self._folder = folder
        self._form = form
        self._most = most_bytes
        self._waiting: int | None = None  # bytes, as far as this process knows; None: to be counted
        self._counted_at = 0.0

    def put(self, entries: Iterable[T]) -> Path:
        """Write a batch; it appears under its name at once and whole. Raises OSError, and SpoolFullError."""
        return self._write(self._folder, entries, most=self._most)

    def reject(self, entries: Iterable[T]) -> Path:
        """Set entries aside for a person to look at. Raises OSError."""
        return self._write(self._folder / "rejected", entries)

    def size(self) -> int:
        """Bytes that wait."""
        return sum(bytes_of(one) for one in self.batches())

    def batches(self) -> list[Path]:
        """The waiting files, oldest first."""
        return sorted(self._folder.glob("*.jsonl")) if self._folder.is_dir() else []

    def read(self, batch: Path) -> Sequence[T]:
        """Raises FileNotFoundError when another process was faster, OSError where it may not be read, and
        IntegrityError for a file that is not ours."""
        try:
            return [self._form.load(json.loads(line)) for line in batch.read_text("utf-8").splitlines()]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise IntegrityError(f"{batch} holds no entries of ours: {error}", hint="move it away") from error

    def set_aside(self, batch: Path) -> None:
        """Move a file that cannot be read out of the way. Raises OSError."""
        (self._folder / "rejected").mkdir(mode=0o700, exist_ok=True)
        batch.replace(self._folder / "rejected" / batch.name)

    def _make_room(self, wanted: int, most: int) -> None:
        """Raises SpoolFullError. Others put batches in and take them out: in between two counts it is a guess."""
        now = time.monotonic()
        if self._waiting is None or now - self._counted_at >= _COUNT_S:
            self._waiting, self._counted_at = self.size(), now
        if self._waiting + wanted > most:
            raise SpoolFullError(f"{self._folder} holds {self._waiting} of {most} bytes")
        self._waiting += wanted

    def _write(self, folder: Path, entries: Iterable[T], *, most: int | None = None) -> Path:
        text = "".join(f"{json.dumps(self._form.dump(entry))}\n" for entry in entries)
        if most is not None:
            self._make_room(len(text), most)  # JSON is ASCII here: a character is a byte
        path = folder / f"{waiting_name()}.jsonl"
        put_whole(path, text.encode("ascii"))
        return path
