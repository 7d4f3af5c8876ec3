"""The texts that a process has used, each under its hash: so that an answer's prompt can be shown when no file and
no commit has it anymore. A folder of the project's state, never the database."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from answerable.prompts.prompt import Prompt

MOST_FILES = 500  # the longest unused go first; at 3 kB each that is 1.5 MB
MOST_BYTES = 256 * 1024  # a prompt's; a longer one is not kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """SHA256.md for each, with all that it includes put in.

    A folder that cannot be read or written keeps nothing, and nothing breaks.
    """

    folder: Path
    most: int = MOST_FILES

    def keep(self, prompts: Sequence[Prompt]) -> int:
        """How many are new. What is there already is marked as used now."""
        new = 0
        with suppress(OSError):
            new = sum(self._keep(one) for one in {one.sha256: one for one in prompts}.values())
            if new:
                self._bound()
        return new

    def get(self, sha256: str) -> str | None:
        """What is kept under a hash; whoever shows it verifies it first."""
        if not sha256.isalnum():
            return None
        try:
            return (self.folder / f"{sha256}.md").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def hashes(self) -> tuple[str, ...]:
        """Of all that is kept, what was used last first."""
        return tuple(path.stem for path in self._newest_first())

    def _keep(self, prompt: Prompt) -> bool:
        path = self.folder / f"{prompt.sha256}.md"
        try:
            os.utime(path)
        except FileNotFoundError:
            return self._write(path, prompt.text.encode())
        return False

    def _write(self, path: Path, data: bytes) -> bool:
        """Whole or not at all, whoever else writes the same."""
        if len(data) > MOST_BYTES:
            return False
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
        return True

    def _bound(self) -> None:
        for path in list(self._newest_first())[self.most :]:
            path.unlink(missing_ok=True)

    def _newest_first(self) -> Iterator[Path]:
        with suppress(OSError):
            aged = sorted(((path.stat().st_mtime_ns, path) for path in self.folder.glob("*.md")), reverse=True)
            yield from (path for _, path in aged)
