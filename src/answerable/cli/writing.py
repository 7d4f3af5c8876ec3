"""A file that a person named, written or refused with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from answerable.core.errors import ConfigError


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns a place that cannot be written to into a ConfigError that names it."""
    try:
        yield
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}", hint="name another place") from error


def write_file(path: Path, text: str) -> None:
    """As UTF-8; folders on the way are made. Raises ConfigError."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
