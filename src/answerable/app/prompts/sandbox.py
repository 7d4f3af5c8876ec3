"""A prompt being written: looked at, and handed over as a branch. No file of the project changes."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from answerable.adapters.git import Repository, write_files
from answerable.app.project import Project
from answerable.app.prompts.linting import lint_draft
from answerable.core.errors import ConfigError, NotFound
from answerable.prompts.difference import Size, bare_differences, size_of
from answerable.prompts.file import parse
from answerable.prompts.include import reader
from answerable.prompts.prompt import Prompt
from answerable.text.tokens import token_count

MAX_CHARS = 64_000  # of a draft: twenty times the shipped answer prompt
_MINOR = re.compile(r"(\d+)\.(\d+)\.\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody has written of a prompt, and the one that is served."""

    now: Prompt
    text: str
    prompt: Prompt | None  # None: it is no prompt yet
    fault: str  # why

    @property
    def problems(self) -> tuple[str, ...]:
        """What stands against handing it over."""
        if self.prompt is None:
            return (self.fault,)
        found = []
        if self.prompt.id != self.now.id:
            found.append(f"its id is {self.prompt.id}, and this is {self.now.id}")
        if self.prompt.sha256 == self.now.sha256:
            found.append("nothing is changed")
        elif _numbers(self.prompt.version) <= _numbers(self.now.version):
            found.append(f"version {self.prompt.version} is not above {self.now.version}")
        elif self.prompt.change.strip() in ("", self.now.change.strip()):
            found.append("`change` does not say what is new")
        return tuple(found)


def draft_of(project: Project, prompt_id: str, text: str) -> Draft:
    """Reads what was written. Raises NotFound for a prompt that is not there, ConfigError for a text too long."""
    if prompt_id not in project.prompts.ids():
        raise NotFound(f"no prompt is called {prompt_id!r}")
    if len(text) > MAX_CHARS:
        raise ConfigError(f"a prompt has at most {MAX_CHARS} characters, this has {len(text)}")
    now = project.prompts.get(prompt_id)
    try:
        prompt = parse(text, where=_place(project, prompt_id), read=reader(project.base / "prompts"))
    except ConfigError as error:
        return Draft(now=now, text=text, prompt=None, fault=str(error))
    return Draft(now=now, text=text, prompt=prompt, fault="")


def looked_at(project: Project, prompt_id: str, text: str) -> dict[str, Any]:
    """Lint, size and difference of a draft, as JSON-able values."""
    draft = draft_of(project, prompt_id, text)
    size = size_of(draft.prompt) if draft.prompt else Size(system=token_count(text), user=0, fixed=0)
    was = size_of(draft.now)
    lines = bare_differences(draft.now.source, text, names=(draft.now.ref, "draft")).lines
    return {
        "problems": list(draft.problems),
        "lint": [one.plain() for one in lint_draft(project, text, where=_place(project, prompt_id)).findings],
        "tokens": [was.whole, size.whole],
        "fixed": [was.fixed, size.fixed],
        "lines": list(lines),
        "version": draft.prompt.version if draft.prompt else "",
        "next": next_version(draft.now.version),
    }


def next_version(version: str) -> str:
    """The next minor one."""
    match = _MINOR.fullmatch(version)
    return f"{match[1]}.{int(match[2]) + 1}.0" if match else version


async def handed_over(project: Project, draft: Draft, *, by: str, note: str, report: str) -> dict[str, Any]:
    """The draft as a branch, its report in the message; without a repository, as files of the project's state.

    Raises ConfigError for a draft that is no new version, and where git refuses.
    """
    if draft.prompt is None or draft.problems:
        raise ConfigError("; ".join(draft.problems))
    return await asyncio.to_thread(_written, project, draft.prompt, draft.text, by, note, report)


def _written(project: Project, prompt: Prompt, text: str, by: str, note: str, report: str) -> dict[str, Any]:
    message = f"{prompt.ref}: {prompt.change}\n\nProposed by {by}." + (f"\n\n{note}" if note else "")
    message += f"\n\n{report}" if report else "\n\nIt was not run on the suite."
    place = _place(project, prompt.id)
    repository = Repository.around(project.base)
    if repository is None:
        folder = project.state / "proposals" / f"{prompt.id}-{prompt.version}"
        write_files(folder, {place: text, "MESSAGE.md": message})
        return {"branch": "", "commit": "", "folder": str(folder), "merge": f"cp {folder / place} {place}"}
    branch = f"prompt/{prompt.id}-{prompt.version}"
    made = repository.commit(branch, {place: text}, message=message)
    return {"branch": made.branch, "commit": made.commit, "folder": "", "merge": f"git merge {made.branch}"}


def _place(project: Project, prompt_id: str) -> str:
    """Its file from the project's folder: the one that is in use, or the one that would be."""
    file = project.prompts.path(prompt_id)
    if file is not None and file.resolve().is_relative_to(project.base.resolve()):
        return str(file.resolve().relative_to(project.base.resolve()))
    return str(Path("prompts") / f"{prompt_id}.md")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(one) for one in version.split("."))
