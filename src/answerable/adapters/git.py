"""A git repository, written to beside the person's work: neither the working tree nor the index is touched."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from answerable.adapters.git_program import Git
from answerable.core.errors import ConfigError

_NOBODY = {"NAME": "answerable", "EMAIL": "answerable@localhost"}  # where git knows nobody's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What a branch holds now. `changed` is False where it held it already."""

    branch: str
    commit: str
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """The repository around a folder. `prefix` is the folder's place in it, with a slash at its end or empty.

    Its hooks do not run: a person's hooks are for what that person does by hand, and a server writes here too.
    """

    folder: Path
    prefix: str

    @classmethod
    def around(cls, folder: Path) -> Repository | None:
        """None where there is none, where it has no commit yet, or where there is no git."""
        one = cls(folder=folder, prefix="")
        try:
            prefix = one._git("rev-parse", "--show-prefix")
            one._git("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        except ConfigError:
            return None
        return cls(folder=folder, prefix=prefix)

    def commit(self, branch: str, files: Mapping[str, str], *, message: str) -> Committed:
        """Put files, by path within the folder, on a branch, which begins at HEAD where it is new or merged.

        The same again changes nothing. Raises ConfigError where git refuses, or the branch is checked out and
        would change under a person's hands.
        """
        tip = self._tip(branch)
        base = tip if tip and not self._merged(tip) else self._git("rev-parse", "HEAD")
        tree = self._tree(base, files)
        if tree == self._git("rev-parse", f"{base}^{{tree}}"):
            return Committed(branch=branch if tip else "HEAD", commit=base, changed=False)
        if f"branch refs/heads/{branch}" in self._git("worktree", "list", "--porcelain").splitlines():
            raise ConfigError(
                f"the branch {branch} is checked out; nothing was written",
                hint="switch to another branch, and try again",
            )
        new = self._git("commit-tree", tree, "-p", base, text=message, env=self._author())
        self._git("update-ref", f"refs/heads/{branch}", new, tip or "0" * len(new))
        return Committed(branch=branch, commit=new, changed=True)

    def _tip(self, branch: str) -> str:
        try:
            return self._git("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}")
        except ConfigError:
            return ""

    def _merged(self, tip: str) -> bool:
        """Whether HEAD has it already: what is put on top of it would not be merged as what is meant now."""
        return self._git("merge-base", "HEAD", tip) == tip

    def _tree(self, base: str, files: Mapping[str, str]) -> str:
        """The tree of `base` with the files, made in an index of its own."""
        with tempfile.TemporaryDirectory(prefix="answerable-git-") as scratch:
            env = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
            self._git("read-tree", base, env=env)
            for path, text in files.items():
                blob = self._git("hash-object", "-w", "--stdin", text=text)
                self._git("update-index", "--add", "--cacheinfo", f"100644,{blob},{self.prefix}{path}", env=env)
            return self._git("write-tree", env=env)

    def _author(self) -> dict[str, str]:
        try:
            self._git("var", "GIT_COMMITTER_IDENT")
        except ConfigError:
            return {
                f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in _NOBODY.items()
            }
        return {}

    def _git(self, *arguments: str, text: str = "", env: Mapping[str, str] | None = None) -> str:
        return Git(folder=self.folder).line(*arguments, data=text.encode(errors="replace"), env=env)


def write_files(folder: Path, files: Mapping[str, str]) -> Sequence[Path]:
    """The files written where they belong, for a folder that no repository is around. Raises ConfigError."""
    written = []
    for name, text in files.items():
        path = folder / name
        if not all(one.resolve().is_relative_to(folder.resolve()) for one in (path, path.parent)):
            raise ConfigError(f"{name!r} lies outside {folder}; it was not written")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{path.name}.tmp")
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(path)
        except OSError as error:
            raise ConfigError(f"{path}: cannot be written: {error.strerror}") from error
        written.append(path)
    return written
