"""Which file each prompt of a project is in: the configured one, the folder's, or the shipped one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.prompts.file import load
from answerable.prompts.prompt import Prompt


def own_file(project: Project, prompt: str) -> Path | None:
    """The project's own file of a prompt; None where the shipped one is used."""
    return _configured(project).get(prompt) or project.prompts.path(prompt)


def current(project: Project, prompt: str) -> Prompt:
    """The prompt as it is used now. Raises ConfigError where there is none, and for a file that is none."""
    file = own_file(project, prompt)
    return load(file) if file else project.prompts.get(prompt)


def every_current(project: Project) -> tuple[Prompt, ...]:
    """All that may be used, those that stand beside another version too; a file that is no prompt is left out."""
    return tuple(_every(project))


def _every(project: Project) -> Iterator[Prompt]:
    for name in project.prompts.ids():
        with suppress(ConfigError):
            yield current(project, name)
    for file in sorted(folder.glob("*@*.md")) if (folder := project.prompts.folder) else ():
        with suppress(ConfigError):
            yield load(file)


def _configured(project: Project) -> Mapping[str, Path]:
    settings = project.settings
    reranker = settings.reranker.get(settings.retrieval.reranker)
    named = {"answer": settings.answer.prompt, "rerank": reranker.prompt if reranker else None}
    return {name: project.path(path) for name, path in named.items() if path}
