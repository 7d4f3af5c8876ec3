"""The prompts of a project by what they are for: all current ones, those in use, and the versions beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial

from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.prompts.file import load
from answerable.prompts.prompt import Prompt


def every_current(project: Project) -> tuple[Prompt, ...]:
    """All that may be used, by id; a file that is no prompt is left out."""
    return tuple(_loaded(partial(project.prompts.get, name) for name in project.prompts.ids()))


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
