"""The past of single files as git has it: who changed them when, what they said, and who wrote which line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from answerable.adapters.git_program import Git
from answerable.core.commit import Commit, FileAt, LineBy, State
from answerable.core.errors import ConfigError

_FORMAT = "--format=%x01%H%x00%aN%x00%aE%x00%aI%x00%s%x00"  # then, for each file: raw facts, NUL, path(s), NUL
_LOG = ("log", "--topo-order", "--raw", "--no-abbrev", "-z", "--encoding=UTF-8", _FORMAT)
_NOTHING = frozenset("0")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHistory:
    """git's memory of files in a folder, which may lie anywhere in a working tree."""

    folder: Path

    def missing(self) -> str:
        """Why there is no history here, as a sentence; empty where there is one."""
        try:
            self._git.run("rev-parse", "--is-inside-work-tree")
        except ConfigError as error:
            if "not a git repository" in str(error):
                return f"{self.folder} is in no git repository: there is no history to read"
            return f"git cannot be asked for the history: {error}"
        if self._git.asked("rev-parse", "--verify", "--quiet", "HEAD^{commit}") is None:
            return "the repository has no commit yet: there is no history to read"
        return ""

    def edges(self) -> frozenset[str]:
        """The commits at which a shallow clone ends; empty for a whole one."""
        place = self._git.asked("rev-parse", "--path-format=absolute", "--git-path", "shallow")
        path = Path((place or "").rstrip("\n"))
        try:
            return frozenset(path.read_text(encoding="ascii").split()) if place and path.is_file() else frozenset()
        except (OSError, UnicodeDecodeError):
            return frozenset()

    def state(self, file: Path) -> State:
        """Of a file of this folder."""
        told = self._git.asked("status", "--porcelain", "-z", "--untracked-files=all", "--", file.name)
        if told is None:
            return State.UNKNOWN
        if told:
            return State.UNTRACKED if told.startswith(("??", "A")) else State.CHANGED
        known = self._git.asked("ls-files", "--error-unmatch", "--", file.name)
        return State.UNTRACKED if known is None else State.COMMITTED

    def of(self, file: Path) -> tuple[FileAt, ...]:
        """What each commit on the way to HEAD made of a file of this folder, through renames, newest first.

        Raises ConfigError where git refuses.
        """
        commits = tuple(self._told(self._git.run(*_LOG, "--follow", "HEAD", "--", file.name)))
        return tuple(self._with_texts(_own(commits)))

    def all(self, paths: Sequence[str]) -> tuple[FileAt, ...]:
        """Every file that ever lay at or under these paths, on any branch, newest first. Raises ConfigError."""
        return tuple(self._with_texts(self._told(self._git.run(*_LOG, "--all", "--no-renames", "--", *paths))))

    def touched(self, paths: Sequence[str]) -> tuple[FileAt, ...]:
        """What commits on the way to HEAD did to files, by their paths from the root, newest first; without texts.

        Raises ConfigError.
        """
        top = Git(folder=Path(self._git.line("rev-parse", "--show-toplevel")))
        told = top.run(*_LOG, "--full-history", "--no-renames", "HEAD", "--", *paths)
        return tuple(file for file, _, _ in self._told(told))

    def text(self, commit: str, path: str) -> str | None:
        """A file at a commit, by its path from the root; None where it has none."""
        return self._git.asked("cat-file", "blob", f"{commit}:{path}")

    def lines(self, file: Path) -> tuple[LineBy, ...]:
        """The file of the working tree, line by line. Raises ConfigError where git knows no such file."""
        told = self._git.run("blame", "--porcelain", "--encoding=UTF-8", "--", file.name)
        return tuple(_blamed(told.decode(errors="replace"), self.edges()))

    @property
    def _git(self) -> Git:
        return Git(folder=self.folder)

    def _told(self, told: bytes) -> Iterator[tuple[FileAt, str, str]]:
        """File (without its text), blob and status, for each change in a log."""
        edges = self.edges()
        for entry in told.decode(errors="replace").split("\x01")[1:]:
            hash_, author, email, at, subject, *changes = entry.split("\0")
            commit = Commit(
                hash=hash_,
                author=author,
                email=email,
                at=datetime.fromisoformat(at),
                subject=subject,
                edge=hash_ in edges,
            )
            yield from _changes(commit, changes)

    def _with_texts(self, changes: Iterator[tuple[FileAt, str, str]]) -> Iterator[FileAt]:
        found = list(changes)
        texts = self._texts(sorted({blob for _, blob, _ in found if set(blob) != _NOTHING}))
        for file, blob, _ in found:
            yield replace(file, text=texts.get(blob))

    def _texts(self, blobs: Sequence[str]) -> dict[str, str | None]:
        """By blob. One process reads them all."""
        if not blobs:
            return {}
        told = self._git.run("cat-file", "--batch", data="".join(f"{one}\n" for one in blobs).encode())
        found, at = {}, 0
        for blob in blobs:
            end = told.index(b"\n", at)
            head = told[at:end].split()
            at = end + 1
            if len(head) == 3:  # else `HASH missing`, as in a clone without its blobs
                size = int(head[2])
                found[blob] = _decoded(told[at : at + size])
                at += size + 1
        return found


def _changes(commit: Commit, told: Sequence[str]) -> Iterator[tuple[FileAt, str, str]]:
    parts = iter(told)
    for part in parts:
        if not part.lstrip("\n").startswith(":"):
            continue
        *_, blob, status = part.split()
        before = next(parts) if status[0] in "RC" else ""
        path = next(parts)
        came_from = before if status[0] == "R" else ""
        yield FileAt(commit=commit, path=path, text=None, came_from=came_from), blob, status


def _own(changes: Sequence[tuple[FileAt, str, str]]) -> Iterator[tuple[FileAt, str, str]]:
    """Until the file begins: what it was copied from has a history of its own."""
    for one in changes:
        yield one
        if one[2].startswith(("C", "A")):
            return


def _decoded(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _blamed(told: str, edges: frozenset[str]) -> Iterator[LineBy]:
    """Porcelain: a line with hash and numbers, facts where the commit is met first, then a tab and the text."""
    known: dict[str, Commit | None] = {}
    facts: dict[str, str] = {}
    hash_, number = "", 0
    for line in told.split("\n"):
        if line.startswith("\t"):
            if hash_ not in known:
                known[hash_] = _commit(hash_, facts, edges)
            yield LineBy(number=number, text=line[1:], commit=known[hash_])
            hash_, facts = "", {}
        elif not hash_:
            if line:
                hash_, _, final = line.split(" ")[:3]
                number = int(final)
        else:
            key, _, value = line.partition(" ")
            facts[key] = value


def _commit(hash_: str, facts: dict[str, str], edges: frozenset[str]) -> Commit | None:
    if set(hash_) == _NOTHING:
        return None
    return Commit(
        hash=hash_,
        author=facts.get("author", ""),
        email=facts.get("author-mail", "").strip("<>"),
        at=datetime.fromtimestamp(int(facts.get("author-time", "0")), _zone(facts.get("author-tz", "+0000"))),
        subject=facts.get("summary", ""),
        edge=hash_ in edges,
    )


def _zone(told: str) -> timezone:
    """+0530 and -0800."""
    try:
        minutes = int(told[1:3]) * 60 + int(told[3:5])
        return timezone(timedelta(minutes=-minutes if told.startswith("-") else minutes))
    except ValueError:
        return UTC  # git kept what is no offset
