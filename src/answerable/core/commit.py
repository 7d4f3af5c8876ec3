"""What a repository remembers: a commit, a file as one left it, and a line with the commit that wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """How a file stands to the repository around it."""

    COMMITTED = "committed"
    CHANGED = "changed"  # other than in the last commit
    UNTRACKED = "untracked"  # in no commit
    UNKNOWN = "unknown"  # there is no repository, or no git


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Who wrote something down, when, and why."""

    hash: str  # 40 hex digits (64 in a SHA-256 repository)
    author: str
    email: str
    at: datetime  # the author's day, with its offset
    subject: str  # first line of the message
    edge: bool = False  # of a shallow clone: what was before it is not here, and may be older than it

    @property
    def short(self) -> str:
        """Seven digits, as people write it."""
        return self.hash[:7]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAt:
    """A file as a commit left it."""

    commit: Commit
    path: str  # from the repository's root
    text: str | None  # None: taken away there, or not UTF-8
    came_from: str = ""  # its path before, where the commit moved it


@dataclass(frozen=True, slots=True, kw_only=True)
class LineBy:
    """A line of a file. `commit` None: it is not committed."""

    number: int  # 1-based
    text: str
    commit: Commit | None
