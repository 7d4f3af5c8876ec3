"""The guards as a project has them: for everybody, and for each tenant that has its own."""

from __future__ import annotations

from pathlib import Path

from answerable.answer.guarding import Guards
from answerable.app.guards_outside import OUTSIDE, Outside, outside_guards
from answerable.app.project import Project
from answerable.config.guards import TenantGuards
from answerable.core.errors import ConfigError
from answerable.core.ports import Guard
from answerable.guards.brand import BrandPattern
from answerable.guards.brand_file import read_brand
from answerable.guards.chain import GuardSettings, default_guards
from answerable.guards.scope_file import ScopeBook, read_scope, without_comments

BRAND_FOLDER = "guards"


def make_guards(project: Project, outside: Outside | None = None) -> Guards:
    """All guards, on from the first question; those that ask somebody where there is somebody to ask.

    Raises ConfigError for a pattern or a line of scope.md that cannot be compiled, with file and line.
    """
    section, book, scope = project.settings.guard, scope_book(project), scope_text(project)

    def members(of: TenantGuards) -> tuple[Guard, ...]:
        asking = outside_guards(project, of, outside or Outside(), scope=scope)
        return default_guards(guard_settings(project, of, book), asking)

    return Guards(
        members=members(section.of("")),
        tenants={name: members(section.of(name)) for name in section.tenants},
        outside=OUTSIDE,
    )


def guard_settings(project: Project, of: TenantGuards, book: ScopeBook) -> GuardSettings:
    """What the guards of a tenant are told by the configuration and its files."""
    contact = project.settings.project.contact.removeprefix("mailto:")
    return GuardSettings(
        size=project.settings.limits.input_chars,
        injection=of.input.injection,
        safety=of.input.safety,
        safety_answer=of.output.safety,
        scope=of.input.scope,
        scope_families=of.input.scope_families,
        scope_book=book,
        pii_question=of.input.pii,
        pii_answer=of.output.pii,
        pii_keep=(contact,) if contact else (),
        links_allow=of.output.links,
        leak=of.output.leak,
        brand=brand_patterns(project, of.output.patterns),
        verbatim=of.output.verbatim,
        verbatim_words=of.output.verbatim_words,
        off=of.reasons,
    )


def scope_text(project: Project) -> str:
    """What the assistant is for, as its file says it but for comments; empty without one. Raises ConfigError."""
    path = _scope_path(project)
    if project.settings.answer.scope and not path.is_file():
        raise ConfigError(f"answer.scope names {path}, which is not there")
    return without_comments(path.read_text(encoding="utf-8")).strip() if path.is_file() else ""


def scope_book(project: Project) -> ScopeBook:
    """The same, compiled. Raises ConfigError with file and line."""
    named = project.settings.project
    languages = tuple(dict.fromkeys((named.default_language, *named.languages)))
    return read_scope(scope_text(project), file=_scope_path(project).name, languages=languages)


def brand_patterns(project: Project, named: tuple[str, ...]) -> tuple[BrandPattern, ...]:
    """Of the files that are named, or of guards/*.yaml where none is. Raises ConfigError with file and line."""
    found = [pattern for path in brand_files(project, named) for pattern in read_brand(path)]
    seen: set[str] = set()
    for one in found:
        if one.id in seen:
            raise ConfigError(f"two patterns are called {one.id!r}", hint="rename one of them")
        seen.add(one.id)
    return tuple(found)


def brand_files(project: Project, named: tuple[str, ...]) -> list[Path]:
    """Where they are."""
    return [project.path(one) for one in named] or sorted(project.path(BRAND_FOLDER).glob("*.yaml"))


def _scope_path(project: Project) -> Path:
    return project.path(project.settings.answer.scope or "scope.md")
