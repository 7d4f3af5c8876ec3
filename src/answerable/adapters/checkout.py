"""The git checkout that a folder is in: its commit, its branch, and what changed in it since."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from answerable.adapters.git_program import Git
from answerable.core.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """A folder inside a git checkout."""

    folder: Path

    @classmethod
    def find(cls, folder: Path) -> Checkout | None:
        """None where the folder is in no checkout with a commit, or git is not installed."""
        one = cls(folder=folder)
        return one if one._git("rev-parse", "--verify", "-q", "HEAD") is not None else None

    @property
    def commit(self) -> str:
        """40 hex digits, and "+" where a file of the folder is changed or new."""
        head = (self._git("rev-parse", "HEAD") or "").strip()
        changed = self._git("status", "--porcelain", "--", ".")
        return f"{head}+" if changed and changed.strip() else head

    @property
    def branch(self) -> str:
        """Its name; empty for a detached head."""
        return (self._git("symbolic-ref", "--short", "-q", "HEAD") or "").strip()

    def base(self) -> str:
        """Where the branch left main or master; HEAD where it is that branch, or where there is neither."""
        trunk = self.trunk()
        return trunk if trunk == "HEAD" else (self._git("merge-base", "HEAD", trunk) or "HEAD").strip()

    def trunk(self) -> str:
        """The branch that this one left: main or master, of origin first; HEAD where it is that branch itself."""
        for name in ("origin/main", "main", "origin/master", "master"):
            if self._git("merge-base", "HEAD", name) and self.branch not in (name, name.removeprefix("origin/")):
                return name
        return "HEAD"

    def changed(self, since: str) -> list[Path]:
        """Absolute paths of files that are not as they were at `since`, new and deleted ones too.

        Raises ConfigError for a reference that git does not know.
        """
        known = self._git("rev-parse", "--verify", "-q", f"{since}^{{commit}}")
        if known is None:
            raise ConfigError(f"git knows no commit {since!r}", hint="give a commit, a branch or a tag")
        differing = self._git("diff", "--name-only", "-z", "--relative", "--no-renames", known.strip(), "--", ".")
        fresh = self._git("ls-files", "--others", "--exclude-standard", "-z", "--", ".")
        names = [*(differing or "").split("\0"), *(fresh or "").split("\0")]
        return sorted({self.folder / name for name in names if name})

    def _git(self, *arguments: str) -> str | None:
        """What git printed; None where it failed."""
        return Git(folder=self.folder).asked(*arguments)
