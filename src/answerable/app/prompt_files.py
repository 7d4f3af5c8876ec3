"""Which file each prompt of a project is in: the configured one, the folder's, or the shipped one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
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
    """All that may be used, by id; a file that is no prompt is left out."""
    return tuple(_loaded(partial(current, project, name) for name in project.prompts.ids()))


def in_use(project: Project, answering: Prompt) -> tuple[Prompt, ...]:
    """The prompt that answers, and those whose routes a model serves."""
    routes = {route.use for route in project.settings.route} - {answering.route}
    served = [one for one in every_current(project) if one.route in routes] if routes else []
    return (answering, *(one for one in served if one.id != answering.id))


def beside(project: Project) -> tuple[Prompt, ...]:
    """The versions that stand beside the current ones, as ID@VERSION.md."""
    folder = project.prompts.folder
    return tuple(_loaded(partial(load, file) for file in sorted(folder.glob("*@*.md")))) if folder else ()


def _loaded(loads: Iterable[Callable[[], Prompt]]) -> Iterator[Prompt]:
    for one in loads:
        with suppress(ConfigError):
            yield one()


def _configured(project: Project) -> Mapping[str, Path]:
    settings = project.settings
    reranker = settings.reranker.get(settings.retrieval.reranker)
    named = {"answer": settings.answer.prompt, "rerank": reranker.prompt if reranker else None}
    return {name: project.path(path) for name, path in named.items() if path}
