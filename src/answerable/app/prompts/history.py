"""The exact text of a prompt, by its hash or its name, and where it was found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from answerable.adapters.file_history import FileHistory
from answerable.app.project import Project
from answerable.app.prompts.archive import archived
from answerable.app.prompts.files import beside, every_current
from answerable.app.prompts.past import History, history_of
from answerable.app.prompts.reading import prompt_at
from answerable.core.commit import Commit
from answerable.core.errors import ConfigError, NotFound
from answerable.core.ports import Journal
from answerable.core.query import Principal
from answerable.prompts.collection import load_library, shipped
from answerable.prompts.difference import Differences, bare_differences, differences
from answerable.prompts.history import Revision, of_prompt, revision
from answerable.prompts.prompt import Prompt

_HASH = re.compile(r"[0-9a-f]{7,64}")


class Place(StrEnum):
    """Where a text was found."""

    FILE = "file"
    SHIPPED = "shipped"
    ARCHIVE = "archive"
    GIT = "git"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A prompt's text, whose hash was verified. `prompt` None: it is no valid prompt file by today's rules."""

    text: str
    sha256: str
    version: str
    place: Place
    where: str  # the file's path; in git, from the repository's root
    prompt: Prompt | None
    commit: Commit | None = None  # in git: the newest that has it

    @property
    def told(self) -> str:
        """Where it was found, for people."""
        if self.commit is not None:
            return (
                f"git commit {self.commit.short} ({self.commit.at:%Y-%m-%d}, {self.commit.author}), {self.where}"
            )
        return {
            Place.FILE: self.where,
            Place.SHIPPED: f"shipped with this package, {self.where}",
            Place.ARCHIVE: f"the archive of what was used here, {self.where}",
        }.get(self.place, self.where)


def is_hash(text: str) -> bool:
    """Whether it can be a text's hash, or the beginning of one."""
    return _HASH.fullmatch(text) is not None


def exact_text(project: Project, sha256: str) -> Found:
    """The prompt of a hash, or of a hash's first digits: from the files, what ships, the archive, or any commit.

    Raises ConfigError for what is no hash or names several texts, NotFound where the text is gone.
    """
    if not is_hash(sha256):
        raise ConfigError(f"{sha256!r} is no hash of a prompt", hint="7 to 64 hex digits")
    found = _matching(project, sha256)
    if len(found) > 1:
        raise ConfigError(f"several prompts begin with {sha256}", hint="give more of the hash")
    if not found:
        raise NotFound(
            f"no text with the hash {sha256[:12]} is left: not in a file, a commit, the archive or the package",
            hint="it was used on another machine, or never committed: look there, or `git fetch`",
        )
    return next(iter(found.values()))


def _matching(project: Project, sha256: str) -> dict[str, Found]:
    """By hash; a whole hash ends the search."""
    found: dict[str, Found] = {}
    for one in _everywhere(project, sha256):
        if one.sha256.startswith(sha256):
            found.setdefault(one.sha256, one)
        if sha256 in found:
            break
    return found


def text_of(project: Project, name: str) -> Found:
    """`answer` as it is now, `answer@1.2.0`, or `answer@COMMIT`.

    Raises ConfigError for an unknown prompt, NotFound for a version that nobody knows.
    """
    id_, at, version = name.partition("@")
    now = _now(project, id_) if not at else _now_if_whole(project, id_)
    if now is not None and (not at or now.version == version):
        return _standing(project, now)
    if project.prompts.path(name) is not None:
        return _standing(project, project.prompts.get(name))
    history = history_of(project, id_)
    for one in history.revisions:
        if _names(one, version):
            return of_revision(one, place=Place.GIT if one.commit else Place.FILE)
    for one in history.used:
        if _names(one, version):
            return of_revision(one, place=Place.ARCHIVE)
    raise _unknown(history, version)


def _now(project: Project, prompt: str) -> Prompt:
    """As it is used now; for an empty file the shipped one: `prompt show X > prompts/X.md` empties it first."""
    file = project.prompts.path(prompt)
    if file is not None and prompt in shipped() and file.is_file() and not file.stat().st_size:
        return load_library(prompt)
    return project.prompts.get(prompt)


def _now_if_whole(project: Project, prompt: str) -> Prompt | None:
    """None for a working file that is no prompt: what was before it is asked for, and can be told."""
    try:
        return _now(project, prompt)
    except ConfigError:
        if project.prompts.path(prompt) is None:
            raise
        return None


