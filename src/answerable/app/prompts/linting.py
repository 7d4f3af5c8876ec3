"""Lint of a project: its prompts, the shipped ones that it uses, and what its configuration does to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from answerable.adapters.checkout import Checkout
from answerable.adapters.git_program import Git
from answerable.app.behavior.cases import cases_for
from answerable.app.project import Project
from answerable.app.prompts.settings import lint_settings
from answerable.core.errors import ConfigError
from answerable.evals.behavior.coverage import failures_covered
from answerable.guards.secrets import secrets
from answerable.prompts.include import reader, shipped_part
from answerable.prompts.lint.draft import Draft
from answerable.prompts.lint.finding import Finding, Suppressed
from answerable.prompts.lint.known import Known
from answerable.prompts.lint.linter import Linted, lint_text


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A prompt to be linted. `path` is None for a shipped one."""

    where: str
    text: str
    path: Path | None = None


def lint_prompts(
    project: Project,
    names: Sequence[str] = (),
    *,
    rules: Sequence[str] = (),
    ignore: Mapping[str, str] | None = None,
    base: str = "",
) -> Linted:
    """Of all prompts of the project and of its configuration; or of those named: ids, ID@VERSION, files, folders.

    `rules` leaves only these; `ignore` puts rules aside, each with a reason; `base` is the commit that versions
    are compared with, where the branch left main if empty. Raises ConfigError for a name that is nothing.
    """
    before = _Before(project.base, base)
    one_by_one = [
        lint_text(one.text, where=one.where, known=_known(project, one, before), ignore=ignore)
        for one in _texts(project, names)
    ]
    if not names:
        one_by_one.append(lint_settings(project, ignore=ignore))
    return _joined(one_by_one, rules)


def lint_draft(project: Project, text: str, *, where: str) -> Linted:
    """Of a text that is not a file yet, such as a proposal: as it would be in that file of the project."""
    known = _known(project, _Text(where=where, text=text, path=project.base / where), _Before(project.base, ""))
    return lint_text(text, where=where, known=known)


def _joined(many: Sequence[Linted], rules: Sequence[str]) -> Linted:
    findings: list[Finding] = []
    aside: list[Suppressed] = []
    for one in many:
        findings += [finding for finding in one.findings if not rules or finding.rule in rules]
        aside += [other for other in one.suppressed if not rules or other.finding.rule in rules]
    return Linted(
        findings=tuple(findings), suppressed=tuple(aside), files=tuple(file for one in many for file in one.files)
    )


def _texts(project: Project, names: Sequence[str]) -> Iterator[_Text]:
    seen: set[str] = set()
    for name in names or _all(project):
        for one in _named(project, name):
            if one.where not in seen:
                seen.add(one.where)
                yield one


def _all(project: Project) -> list[str]:
    """Every prompt that is served or could be, and versions that stand beside another one."""
    folder = project.base / "prompts"
    return [*project.prompts.ids(), *sorted(path.stem for path in folder.glob("*@*.md"))]


def _named(project: Project, name: str) -> Iterator[_Text]:
    path, own = Path(name), project.prompts.path(name)
    if own is not None:
        yield _read(project, own)
    elif path.is_dir():
        for one in sorted(path.glob("*.md")):
            if one.name != "README.md":
                yield _read(project, one)
    elif path.is_file():
        yield _read(project, path)
    elif path.suffix in (".md", ".txt") or path.is_absolute():
        raise ConfigError(f"there is no file {name}", hint="a file's path from here, or a prompt's id")
    else:
        prompt = project.prompts.get(name)
        yield _Text(where=prompt.where, text=prompt.source)


def _read(project: Project, path: Path) -> _Text:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the prompt file {path} cannot be read: {error}", hint="check the path") from error
    whole = path.resolve()
    inside = whole.is_relative_to(project.base)
    return _Text(where=str(whole.relative_to(project.base)) if inside else str(path), text=text, path=whole)


def _known(project: Project, one: _Text, before: _Before) -> Known:
    if one.path is None:
        return Known(secrets=_credentials)
    path, name = one.path, Draft.read(one.text, where=one.where).value("id")
    return Known(
        secrets=_credentials,
        read=reader(path.parent),
        base=before.text(path),
        read_base=lambda part: before.text(path.parent / part) or shipped_part(part),
        covered=failures_covered(cases_for(project, name)) if name else None,
    )


def _credentials(text: str) -> list[tuple[int, int, str]]:
    return [(found.start, found.end, found.rule) for found in secrets(text)]


class _Before:
    """The commit that a change is compared with; git is asked when it is needed, and once."""

    def __init__(self, folder: Path, base: str) -> None:
        self._git = Git(folder=folder)
        self._base = base
        if base and self._git.asked("rev-parse", "--verify", "-q", f"{base}^{{commit}}") is None:
            raise ConfigError(f"git knows no commit {base!r}", hint="give a commit, a branch or a tag")

    def text(self, path: Path) -> str | None:
        """The file's text there; None where it was not there, or there is no git."""
        if not path.is_relative_to(self._git.folder):
            return None
        if not self._base:
            checkout = Checkout.find(self._git.folder)
            self._base = checkout.base() if checkout else "HEAD"
        relative = path.relative_to(self._git.folder).as_posix()
        return self._git.asked("show", f"{self._base}:./{relative}")
