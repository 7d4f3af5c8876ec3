"""A prompt's past: what each commit made of its file, and the versions that these are."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from answerable.core.commit import Commit, FileAt
from answerable.core.errors import ConfigError
from answerable.core.identity import sha256_hex
from answerable.prompts.prompt import Prompt

Read = Callable[[FileAt], Prompt]
"""The prompt that a file at a commit is. Raises ConfigError where it is none."""

_FIELD = r"(?m)^{}:[ \t]*(.+?)[ \t]*$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A prompt's file as a commit left it. `commit` None: not committed, shipped, or from the archive."""

    version: str  # empty: the text does not say
    sha256: str  # of the file and what it includes; empty: taken away
    change: str  # the file's own note of what is new
    path: str  # from the repository's root
    text: str | None  # with what it includes; None: taken away, or not UTF-8
    commit: Commit | None = None
    prompt: Prompt | None = None  # None: no valid prompt file by today's rules
    begins: bool = True  # this is where the version begins
    notes: tuple[str, ...] = ()  # what a reader should know of it, each a few words


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version with its revisions, newest first: one text, as a rule."""

    revisions: tuple[Revision, ...]

    @property
    def version(self) -> str:
        """Its number."""
        return self.revisions[0].version

    @property
    def first(self) -> Revision:
        """Where it begins, and so its author, date and change note."""
        return self.revisions[-1]

    @property
    def last(self) -> Revision:
        """As it is now, or was when the next one came."""
        return self.revisions[0]

    @property
    def sha256s(self) -> tuple[str, ...]:
        """Of its texts, newest first; more than one where the text changed and the number did not."""
        return tuple(dict.fromkeys(one.sha256 for one in self.revisions if one.sha256))


def revision(file: FileAt, read: Read) -> Revision:
    """What a file at a commit is, also where it is no valid prompt by today's rules."""
    if file.text is None:
        return Revision(
            version="",
            sha256="",
            change="",
            path=file.path,
            text=None,
            commit=file.commit,
            notes=("taken away, or not to be read",),
        )
    try:
        prompt = read(file)
    except ConfigError as error:
        return unread(file.text, path=file.path, why=str(error), commit=file.commit)
    return of_prompt(prompt, path=file.path, commit=file.commit)


def of_prompt(prompt: Prompt, *, path: str = "", commit: Commit | None = None) -> Revision:
    """A text that is a prompt. Without a path it is where the prompt was read from."""
    return Revision(
        version=prompt.version,
        sha256=prompt.sha256,
        change=prompt.change,
        path=path or prompt.where,
        text=prompt.text,
        commit=commit,
        prompt=prompt,
    )


def chained(revisions: Sequence[Revision], *, told: Sequence[str] = ()) -> tuple[Revision, ...]:
    """Newest first: each told from the one before it. `told`: what else is known of each, or nothing."""
    found = []
    for at, one in enumerate(revisions):
        before = revisions[at + 1] if at + 1 < len(revisions) else None
        begins = before is None or before.version != one.version
        known = told[at : at + 1] if at < len(told) and told[at] else ()
        found.append(replace(one, begins=begins, notes=(*one.notes, *known, *_notes(one, before, begins))))
    return tuple(found)


def versions(revisions: Sequence[Revision]) -> tuple[Version, ...]:
    """Newest first. A version that came back is there twice; what has no version is no version."""
    groups = groupby(revisions, key=lambda one: one.version)
    return tuple(Version(revisions=tuple(group)) for version, group in groups if version)


def _notes(one: Revision, before: Revision | None, begins: bool) -> tuple[str, ...]:
    silent = not begins and before is not None and before.sha256 != one.sha256 and one.text is not None
    edge = one.commit is not None and one.commit.edge
    return (
        *(("another text under the same version",) if silent else ()),
        *(("the clone begins here: the version may be older, and another's",) if edge else ()),
    )


def unread(text: str, *, path: str, why: str, commit: Commit | None = None) -> Revision:
    """What a text says of itself that cannot be read as a prompt."""
    return Revision(
        version=_field(text, "version"),
        sha256=sha256_hex(text.replace("\r\n", "\n")),
        change=_field(text, "change"),
        path=path,
        text=text,
        commit=commit,
        notes=(f"no valid prompt file: {why}",),
    )


def _field(text: str, name: str) -> str:
    found = re.search(_FIELD.format(name), text)
    return found[1].strip("\"'") if found else ""
