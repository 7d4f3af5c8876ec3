"""Lint of a project: its prompts, the shipped ones it uses, and what its configuration does to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.guards.secrets import secrets
from answerable.prompts.lint.finding import Finding, Suppressed
from answerable.prompts.lint.known import Known
from answerable.prompts.lint.linter import Linted, lint_text


def lint_prompts(
    project: Project, names: Sequence[str] = (), *, ignore: Mapping[str, str] | None = None
) -> Linted:
    """Of all prompts of the project, or of those named: ids, `id@version`, files and folders.

    `ignore` puts rules aside, each with its reason. Raises ConfigError for a name that is nothing.
    """
    findings: list[Finding] = []
    put_aside: list[Suppressed] = []
    texts = _texts(project, names)
    for where, text in texts.items():
        one = lint_text(text, where=where, known=_known(project), ignore=ignore)
        findings += one.findings
        put_aside += one.suppressed
    return Linted(findings=tuple(findings), suppressed=tuple(put_aside), files=tuple(texts))


def _texts(project: Project, names: Sequence[str]) -> Mapping[str, str]:
    """By the name that findings have."""
    prompts = project.prompts
    found: dict[str, str] = {}
    for name in names or prompts.ids():
        path = Path(name)
        if names and path.is_dir():
            files = sorted(one for one in path.glob("*.md") if one.name != "README.md")
        elif names and path.is_file():
            files = [path]
        elif (own := prompts.path(name)) is not None:
            files = [own]
        else:
            prompt = prompts.get(name)
            found[prompt.where] = prompt.source
            continue
        found |= {_shown(project, one): _read(one) for one in files}
    return found


def _shown(project: Project, path: Path) -> str:
    """Relative to the project, where it is in it."""
    whole = path.resolve()
    return str(whole.relative_to(project.base)) if whole.is_relative_to(project.base) else str(path)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the prompt file {path} cannot be read: {error}", hint="check the path") from error


def _known(project: Project) -> Known:
    return Known(
        secrets=lambda text: [(one.start, one.end, one.rule) for one in secrets(text)],
        temperature=project.settings.answer.temperature,
    )
