"""What git knows of a folder: who works here, and when its files came and went. Without git, nothing."""

from __future__ import annotations

import getpass
import shutil
import subprocess
from datetime import date
from pathlib import Path

_TIMEOUT_S = 20.0
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
    program = shutil.which("git")
    if program is None or not folder.is_dir():
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - a program found on the path, arguments of our own
            [program, "-C", str(folder), *arguments],
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
