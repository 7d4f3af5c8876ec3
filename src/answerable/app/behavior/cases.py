"""The behavior cases of a project's prompts, and where results of them are kept."""

from __future__ import annotations

from pathlib import Path

from answerable.app.project import Project
from answerable.evals.behavior.case import BehaviorCase
from answerable.evals.behavior.files import cases_in


def cases_folder(project: Project) -> Path:
    """Where a project's own cases stand: ID.yaml, or ID/*.yaml."""
    return project.base / "prompts" / "tests"


def cases_for(project: Project, prompt_id: str) -> tuple[BehaviorCase, ...]:
    """A prompt's cases: the project's own, else those that ship with a shipped prompt, else none.

    Raises ConfigError naming file, line, key, cause and fix.
    """
    return cases_in(cases_folder(project), prompt_id)


def results_path(project: Project, ref: str) -> Path:
    """Where the last results of a prompt's version are kept, e.g. of `answer@1.0.0`."""
    return project.state / "prompt-tests" / f"{ref}.json"
