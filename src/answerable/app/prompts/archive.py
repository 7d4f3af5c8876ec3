"""The texts that this project's processes have used, kept in its state folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from answerable.app.project import Project
from answerable.app.prompts.files import beside, in_use
from answerable.core.errors import ConfigError
from answerable.prompts.archive import Archive
from answerable.prompts.file import parse
from answerable.prompts.prompt import Prompt
from answerable.prompts.standing import Standing


def archive(project: Project) -> Archive:
    """Of the project; the folder is made with the first text."""
    return Archive(folder=project.state / "prompts")


def keep_used(project: Project, answering: Prompt) -> int:
    """Keep every prompt that a process of this project uses, `answering` among them. How many are new."""
    return archive(project).keep([*in_use(project, answering), *beside(project)])


def keep_standing(project: Project, standing: Standing) -> int:
    """Keep what rollouts give to people now. How many are new."""
    served = [text for one in standing.served.values() for text in (one.stable, one.candidate) if text is not None]
    return archive(project).keep([*served, *standing.ended.values()])


def archived(project: Project, prompt: str = "", sha256: str = "") -> Iterator[Prompt]:
    """What is kept of a prompt, or under hashes that begin so; used last first. What is not what its hash says is
    left out."""
    kept = archive(project)
    for name in kept.hashes():
        text = kept.get(name) if name.startswith(sha256) else None
        if text is None or not _is(text, prompt):
            continue
        with suppress(ConfigError):
            found = parse(text, where=str(kept.folder / f"{name}.md"))
            if found.sha256 == name:
                yield found


def _is(text: str, prompt: str) -> bool:
    """A look at the front matter, before the file is parsed."""
    return not prompt or re.search(rf"(?m)^id:[ \t]*[\"']?{re.escape(prompt)}[\"']?[ \t]*$", text) is not None
