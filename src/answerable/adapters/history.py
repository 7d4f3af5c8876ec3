"""What git knows of a folder: who works here, and when its files came and went. Without git, nothing."""

from __future__ import annotations

import getpass
from datetime import date
from pathlib import Path

from answerable.adapters.git_program import Git

_ADDED = {"A": 1, "D": -1}


def author(folder: Path) -> str:
    """The e-mail address that commits here would have, else the account's name."""
    address = _git(folder, "config", "user.email").strip()
    if address:
        return address
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return "unknown"


def changes(folder: Path, *, suffixes: tuple[str, ...]) -> list[tuple[date, int]]:
    """(day, +1 or -1) for every file that a commit added to the folder or took away; newest first."""
    told = _git(folder, "log", "--format=%x00%cs", "--name-status", "--no-renames", "--", ".")
    found = []
    for commit in told.split("\x00")[1:]:
        day, *lines = [line for line in commit.splitlines() if line]
        for line in lines:
            status, _, name = line.partition("\t")
            if status in _ADDED and name.strip('"').endswith(suffixes):
                found.append((date.fromisoformat(day), _ADDED[status]))
    return found


def _git(folder: Path, *arguments: str) -> str:
    return Git(folder=folder).asked(*arguments) or ""
