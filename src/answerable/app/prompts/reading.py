"""A prompt read back from a commit, with the parts that it included there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from posixpath import dirname, join

from answerable.adapters.file_history import FileHistory
from answerable.core.commit import FileAt
from answerable.core.errors import ConfigError
from answerable.prompts.file import parse
from answerable.prompts.include import shipped_part
from answerable.prompts.prompt import Prompt


def prompt_at(git: FileHistory) -> Callable[[FileAt], Prompt]:
    """Reads a file as a commit left it; a part that the commit has not is the one that ships today.

    The reader raises ConfigError where the file is no prompt by today's rules.
    """

    def read(file: FileAt) -> Prompt:
        def part(name: str) -> str | None:
            own = git.text(file.commit.hash, join(dirname(file.path), name))
            return shipped_part(name) if own is None else own

        if file.text is None:
            raise ConfigError(f"{file.path} is not there at {file.commit.short}")
        return parse(file.text, where=f"{file.path} at {file.commit.short}", read=part)

    return read


def with_parts(git: FileHistory, past: Sequence[FileAt], parts: frozenset[str]) -> list[tuple[FileAt, str]]:
    """A file's past, newest first, and between its commits those that changed a part of it: each with a note.

    `parts` are paths from the repository's root.
    """
    found = [(file, f"moved from {file.came_from}" if file.came_from else "") for file in past]
    if not parts:
        return found
    own = {file.commit.hash: (file, note) for file, note in found}
    touched: dict[str, list[FileAt]] = {}
    for file in git.touched(sorted(parts | {file.path for file in past})):
        touched.setdefault(file.commit.hash, []).append(file)
    if not own.keys() <= touched.keys():
        return found  # the order of what is not in one log is not known
    return _woven(touched, own, parts)


def _woven(
    touched: dict[str, list[FileAt]], own: dict[str, tuple[FileAt, str]], parts: frozenset[str]
) -> list[tuple[FileAt, str]]:
    """Oldest first: before the file begins, its parts are not its past."""
    woven: list[tuple[FileAt, str]] = []
    for hash_, files in reversed(touched.items()):
        changed = ", ".join(sorted(file.path for file in files if file.path in parts))
        told = f"{changed} changed" if changed else ""
        if hash_ in own:
            file, note = own[hash_]
            woven.append((file, "; ".join(one for one in (note, told) if one)))
        elif woven:
            woven.append((replace(woven[-1][0], commit=files[0].commit, came_from=""), told))
    return woven[::-1]
