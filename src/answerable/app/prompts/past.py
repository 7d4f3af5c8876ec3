"""The past of a project's prompts: from git where there is one, from the archive, and from what ships."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from posixpath import dirname, join

import answerable
from answerable.adapters.file_history import FileHistory
from answerable.app.project import Project
from answerable.app.prompts.archive import archived
from answerable.app.prompts.reading import prompt_at, with_parts
from answerable.core.commit import FileAt, LineBy, State
from answerable.core.errors import ConfigError
from answerable.prompts.history import Revision, Version, chained, of_prompt, revision, unread, versions


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is known of a prompt's past. `notes` say in sentences what is not."""

    id: str
    file: Path | None  # the project's own; None: the shipped one is used
    state: State | None  # None: shipped
    revisions: tuple[Revision, ...]  # newest first; the working file's own, where it is not committed
    used: tuple[Revision, ...] = ()  # texts that answered here, and that are in none of these
    notes: tuple[str, ...] = ()

    @property
    def versions(self) -> tuple[Version, ...]:
        """Newest first."""
        return versions(self.revisions)

    @property
    def known(self) -> tuple[str, ...]:
        """Every version's number, newest first."""
        return tuple(dict.fromkeys(one.version for one in (*self.revisions, *self.used) if one.version))


def history_of(project: Project, prompt: str) -> History:
    """Raises ConfigError for a prompt that is not there. A working file that is none is told in the notes."""
    file = project.prompts.path(prompt)
    now, broken = _now(project, prompt, file)
    revisions, state, notes = _of_file(file, now) if file else ((now,), None, (_shipped(prompt),))
    known = {one.sha256 for one in revisions}
    used = [one for one in archived(project, prompt) if one.sha256 not in known]
    return History(
        id=prompt,
        file=file,
        state=state,
        revisions=revisions,
        used=tuple(of_prompt(one) for one in used),
        notes=(*broken, *notes),
    )


def _now(project: Project, prompt: str, file: Path | None) -> tuple[Revision, tuple[str, ...]]:
    """The text in use, and a sentence where that is no prompt: its past can be told all the same."""
    try:
        return of_prompt(project.prompts.get(prompt)), ()
    except ConfigError as error:
        if file is None or not file.is_file():
            raise
        text = file.read_text(encoding="utf-8", errors="replace")
        return replace(unread(text, path=str(file), why=""), notes=("no prompt file",)), (str(error),)


def blame(project: Project, prompt: str) -> tuple[tuple[LineBy, str], ...]:
    """Each line of the project's file with the version in which it came; empty: it is in no commit.

    Raises ConfigError where the prompt has no file here.
    """
    file = project.prompts.path(prompt)
    if file is None:
        raise ConfigError(
            f"{prompt} is the prompt that ships with answerable: no line of it was written here",
            hint=f"to make it yours: answerable prompt show {prompt} > prompts/{prompt}.md",
        )
    history = history_of(project, prompt)
    named = {one.commit.hash: one.version for one in history.revisions if one.commit}
    return tuple((line, named.get(line.commit.hash, "") if line.commit else "") for line in _lines(file, history))


def _lines(file: Path, history: History) -> Sequence[LineBy]:
    if history.state in (State.COMMITTED, State.CHANGED):
        return FileHistory(folder=file.parent).lines(file)
    lines = file.read_text(encoding="utf-8").splitlines()
    return [LineBy(number=number, text=text, commit=None) for number, text in enumerate(lines, start=1)]


def _of_file(file: Path, now: Revision) -> tuple[tuple[Revision, ...], State | None, tuple[str, ...]]:
    """From git; where it knows nothing, the file as it is, and a sentence that says so."""
    git = FileHistory(folder=file.parent)
    if why := git.missing():
        return (now,), State.UNKNOWN, (why,)
    state = git.state(file)
    try:
        past = git.of(file) if state is not State.UNTRACKED else ()
    except ConfigError as error:
        return (now,), State.UNKNOWN, (f"git cannot be asked for the history: {error}",)
    found, told = _revisions(git, past)
    if not found or found[0].sha256 != now.sha256:
        found, told = [now, *found], ["", *told]
    return chained(found, told=told), state, _notes(file, state, past)


def _revisions(git: FileHistory, past: Sequence[FileAt]) -> tuple[list[Revision], list[str]]:
    """With a note on each: of the file's own commits, and of those that changed what it includes."""
    read = prompt_at(git)
    found = [revision(one, read) for one in past]
    woven = with_parts(git, past, parts := _parts(found))
    return [revision(one, read) for one, _ in woven] if parts else found, [note for _, note in woven]


def _parts(revisions: Sequence[Revision]) -> frozenset[str]:
    """What the revisions include, by its path from the repository's root."""
    named = [(one.path, name) for one in revisions if one.prompt for name in one.prompt.includes]
    return frozenset(join(dirname(path), name) for path, name in named)


def _notes(file: Path, state: State, past: Sequence[FileAt]) -> tuple[str, ...]:
    found = []
    if state is State.UNTRACKED:
        found.append(f"{file.name} is in no commit yet: `git add` and `git commit` begin its history")
    if past and past[-1].commit.edge:
        commit = past[-1].commit.short
        found.append(f"history begins at {commit}: a shallow clone; `git fetch --unshallow` brings the rest")
    return tuple(found)


def _shipped(prompt: str) -> str:
    return (
        f"{prompt} ships with answerable {answerable.__version__}, and the project has no file of its own: "
        "other versions came with other releases, and only those that were used here are kept"
    )
