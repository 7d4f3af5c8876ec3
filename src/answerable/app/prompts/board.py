"""The prompts of a project as their pages show them: what is served, how it came to be, what lint says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from answerable.app.project import Project
from answerable.app.prompts.history import compared, exact_text, text_of
from answerable.app.prompts.linting import lint_prompts
from answerable.app.prompts.matrix import last_matrix
from answerable.app.prompts.past import History, history_of
from answerable.core.commit import Commit
from answerable.core.errors import ConfigError, NotFound
from answerable.prompts.difference import Changed
from answerable.prompts.history import Version
from answerable.prompts.lint.finding import Finding
from answerable.prompts.prompt import FAILURES, Prompt


def board(project: Project) -> dict[str, Any]:
    """Every prompt, a row each; a file that cannot be read is a row that says why."""
    return {"prompts": [_row(project, name) for name in project.prompts.ids()]}


def prompt_page(project: Project, name: str, *, base: str = "", head: str = "") -> dict[str, Any]:
    """One prompt: its versions newest first, its contract, lint, and what differs between two of its versions.

    Without `base` and `head` the newest version is told from the one before it. Raises NotFound.
    """
    _known(project, name)
    history = history_of(project, name)
    now = project.prompts.get(name)
    return {
        **_told(now),
        "state": _state(history),
        "notes": list(history.notes),
        "versions": [_version(one) for one in history.versions],
        "known": list(history.known),
        "contract": {one: now.handles.get(one, "") for one in FAILURES},
        "inputs": _inputs(now),
        "lint": [one.plain() for one in _findings(project, name)],
        "difference": _difference(project, name, history, base, head),
    }


def prompt_text(project: Project, reference: str) -> dict[str, Any]:
    """The exact text of a hash, or of `id@version`, and where it was found. Raises ConfigError and NotFound."""
    found = text_of(project, reference) if "@" in reference else exact_text(project, reference)
    return {
        "sha256": found.sha256,
        "version": found.version,
        "found": found.told,
        "place": found.place.value,
        "text": found.text,
        **({} if found.prompt is None else _told(found.prompt)),
        "contract": dict(found.prompt.handles) if found.prompt else {},
        "inputs": _inputs(found.prompt) if found.prompt else [],
    }


def _row(project: Project, name: str) -> dict[str, Any]:
    try:
        history, now = history_of(project, name), project.prompts.get(name)
    except ConfigError as error:
        return {"id": name, "fault": str(error)}
    newest = next((one.commit for one in history.revisions if one.commit), None)
    levels = Counter(one.level.value for one in _findings(project, name))
    return {
        **_told(now),
        "fault": "",
        "state": _state(history),
        "versions": len(history.known),
        "changed": _commit(newest),
        "errors": levels["error"],
        "warnings": levels["warning"],
        "matrix": last_matrix(project, now.ref, now.sha256),
    }


def _told(prompt: Prompt) -> dict[str, Any]:
    return {
        "id": prompt.id,
        "version": prompt.version,
        "ref": prompt.ref,
        "sha256": prompt.sha256,
        "owner": prompt.owner,
        "purpose": prompt.purpose,
        "route": prompt.route,
        "change": prompt.change,
        "file": prompt.where,
    }


def _inputs(prompt: Prompt) -> list[dict[str, str]]:
    return [{"name": one.name, "trust": one.trust.value} for one in prompt.inputs]


def _known(project: Project, name: str) -> None:
    if name not in project.prompts.ids():
        raise NotFound(f"no prompt is called {name!r}")


def _state(history: History) -> str:
    return "shipped" if history.state is None else history.state.value


def _findings(project: Project, name: str) -> tuple[Finding, ...]:
    return lint_prompts(project, (name,)).findings


def _version(one: Version) -> dict[str, Any]:
    return {
        "version": one.version,
        "sha256": one.last.sha256,
        "change": one.last.change,
        "begun": _commit(one.first.commit),
        "commits": sum(each.commit is not None for each in one.revisions),
        "notes": sorted({note for each in one.revisions for note in each.notes}),
    }


def _commit(commit: Commit | None) -> Mapping[str, Any] | None:
    if commit is None:
        return None
    return {"hash": commit.hash, "short": commit.short, "author": commit.author, "at": commit.at}


def _difference(project: Project, name: str, history: History, base: str, head: str) -> dict[str, Any] | None:
    """None where there is nothing to compare with."""
    known = history.known
    head = head or (known[0] if known else "")
    base = base or next((one for one in known if one != head), "")
    if not (base and head):
        return None
    made = compared(project, f"{name}@{base}", f"{name}@{head}")
    return {
        "base": base,
        "head": head,
        "changed": [_changed(one) for one in (*made.fields, *made.inputs, *made.contract, *made.includes)],
        "tokens": [one.whole for one in made.sizes or ()],
        "fixed": [one.fixed for one in made.sizes or ()],
        "lines": list(made.lines),
    }


def _changed(one: Changed) -> dict[str, str]:
    return {"name": one.name, "before": one.before, "after": one.after}
