"""Where a branch began: the commit, what changed since, and the files as they were there, laid out elsewhere.

Neither the working tree nor the index is touched, and no worktree is registered that a crash would leave behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from answerable.adapters.checkout import Checkout
from answerable.adapters.git_program import Git
from answerable.core.errors import ConfigError

_UNKNOWN = "fetch it: git fetch origin; on a CI runner check out with the whole history (fetch-depth: 0)"


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchPoint:
    """The newest commit that a branch shares with its base. `folder` is the project's, `prefix` its place in the
    repository, with a slash at its end or empty."""

    folder: Path
    reference: str  # what was meant, for people
    commit: str  # 40 hex digits
    prefix: str

    @classmethod
    def find(cls, folder: Path, reference: str = "") -> BranchPoint:
        """`reference` is the base's branch, tag or commit; empty: main or master. Raises ConfigError."""
        git = Git(folder=folder)
        checkout = Checkout.find(folder)
        if checkout is None:
            raise ConfigError(
                f"{folder} is in no git checkout with a commit",
                hint="what changed is told by git: git init, and commit",
            )
        named = _known(git, reference) if reference else _left(git, checkout)
        shared = git.asked("merge-base", "HEAD", named)
        if not shared:
            raise ConfigError(f"git finds no commit that HEAD and {named} share", hint=_UNKNOWN)
        prefix = git.line("rev-parse", "--show-prefix")
        return cls(folder=folder, reference=named, commit=shared.strip(), prefix=prefix)

    def changed(self, folder: Path | None = None) -> list[Path]:
        """Absolute paths of what differs from it, new and deleted files too; of the project, or of `folder`."""
        return Checkout(folder=folder or self.folder).changed(self.commit)

    def since(self, commit: str) -> frozenset[str]:
        """The project's files that differ between an earlier commit and this point, by path; none where git does
        not know the commit."""
        told = Git(folder=self.folder).asked(
            "diff", "--name-only", "-z", "--relative", "--no-renames", commit, self.commit, "--", "."
        )
        return frozenset(name for name in (told or "").split("\0") if name)

    def files(self) -> frozenset[str]:
        """The project's files there, by path within it, with /."""
        told = Git(folder=self.folder).text("ls-tree", "-r", "-z", "--name-only", self.commit, "--", ".")
        return frozenset(name for name in told.split("\0") if name)

    def lay_out(self, target: Path, files: Sequence[str] | None = None) -> Path:
        """These files of the project, or the whole repository, written below `target`; the project's folder there.

        Raises ConfigError where git refuses.
        """
        git = Git(folder=self.folder)
        index = {"GIT_INDEX_FILE": str(target / "index")}
        target.mkdir(parents=True, exist_ok=True)
        git.run("read-tree", self.commit, env=index)
        written = f"--prefix={target / 'tree'}/"
        if files is None:
            whole = Git(folder=Path(git.line("rev-parse", "--show-toplevel")))  # --all means: below this folder
            whole.run("checkout-index", "--all", "--force", written, env=index)
        else:
            names = "\0".join(files).encode(errors="surrogateescape")
            git.run("checkout-index", "-z", "--stdin", "--force", written, env=index, data=names)
        project = target / "tree" / self.prefix
        project.mkdir(parents=True, exist_ok=True)
        return project


def _left(git: Git, checkout: Checkout) -> str:
    """The branch that this one left; HEAD where it is main or master itself. Raises ConfigError where that is
    not to be seen: held to itself, nothing differs, and every change would pass."""
    named = checkout.trunk()
    if named != "HEAD" or checkout.branch in ("main", "master"):
        return named
    here = checkout.branch or "a detached head"
    if (git.asked("rev-parse", "--is-shallow-repository") or "").strip() == "true":
        raise ConfigError(f"{here} is a shallow clone: the commit where it began is not in it", hint=_UNKNOWN)
    if others := _branches(git) - {checkout.branch, "HEAD"}:
        known = ", ".join(sorted(others)[:5])
        raise ConfigError(f"nothing tells where {here} began: there is no main or master", hint=f"--base {known}")
    return named


def _branches(git: Git) -> set[str]:
    """By name, those of a remote without its name."""
    local = git.asked("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads") or ""
    remote = git.asked("for-each-ref", "--format=%(refname:lstrip=3)", "refs/remotes") or ""
    return {*local.split(), *remote.split()}


def _known(git: Git, reference: str) -> str:
    """The reference, or the same of origin: a CI runner has no local branch of that name."""
    for name in (reference, f"origin/{reference}"):
        if git.asked("rev-parse", "--verify", "-q", f"{name}^{{commit}}"):
            return name
    raise ConfigError(f"git knows no commit {reference!r}", hint=_UNKNOWN)
