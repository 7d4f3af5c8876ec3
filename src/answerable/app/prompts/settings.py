"""What a configuration does to prompts: heat, names of models, its own judge, a language nobody chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from answerable.app.linting import lint as lint_config
from answerable.app.project import Project
from answerable.config.places import line_of
from answerable.prompts.lint.contents import MAX_TEMPERATURE
from answerable.prompts.lint.finding import Finding, Suppressed
from answerable.prompts.lint.linter import Linted
from answerable.prompts.lint.rule import rules

_SAME = {"floating_model": "floating-model", "own_judge": "own-judge"}  # as `config check` has them


def lint_settings(project: Project, *, ignore: Mapping[str, str] | None = None) -> Linted:
    """Of the configuration file; nothing where all is default. `ignore` puts rules aside, each with its reason."""
    if project.config is None:
        return Linted()
    text = project.config.read_text(encoding="utf-8")
    found = [*_answers(project, text), *_models(project, text)]
    reasons = ignore or {}
    return Linted(
        findings=tuple(one for one in found if one.rule not in reasons),
        suppressed=tuple(
            Suppressed(finding=one, reason=reasons[one.rule]) for one in found if one.rule in reasons
        ),
        files=(project.config.name,),
    )


def _answers(project: Project, text: str) -> Iterator[Finding]:
    answer, name = project.settings.answer, project.config.name if project.config else ""
    if answer.temperature > MAX_TEMPERATURE:
        what = f"answer.temperature is {answer.temperature:g}, over {MAX_TEMPERATURE}"
        yield _finding("hot-temperature", what, name, text, line_of(text, "answer", "temperature"))
    kind, _, fixed = answer.language.partition(":")
    if answer.language != "user" and not (kind == "fixed" and fixed):
        what = f"answer.language is {answer.language!r}: neither user nor fixed:CODE"
        yield _finding("no-language-policy", what, name, text, line_of(text, "answer", "language"))
    elif "language" not in answer.model_fields_set:
        yield _finding("implicit-language", "", name, text, line_of(text, "answer"))


def _models(project: Project, text: str) -> Iterator[Finding]:
    for one in lint_config(project):
        if one.code in _SAME:
            file, _, line = one.place.partition(":")
            yield _finding(_SAME[one.code], f"{one.key}: {one.detail}", file, text, int(line or 1), fix=one.fix)


def _finding(rule: str, what: str, file: str, text: str, line: int | None, *, fix: str = "") -> Finding:
    told = rules()[rule]
    lines = text.splitlines()
    shown = lines[line - 1] if line and line <= len(lines) else ""
    return Finding(
        rule=rule, level=told.level, file=file, line=line or 1, column=1, what=what or told.title, why=told.why,
        fix=fix or told.fix, text=shown, width=max(1, len(shown)),
    )  # fmt: skip
