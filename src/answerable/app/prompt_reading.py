"""A prompt read back from what is kept of it: a commit, or the archive."""

from __future__ import annotations

from collections.abc import Callable

from answerable.adapters.file_history import FileHistory
from answerable.core.commit import FileAt
from answerable.core.errors import ConfigError
from answerable.prompts.file import parse
from answerable.prompts.prompt import Prompt


def prompt_at(git: FileHistory) -> Callable[[FileAt], Prompt]:
    """Reads a file as a commit left it. Raises ConfigError where it is no prompt by today's rules."""
    del git

    def read(file: FileAt) -> Prompt:
        if file.text is None:
            raise ConfigError(f"{file.path} is not there at {file.commit.short}")
        return parse(file.text, where=f"{file.path} at {file.commit.short}")

    return read