def compared(project: Project, before: str, after: str) -> Differences:
    """Two texts by name, as `text_of` reads them; no `before`: the newest text that is another than `after`.

    Raises ConfigError and NotFound as `text_of` does; NotFound where there is nothing before.
    """
    now = text_of(project, after)
    then = text_of(project, before) if before else _before(project, after.partition("@")[0], now)
    if then.prompt is not None and now.prompt is not None:
        return differences(then.prompt, now.prompt)
    return bare_differences(then.text, now.text, names=(before or then.told, after))


def _before(project: Project, prompt: str, now: Found) -> Found:
    history = history_of(project, prompt)
    hashes = [one.sha256 for one in history.revisions]
    older = history.revisions[hashes.index(now.sha256) + 1 :] if now.sha256 in hashes else history.revisions
    for one in older:
        if one.text is not None and one.sha256 != now.sha256:
            return of_revision(one)
    raise NotFound(f"nothing is known from before {prompt}@{now.version}", hint="; ".join(history.notes))


def of_revision(one: Revision, *, place: Place = Place.GIT) -> Found:
    """A text that a commit has, or that lies somewhere else."""
    return Found(
        text=one.text or "",
        sha256=one.sha256,
        version=one.version,
        place=place,
        where=one.path,
        prompt=one.prompt,
        commit=one.commit,
    )


def _everywhere(project: Project, sha256: str) -> Iterator[Found]:
    """The quickest place first."""
    for prompt in (*every_current(project), *beside(project)):
        yield _standing(project, prompt)
    for name in shipped():
        yield of_revision(of_prompt(load_library(name)), place=Place.SHIPPED)
    for prompt in archived(project, sha256=sha256):
        yield of_revision(of_prompt(prompt), place=Place.ARCHIVE)
    yield from _committed(project)


def _committed(project: Project) -> Iterator[Found]:
    """Of the files in use, through their renames and their parts, then of all that ever lay in the folder, on any
    branch."""
    for name in project.prompts.ids():
        if project.prompts.path(name):
            revisions = history_of(project, name).revisions
            yield from (of_revision(one) for one in revisions if one.commit and one.text is not None)
    folder = project.prompts.folder
    if folder is None or not folder.is_dir():
        return
    git = FileHistory(folder=folder)
    if not git.missing():
        texts = [file for file in git.all(["."]) if file.text is not None and file.path.endswith(".md")]
        yield from (of_revision(revision(file, prompt_at(git))) for file in texts)


def _standing(project: Project, prompt: Prompt) -> Found:
    """A prompt in use: a file of the project, or the shipped one."""
    own = prompt.where != f"library/{prompt.id}.md"
    return of_revision(of_prompt(prompt), place=Place.FILE if own else Place.SHIPPED)


def _names(one: Revision, wanted: str) -> bool:
    """Whether a version's number, a commit or a hash means this revision."""
    if one.version == wanted:
        return True
    hashes = (one.sha256, one.commit.hash if one.commit else "")
    return is_hash(wanted) and any(hash_.startswith(wanted) for hash_ in hashes)


def _unknown(history: History, version: str) -> NotFound:
    known = ", ".join(history.known)
    edge = "".join(f"; {note}" for note in history.notes)
    return NotFound(
        f"nobody knows {history.id}@{version}{edge}", hint=f"known here: {known}; a commit or a hash will do, too"
    )


def used_by_trace(trace: Mapping[str, Any]) -> dict[str, Any]:
    """Id, version and hash of the prompt that a trace was answered with, and the rendered text where it is kept.

    Raises NotFound where no prompt was sent: a refusal, a quotation, an answer from the cache without one.
    """
    used = trace.get("prompt") or (trace.get("answer") or {}).get("prompt")
    if not used:
        raise NotFound(
            f"no prompt was sent for {trace.get('id', 'it')}: its outcome is {trace.get('outcome', 'unknown')}",
            hint="`answerable trace show` tells how it was answered",
        )
    return dict(used)


async def used_by_answer(journal: Journal, *, tenant: str, answer: str, principal: Principal) -> dict[str, Any]:
    """The same by the answer's id, for someone who may see it. Raises NotFound."""
    record = await journal.answer(tenant=tenant, answer_id=answer, principal=principal)
    trace = await journal.trace(tenant=tenant, reference=str(record["trace"]))
    return used_by_trace({**trace, "answer": record})
