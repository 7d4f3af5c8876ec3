"""Spooled entries on disk that name a person, and files of the project that name their traces."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any


def drop_lines(folders: Iterable[Path], wanted: Sequence[str], *, dry: bool) -> dict[str, int]:
    """Take out of *.jsonl below the folders every line with one of the values as a whole string. Lines by file.

    Raises OSError. A file that another process wrote into the database meanwhile is gone, and none of ours.
    """
    found: dict[str, int] = {}
    values = frozenset(wanted)
    for path in sorted(path for folder in folders if folder.is_dir() for path in folder.rglob("*.jsonl")):
        try:
            lines = path.read_text("utf-8").splitlines()
        except FileNotFoundError:
            continue
        kept = [line for line in lines if not _names(line, values)]
        if len(kept) < len(lines):
            found[str(path)] = len(lines) - len(kept)
            if not dry:
                _replace(path, kept)
    return found


def naming(roots: Iterable[Path], wanted: Sequence[str]) -> list[str]:
    """Case files (YAML, JSON lines) that name one of the values: they belong to a person and their git."""
    found = []
    for root in roots:
        files = [root] if root.is_file() else sorted(root.rglob("*")) if root.is_dir() else []
        for file in files:
            if file.suffix in (".yaml", ".yml", ".jsonl", ".json") and file.is_file():
                text = file.read_text("utf-8", "replace")
                if any(one in text for one in wanted):
                    found.append(str(file))
    return found


def _names(line: str, wanted: frozenset[str]) -> bool:
    try:
        return _holds(json.loads(line), wanted)
    except ValueError:
        return any(one in line for one in wanted)


def _holds(value: Any, wanted: frozenset[str]) -> bool:
    if isinstance(value, str):
        return value in wanted
    if isinstance(value, dict):
        return any(_holds(one, wanted) for one in value.values())
    return isinstance(value, list) and any(_holds(one, wanted) for one in value)


def _replace(path: Path, lines: Sequence[str]) -> None:
    if not lines:
        path.unlink(missing_ok=True)
        return
    fresh = path.with_suffix(".part")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    fresh.replace(path)
